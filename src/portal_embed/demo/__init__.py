"""A small believable host site, Tidewater, with the portal mounted at /billing. It runs on the sandbox alone.

    app = build(sandbox_api_base=sandbox.url, site_url="http://localhost:8000")

`billing.py` is what a host writes; the rest is the pretend SaaS around it.
"""

from portal_embed.demo.people import PEOPLE, Person, settle
from portal_embed.demo.site import build

__all__ = ["PEOPLE", "Person", "build", "settle"]
