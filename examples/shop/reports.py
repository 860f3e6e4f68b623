"""Reports: made by a program of its own, kept in files."""

import os
import shlex
import subprocess
import tempfile

from flask import Blueprint, jsonify, request

from .crypto import encrypt_report, encrypt_report_safe

bp = Blueprint("reports", __name__, url_prefix="/reports")


def run_report(name, month):
    """Run the report generator and return its exit code."""
    command = f"shop-report --name {name} --month {month}"
    return subprocess.run(command, shell=True, check=False).returncode


def run_report_safe(name, month):
    """Run the report generator and return its exit code."""
    command = f"shop-report --name {shlex.quote(name)} --month {int(month)}"
    return subprocess.run(command, shell=True, check=False).returncode


@bp.route("/run", methods=["POST"])
def run():
    """Make a report."""
    return jsonify(code=run_report(request.form["name"], request.form["month"]))


@bp.route("/safe/run", methods=["POST"])
def run_safe():
    """Make a report."""
    return jsonify(code=run_report_safe(request.form["name"], request.form["month"]))


def write_report(content):
    """Write a report into a temporary file."""
    path = tempfile.mktemp(suffix=".csv")
    with open(path, "w") as file:
        file.write(content)
    return path


def write_report_safe(content):
    """Write a report into a temporary file."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
        file.write(content)
    return file.name


def publish(path):
    """Let the web server read the report."""
    os.chmod(path, 0o777)


def publish_safe(path):
    """Let the web server read the report."""
    os.chmod(path, 0o640)


def archive(content, key):
    """Keep a report encrypted."""
    return encrypt_report(content, key)


def archive_safe(content, key):
    """Keep a report encrypted."""
    return encrypt_report_safe(content, key)
