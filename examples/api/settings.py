"""Configuration of the service."""

TRUSTED_ORIGINS = ["https://shop.example.com", "https://m.shop.example.com"]
