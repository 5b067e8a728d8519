"""Settings of a small Django site, as `startproject` writes them, without the admin."""

import os
from importlib.util import find_spec

SECRET_KEY = os.environ["SESSION_SECRET"]
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "acme.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "acme"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE_FILE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "/", "/account", "/"

if find_spec("djstripe"):  # many a site that bills by Stripe has its objects in the database already
    INSTALLED_APPS.append("djstripe")
    DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
    STRIPE_TEST_SECRET_KEY = os.environ["STRIPE_SECRET_KEY"]
    STRIPE_LIVE_MODE = False
