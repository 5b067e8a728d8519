"""The pages Stripe hosts for a customer: an invoice, its PDF, a receipt, a credit note's PDF, Checkout.

Whoever has a token may read its document, as with Stripe. `routes` are relative to a world's API base.
"""

from portal_embed.sandbox.hosted import checkout, pages

routes = [*pages.routes, *checkout.routes]

__all__ = ["routes"]
