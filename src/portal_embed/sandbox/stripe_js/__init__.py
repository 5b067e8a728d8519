"""The browser's side of the sandbox: a stand-in for Stripe.js, its Payment Element, and the bank's 3-D Secure pages.

`host/` runs in the host's page and is served as one script; `frames/` are pages of the sandbox's own origin, which is
where card numbers are typed. `routes` are relative to a world's API base.
"""

from portal_embed.sandbox.stripe_js import files, paypal, three_d_secure

routes = [*files.routes, *three_d_secure.routes, *paypal.routes]

__all__ = ["routes"]
