"""Catalogue: search, product pages, reviews."""

import re

from flask import Blueprint, Response, jsonify, render_template, render_template_string, request
from markupsafe import escape

from .store import ProductRepository, get_db

bp = Blueprint("catalogue", __name__)


@bp.route("/products")
def search():
    """Search products by name and category."""
    term = request.args.get("q", "")
    products = ProductRepository(get_db()).search(term, request.args.get("category"))
    return render_template("search.html", term=term, products=products)


@bp.route("/safe/products")
def search_safe():
    """Search products by name and category."""
    term = request.args.get("q", "")
    products = ProductRepository(get_db()).search_safe(term, request.args.get("category"))
    return render_template("search_safe.html", term=term, products=products)


@bp.route("/products/sorted")
def sorted_products():
    """List all products in the order the customer chose."""
    rows = ProductRepository(get_db()).sorted_by(request.args.get("sort", "name"))
    return jsonify([dict(row) for row in rows])


@bp.route("/safe/products/sorted")
def sorted_products_safe():
    """List all products in the order the customer chose."""
    rows = ProductRepository(get_db()).sorted_by_safe(request.args.get("sort", "name"))
    return jsonify([dict(row) for row in rows])


@bp.route("/products/not-found")
def not_found():
    """Tell the customer that nothing matched."""
    name = request.args.get("name", "")
    return Response("<p>No product named <b>" + name + "</b> was found.</p>", mimetype="text/html")


@bp.route("/safe/products/not-found")
def not_found_safe():
    """Tell the customer that nothing matched."""
    name = request.args.get("name", "")
    return Response(f"<p>No product named <b>{escape(name)}</b> was found.</p>", mimetype="text/html")


@bp.route("/greeting")
def greeting():
    """Show a greeting with the name of the visitor."""
    name = request.args.get("name", "guest")
    return render_template_string("<h1>Welcome, " + name + "!</h1>")


@bp.route("/safe/greeting")
def greeting_safe():
    """Show a greeting with the name of the visitor."""
    name = request.args.get("name", "guest")
    return render_template_string("<h1>Welcome, {{ name }}!</h1>", name=name)


@bp.route("/products/filter")
def filter_products():
    """Filter product names with a pattern."""
    pattern = request.args.get("pattern", "")
    rows = get_db().execute("SELECT name FROM products").fetchall()
    return jsonify([row["name"] for row in rows if re.search(pattern, row["name"])])


@bp.route("/safe/products/filter")
def filter_products_safe():
    """Filter product names with a text."""
    pattern = re.escape(request.args.get("pattern", ""))
    rows = get_db().execute("SELECT name FROM products").fetchall()
    return jsonify([row["name"] for row in rows if re.search(pattern, row["name"])])


@bp.route("/products/label")
def label():
    """Format a price label from the template that the customer sent."""
    template = request.args.get("template", "{name}: {price}")
    row = get_db().execute("SELECT name, price FROM products LIMIT 1").fetchone()
    return jsonify(label=template.format(name=row["name"], price=row["price"]))


LABELS = {"short": "{name}: {price}", "long": "{name} now costs {price} only"}


@bp.route("/safe/products/label")
def label_safe():
    """Format a price label from a template of ours."""
    template = LABELS.get(request.args.get("template"), LABELS["short"])
    row = get_db().execute("SELECT name, price FROM products LIMIT 1").fetchone()
    return jsonify(label=template.format(name=row["name"], price=row["price"]))
