"""A Django site with the portal: in it under ASGI (`asgi.py`), beside it under WSGI (`wsgi.py`)."""
