"""A small web shop: catalogue, cart, checkout, accounts, imports, reports."""

import os

from flask import Flask

from . import accounts, admin, cart, catalogue, checkout, imports, media, previews, reports


def create_app():
    """Create and configure the application."""
    app = Flask(__name__)
    app.config.from_pyfile("settings.py")
    app.register_blueprint(catalogue.bp)
    app.register_blueprint(cart.bp)
    app.register_blueprint(checkout.bp)
    app.register_blueprint(accounts.bp)
    app.register_blueprint(admin.bp)
    app.register_blueprint(imports.bp)
    app.register_blueprint(media.bp)
    app.register_blueprint(previews.bp)
    app.register_blueprint(reports.bp)
    return app


def serve():
    """Serve the shop on this machine."""
    create_app().run(host="127.0.0.1", port=5000, debug=True)


def serve_safe():
    """Serve the shop on this machine."""
    create_app().run(host="127.0.0.1", port=5000, debug=os.environ.get("SHOP_DEBUG") == "1")


if __name__ == "__main__":
    serve()
