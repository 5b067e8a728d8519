"""What the customer can do: one thin file per noun. `routes.py` is the whole site on one screen."""
