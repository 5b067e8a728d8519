"""A pretend Stripe: enough of the API, Stripe.js and the hosted pages for a billing portal, in memory on 127.0.0.1.

with Sandbox() as sandbox:
world = sandbox.world("ada")
client = stripe.StripeClient("sk_test_ada", base_addresses={"api": world.api_base})
"""

from portal_embed.sandbox.handle import SandboxWorld
from portal_embed.sandbox.server import Sandbox, serve
from portal_embed.sandbox.truth import print_truth

__all__ = ["Sandbox", "SandboxWorld", "print_truth", "serve"]
