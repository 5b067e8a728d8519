"""Which Stripe customer a user is."""

from django.conf import settings
from django.db import models


class Customer(models.Model):
    """A user's customer at Stripe; `stripe_id` is "cus_…"."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    stripe_id = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.stripe_id
