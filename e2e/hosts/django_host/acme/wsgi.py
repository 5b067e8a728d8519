"""Django under WSGI: `waitress-serve acme.wsgi:application`, and beside it `portal-embed serve acme.wsgi:portal`.

The proxy in front sends /billing to the second.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acme.settings")
application = get_wsgi_application()

from acme.billing import portal  # noqa: E402, F401  (Django must be set up first; `portal-embed serve` takes it from here)
