"""Images: upload and download."""

import os
import uuid

from flask import Blueprint, abort, current_app, jsonify, make_response, request, send_file, send_from_directory
from werkzeug.utils import secure_filename

bp = Blueprint("media", __name__, url_prefix="/media")
IMAGE_ENDINGS = {".png", ".jpg", ".jpeg", ".webp"}


@bp.route("/upload", methods=["POST"])
def upload():
    """Store the image of a product."""
    file = request.files["image"]
    file.save(os.path.join(current_app.config["UPLOAD_FOLDER"], secure_filename(file.filename)))
    return jsonify(ok=True)


@bp.route("/safe/upload", methods=["POST"])
def upload_safe():
    """Store the image of a product."""
    file = request.files["image"]
    ending = os.path.splitext(file.filename)[1].lower()
    if ending not in IMAGE_ENDINGS:
        abort(400)
    file.save(os.path.join(current_app.config["UPLOAD_FOLDER"], uuid.uuid4().hex + ending))
    return jsonify(ok=True)


@bp.route("/manual")
def manual():
    """Send the manual of a product."""
    return send_file(os.path.join("/srv/shop/manuals", request.args["name"]))


@bp.route("/safe/manual")
def manual_safe():
    """Send the manual of a product."""
    return send_from_directory("/srv/shop/manuals", request.args["name"])


@bp.route("/language")
def language():
    """Answer in the language of the customer."""
    response = make_response("ok")
    response.headers["Content-Language"] = request.args.get("language", "en")
    return response


@bp.route("/safe/language")
def language_safe():
    """Answer in the language of the customer."""
    chosen = request.args.get("language", "en")
    response = make_response("ok")
    response.headers["Content-Language"] = chosen if chosen in ("en", "de", "fr") else "en"
    return response
