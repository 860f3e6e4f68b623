"""Accounts: registration, login, tokens, profile."""

import hashlib
import logging
import os
import random
import secrets
import string

import bcrypt
import jwt
import ldap
from flask import Blueprint, current_app, jsonify, request, session
from ldap.filter import escape_filter_chars

from .store import find_user, get_db

bp = Blueprint("accounts", __name__)
logger = logging.getLogger(__name__)


def hash_password(password):
    """Hash a password for storage."""
    return hashlib.sha256(password.encode()).hexdigest()


def hash_password_safe(password):
    """Hash a password for storage."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt())


def receipt_digest(receipt):
    """Return the digest that proves a receipt unchanged."""
    return hashlib.md5(receipt.encode()).hexdigest()


def receipt_digest_safe(receipt):
    """Return the digest that proves a receipt unchanged."""
    return hashlib.sha256(receipt.encode()).hexdigest()


def create_reset_token(length=32):
    """Create the token of a password reset link."""
    return "".join(random.choice(string.ascii_letters) for _ in range(length))


def create_reset_token_safe(length=32):
    """Create the token of a password reset link."""
    return "".join(secrets.choice(string.ascii_letters) for _ in range(length))


def read_token(token):
    """Return the claims of a session token."""
    return jwt.decode(token, options={"verify_signature": False})


def read_token_safe(token):
    """Return the claims of a session token."""
    return jwt.decode(token, os.environ["SHOP_TOKEN_KEY"], algorithms=["HS256"])


@bp.route("/login", methods=["POST"])
def login():
    """Log in and remember the user."""
    username = request.form["username"]
    password = request.form["password"]
    logger.debug("login attempt of user with password %s", password)
    user = find_user(username)
    if user is None or not bcrypt.checkpw(password.encode(), user["password"]):
        return jsonify(error="invalid credentials"), 401
    session["user_id"] = user["id"]
    return jsonify(ok=True)


@bp.route("/safe/login", methods=["POST"])
def login_safe():
    """Log in and remember the user."""
    username = request.form["username"]
    password = request.form["password"]
    user = find_user(username)
    if user is None or not bcrypt.checkpw(password.encode(), user["password"]):
        return jsonify(error="invalid credentials"), 401
    logger.info("login of user %d", user["id"])
    session["user_id"] = user["id"]
    return jsonify(ok=True)


@bp.route("/staff")
def staff():
    """Look up a member of staff in the directory."""
    directory = ldap.initialize("ldaps://directory.example.com")
    name = request.args["name"]
    found = directory.search_s("ou=staff,dc=example,dc=com", ldap.SCOPE_SUBTREE, f"(uid={name})")
    return jsonify(count=len(found))


@bp.route("/safe/staff")
def staff_safe():
    """Look up a member of staff in the directory."""
    directory = ldap.initialize("ldaps://directory.example.com")
    name = escape_filter_chars(request.args["name"])
    found = directory.search_s("ou=staff,dc=example,dc=com", ldap.SCOPE_SUBTREE, f"(uid={name})")
    return jsonify(count=len(found))


@bp.route("/profile")
def profile():
    """Show the profile of the customer."""
    try:
        user = get_db().execute("SELECT name FROM users WHERE id = ?", (session["user_id"],)).fetchone()
        return jsonify(name=user["name"])
    except Exception as error:
        return jsonify(error=str(error)), 500


@bp.route("/safe/profile")
def profile_safe():
    """Show the profile of the customer."""
    try:
        user = get_db().execute("SELECT name FROM users WHERE id = ?", (session["user_id"],)).fetchone()
        return jsonify(name=user["name"])
    except Exception:
        current_app.logger.exception("profile failed")
        return jsonify(error="something went wrong"), 500
