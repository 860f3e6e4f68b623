"""Configuration of the shop."""

import os

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "")
DATABASE = os.environ.get("SHOP_DATABASE", "shop.db")
UPLOAD_FOLDER = "/srv/shop/uploads"
REPORT_FOLDER = "/srv/shop/reports"

# Payment provider
PAYMENT_URL = "https://payments.example.com/v1"
PAYMENT_API_KEY = "pk_9f8c1d7e64b24a0ab1c3d5e7f9012345"
PAYMENT_API_KEY_SAFE = os.environ.get("SHOP_PAYMENT_API_KEY")

# Session cookies
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = "Lax"
