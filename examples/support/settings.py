"""Django settings of the support desk."""

import os

SECRET_KEY = os.environ["SUPPORT_SECRET_KEY"]
DEBUG = True
ALLOWED_HOSTS = ["support.example.com"]

INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "support"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "support",
        "USER": "support",
        "PASSWORD": "",
    },
}
