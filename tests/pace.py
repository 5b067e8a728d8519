"""What lets a thousand tests in one process go faster than life, and changes nothing that they look at."""

from __future__ import annotations

import gc
import ssl
from functools import cache

import stripe

from portal_embed.billing.stripe import client


def hurry() -> None:
    """From now on, in this process; asked twice, still once."""
    # What tests build lives on in their worlds: looking for rubbish at every turn took a tenth of the time.
    gc.set_threshold(50_000, *gc.get_threshold()[1:])
    # Portals and clients by the thousand would each read the certificates of this machine.
    if not hasattr(ssl.create_default_context, "cache_info"):
        ssl.create_default_context = cache(ssl.create_default_context)
    # Where Stripe fails it is asked again as often as in life, but without the pauses between.
    stripe.HTTPClient.INITIAL_DELAY, stripe.HTTPClient.MAX_DELAY = 0.01, 0.02
    client.RATE_LIMIT_PAUSES = (0.01, 0.02)
