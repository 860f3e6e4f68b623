"""Import of products from suppliers: archives, XML, YAML."""

import os
import tarfile
import zipfile

import yaml
from defusedxml import ElementTree as SafeElementTree
from flask import Blueprint, jsonify, request
from lxml import etree

bp = Blueprint("imports", __name__, url_prefix="/import")
FOLDER = "/srv/shop/import"


@bp.route("/archive", methods=["POST"])
def import_archive():
    """Unpack the images of a supplier."""
    with zipfile.ZipFile(request.files["archive"]) as archive:
        for name in archive.namelist():
            with open(os.path.join(FOLDER, name), "wb") as target:
                target.write(archive.read(name))
    return jsonify(ok=True)


@bp.route("/safe/archive", methods=["POST"])
def import_archive_safe():
    """Unpack the images of a supplier."""
    with zipfile.ZipFile(request.files["archive"]) as archive:
        for name in archive.namelist():
            path = os.path.realpath(os.path.join(FOLDER, name))
            if not path.startswith(FOLDER + os.sep):
                raise ValueError("entry outside of the import folder")
            with open(path, "wb") as target:
                target.write(archive.read(name))
    return jsonify(ok=True)


@bp.route("/backup", methods=["POST"])
def restore_backup():
    """Restore a backup."""
    with tarfile.open(fileobj=request.files["backup"].stream) as archive:
        archive.extractall(FOLDER)
    return jsonify(ok=True)


@bp.route("/safe/backup", methods=["POST"])
def restore_backup_safe():
    """Restore a backup."""
    with tarfile.open(fileobj=request.files["backup"].stream) as archive:
        archive.extractall(FOLDER, filter="data")
    return jsonify(ok=True)


@bp.route("/products.yaml", methods=["POST"])
def import_yaml():
    """Import products from YAML."""
    products = yaml.load(request.data, Loader=yaml.Loader)
    return jsonify(count=len(products))


@bp.route("/safe/products.yaml", methods=["POST"])
def import_yaml_safe():
    """Import products from YAML."""
    products = yaml.safe_load(request.data)
    return jsonify(count=len(products))


@bp.route("/products.xml", methods=["POST"])
def import_xml():
    """Import products from XML."""
    parser = etree.XMLParser(resolve_entities=True)
    tree = etree.fromstring(request.data, parser)
    return jsonify(count=len(tree))


@bp.route("/safe/products.xml", methods=["POST"])
def import_xml_safe():
    """Import products from XML."""
    tree = SafeElementTree.fromstring(request.data)
    return jsonify(count=len(tree))


@bp.route("/prices.xml")
def find_price():
    """Find the price of a product in the supplier's list."""
    tree = etree.parse(os.path.join(FOLDER, "prices.xml"))
    name = request.args["name"]
    prices = tree.xpath("//product[@name='" + name + "']/price/text()")
    return jsonify(prices=len(prices))


@bp.route("/safe/prices.xml")
def find_price_safe():
    """Find the price of a product in the supplier's list."""
    tree = etree.parse(os.path.join(FOLDER, "prices.xml"))
    prices = tree.xpath("//product[@name=$name]/price/text()", name=request.args["name"])
    return jsonify(prices=len(prices))
