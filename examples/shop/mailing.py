"""Newsletters, written with Jinja outside of Flask."""

from jinja2 import Environment, FileSystemLoader


def newsletter(name):
    """Write the newsletter for a customer."""
    environment = Environment(loader=FileSystemLoader("newsletters"))
    return environment.get_template("weekly.html").render(name=name)


def newsletter_safe(name):
    """Write the newsletter for a customer."""
    environment = Environment(loader=FileSystemLoader("newsletters"), autoescape=True)
    return environment.get_template("weekly.html").render(name=name)
