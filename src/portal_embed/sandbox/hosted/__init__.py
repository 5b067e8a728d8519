"""The pages Stripe hosts for a customer: an invoice, its PDF, a receipt, a credit note's PDF.

Whoever has a token may read its document, as with Stripe. `routes` are relative to a world's API base.
"""

from portal_embed.sandbox.hosted.pages import routes

__all__ = ["routes"]
