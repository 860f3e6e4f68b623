"""Django settings of the support desk in production."""

import os

SECRET_KEY = os.environ["SUPPORT_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["support.example.com"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

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
        "PASSWORD": os.environ["SUPPORT_PASSWORD"],
    },
}
