"""Checkout: totals, payment, invoice mail."""

import hmac
import logging
import smtplib
from email.message import EmailMessage

import requests
from flask import Blueprint, current_app, jsonify, redirect, request

from .store import save_order

bp = Blueprint("checkout", __name__)
logger = logging.getLogger(__name__)


@bp.route("/checkout/total", methods=["POST"])
def total():
    """Calculate the total from the formula of the price rule."""
    formula = request.form["formula"]
    return jsonify(total=eval(formula))


@bp.route("/safe/checkout/total", methods=["POST"])
def total_safe():
    """Calculate the total from price and quantity."""
    price = float(request.form["price"])
    quantity = int(request.form["quantity"])
    return jsonify(total=price * quantity)


@bp.route("/checkout/pay", methods=["POST"])
def pay():
    """Charge the customer."""
    payload = {"amount": request.form["amount"], "token": request.form["token"]}
    answer = requests.post(current_app.config["PAYMENT_URL"], json=payload, timeout=10, verify=False)
    return jsonify(status=answer.status_code)


@bp.route("/safe/checkout/pay", methods=["POST"])
def pay_safe():
    """Charge the customer."""
    payload = {"amount": request.form["amount"], "token": request.form["token"]}
    answer = requests.post(current_app.config["PAYMENT_URL"], json=payload, timeout=10)
    return jsonify(status=answer.status_code)


@bp.route("/checkout/note", methods=["POST"])
def note():
    """Log the note of the customer."""
    text = request.form.get("note", "")
    logger.info("order note: " + text)
    return jsonify(order=save_order(1, 0))


@bp.route("/safe/checkout/note", methods=["POST"])
def note_safe():
    """Log the note of the customer."""
    text = request.form.get("note", "").replace("\r", "").replace("\n", " ")
    logger.info("order note: %s", text)
    return jsonify(order=save_order(1, 0))


@bp.route("/checkout/invoice", methods=["POST"])
def send_invoice():
    """Mail the invoice to the customer."""
    recipient = request.form["email"]
    subject = request.form["subject"]
    message = f"From: shop@example.com\r\nTo: {recipient}\r\nSubject: {subject}\r\n\r\nThank you for your order."
    with smtplib.SMTP("localhost") as server:
        server.starttls()
        server.sendmail("shop@example.com", ["billing@example.com"], message)
    return jsonify(ok=True)


@bp.route("/safe/checkout/invoice", methods=["POST"])
def send_invoice_safe():
    """Mail the invoice to the customer."""
    message = EmailMessage()
    message["From"] = "shop@example.com"
    message["To"] = request.form["email"]
    message["Subject"] = request.form["subject"]
    message.set_content("Thank you for your order.")
    with smtplib.SMTP("localhost") as server:
        server.starttls()
        server.send_message(message)
    return jsonify(ok=True)


@bp.route("/checkout/done")
def done():
    """Send the customer back to where the purchase began."""
    return redirect(request.args.get("next", "/"))


@bp.route("/safe/checkout/done")
def done_safe():
    """Send the customer back to where the purchase began."""
    target = request.args.get("next", "/")
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        target = "/"
    return redirect(target)


def _signature(body):
    """The payment provider's signature of a message."""
    return hmac.new(current_app.config["WEBHOOK_KEY"], body, "sha256").hexdigest()


@bp.route("/checkout/paid", methods=["POST"])
def paid():
    """The payment provider says that an order was paid."""
    if request.headers.get("X-Signature") == _signature(request.data):
        save_order(request.json["user"], request.json["total"])
    return jsonify(ok=True)


@bp.route("/safe/checkout/paid", methods=["POST"])
def paid_safe():
    """The payment provider says that an order was paid."""
    if hmac.compare_digest(request.headers.get("X-Signature", ""), _signature(request.data)):
        save_order(request.json["user"], request.json["total"])
    return jsonify(ok=True)
