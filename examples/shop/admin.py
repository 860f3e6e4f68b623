"""Administration: products, maintenance, plugins."""

import importlib
import os
import subprocess

from flask import Blueprint, abort, jsonify, request
from flask_login import login_required

from .store import get_db

bp = Blueprint("admin", __name__, url_prefix="/admin")
EXPORTERS = {"csv": "shop.exporters.csv", "pdf": "shop.exporters.pdf"}


@bp.route("/products", methods=["POST"])
@login_required
def add_product():
    """Add a product."""
    get_db().execute("INSERT INTO products (name) VALUES (?)", (request.form["name"],))
    return jsonify(ok=True)


@bp.route("/products/<int:number>", methods=["PUT"])
@login_required
def rename_product(number):
    """Rename a product."""
    get_db().execute("UPDATE products SET name = ? WHERE id = ?", (request.form["name"], number))
    return jsonify(ok=True)


@bp.route("/products/<int:number>", methods=["DELETE"])
def delete_product(number):
    """Delete a product."""
    get_db().execute("DELETE FROM products WHERE id = ?", (number,))
    return jsonify(ok=True)


@bp.route("/safe/products/<int:number>", methods=["DELETE"])
@login_required
def delete_product_safe(number):
    """Delete a product."""
    get_db().execute("DELETE FROM products WHERE id = ?", (number,))
    return jsonify(ok=True)


@bp.route("/ping")
@login_required
def ping():
    """Check whether a supplier's server answers."""
    host = request.args.get("host", "localhost")
    code = os.system("ping -c 1 " + host)
    return jsonify(reachable=code == 0)


@bp.route("/safe/ping")
@login_required
def ping_safe():
    """Check whether a supplier's server answers."""
    host = request.args.get("host", "localhost")
    result = subprocess.run(["ping", "-c", "1", "--", host], check=False, capture_output=True)
    return jsonify(reachable=result.returncode == 0)


@bp.route("/themes", methods=["POST"])
@login_required
def install_theme():
    """Install a theme from its repository."""
    subprocess.run(["git", "clone", request.form["repository"], "/srv/shop/theme"], check=True)
    return jsonify(ok=True)


@bp.route("/safe/themes", methods=["POST"])
@login_required
def install_theme_safe():
    """Install a theme from its repository."""
    subprocess.run(["git", "clone", "--", request.form["repository"], "/srv/shop/theme"], check=True)
    return jsonify(ok=True)


@bp.route("/export/<kind>")
@login_required
def export(kind):
    """Export all products with the exporter of this kind."""
    exporter = importlib.import_module(kind)
    return jsonify(exporter.export())


@bp.route("/safe/export/<kind>")
@login_required
def export_safe(kind):
    """Export all products with the exporter of this kind."""
    if kind not in EXPORTERS:
        abort(404)
    exporter = importlib.import_module(EXPORTERS[kind])
    return jsonify(exporter.export())
