"""What the customer reads: pure functions from billing facts and a `Formatter` to frozen dataclasses of finished
words.

Templates choose *where*, never *how much* or *when*. The fields below are the contract for hosts that override a
template. Ids in view models are Stripe ids, used only to build links; every sum and date is already worded in the
customer's locale.
"""
