"""The one door to Stripe. Only this package imports the `stripe` SDK and knows Stripe's wire; what leaves it is ours."""
