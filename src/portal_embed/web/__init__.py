"""How it travels: addresses, forms, static files, and finished pages."""
