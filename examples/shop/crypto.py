"""Encryption of reports and keys for partners."""

import os

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from Crypto.Cipher import AES, DES
from Crypto.Util.Padding import pad


def encrypt_card(number, key):
    """Encrypt a card number."""
    cipher = DES.new(key, DES.MODE_ECB)
    return cipher.encrypt(pad(number, 8))


def encrypt_card_safe(number, key):
    """Encrypt a card number."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, number, None)


def encrypt_report(content, key):
    """Encrypt a report with AES."""
    vector = b"0123456789abcdef"
    cipher = AES.new(key, AES.MODE_CBC, vector)
    return cipher.encrypt(pad(content, AES.block_size))


def encrypt_report_safe(content, key):
    """Encrypt a report with AES."""
    vector = os.urandom(16)
    cipher = AES.new(key, AES.MODE_CBC, vector)
    return vector + cipher.encrypt(pad(content, AES.block_size))


def create_partner_key():
    """Create the key pair of a partner."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


def create_partner_key_safe():
    """Create the key pair of a partner."""
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)
