"""Previews of links and webhooks of partners."""

from urllib.parse import urlparse

import requests
from flask import Blueprint, abort, jsonify, request

bp = Blueprint("previews", __name__)
PARTNERS = {"partner.example.com", "cdn.example.com"}


def is_partner(url):
    """Whether the address belongs to a partner."""
    parts = urlparse(url)
    return parts.scheme == "https" and parts.hostname in PARTNERS


@bp.route("/preview")
def preview():
    """Fetch the page behind a link and tell its size."""
    url = request.args.get("url")
    page = requests.get(url, timeout=5)
    return jsonify(size=len(page.content))


@bp.route("/safe/preview")
def preview_safe():
    """Fetch the page behind a link and tell its size."""
    url = request.args.get("url")
    if not is_partner(url):
        abort(400)
    page = requests.get(url, timeout=5)
    return jsonify(size=len(page.content))
