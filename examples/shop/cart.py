"""The shopping cart, kept in a cookie and in the session."""

import base64
import json
import pickle

from flask import Blueprint, jsonify, make_response, request, session

from .store import get_db

bp = Blueprint("cart", __name__)


@bp.route("/cart")
def show():
    """Load the cart from the cookie."""
    raw = request.cookies.get("cart")
    items = pickle.loads(base64.b64decode(raw)) if raw else []
    return jsonify(items=items)


@bp.route("/safe/cart")
def show_safe():
    """Load the cart from the cookie."""
    raw = request.cookies.get("cart")
    items = json.loads(base64.b64decode(raw)) if raw else []
    return jsonify(items=items)


@bp.route("/cart/currency/<currency>")
def choose_currency(currency):
    """Remember the currency of the customer."""
    response = make_response(jsonify(ok=True))
    response.set_cookie("currency", "EUR", secure=False, httponly=False)
    return response


@bp.route("/safe/cart/currency/<currency>")
def choose_currency_safe(currency):
    """Remember the currency of the customer."""
    response = make_response(jsonify(ok=True))
    response.set_cookie("currency", "EUR", secure=True, httponly=True, samesite="Lax")
    return response


@bp.route("/cart/discount", methods=["POST"])
def apply_discount():
    """Apply the discount of a voucher."""
    session["discount"] = request.form["discount"]
    return jsonify(ok=True)


@bp.route("/safe/cart/discount", methods=["POST"])
def apply_discount_safe():
    """Apply the discount of a voucher."""
    row = get_db().execute("SELECT percent FROM vouchers WHERE code = ?", (request.form["code"],)).fetchone()
    session["discount"] = int(row["percent"]) if row else 0
    return jsonify(ok=True)
