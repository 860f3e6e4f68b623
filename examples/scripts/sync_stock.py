#!/usr/bin/env python3
"""Copy the stock list of a warehouse to the shop: sync_stock.py HOST TABLE."""

import argparse
import ftplib
import os
import sqlite3
import ssl
import subprocess

import paramiko

TABLES = ("stock", "stock_archive")


def fetch_by_ftp(host):
    """Fetch the stock list."""
    with ftplib.FTP(host) as connection, open("stock.csv", "wb") as target:
        connection.login()
        connection.retrbinary("RETR stock.csv", target.write)


def fetch_by_ftp_safe(host):
    """Fetch the stock list."""
    context = ssl.create_default_context()
    with ftplib.FTP_TLS(host, context=context) as connection, open("stock.csv", "wb") as target:
        connection.login("stock", os.environ["STOCK_PASSWORD"])
        connection.prot_p()
        connection.retrbinary("RETR stock.csv", target.write)


def fetch_by_ssh(host):
    """Fetch the stock list."""
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(host, username="stock", key_filename="/etc/shop/stock.key")
    return client.open_sftp()


def fetch_by_ssh_safe(host):
    """Fetch the stock list."""
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host, username="stock", key_filename="/etc/shop/stock.key")
    return client.open_sftp()


def clear(table):
    """Empty a table before the import."""
    with sqlite3.connect("shop.db") as connection:
        connection.execute(f"DELETE FROM {table}")


def clear_safe(table):
    """Empty a table before the import."""
    if table not in TABLES:
        raise SystemExit(f"unknown table: {table}")
    with sqlite3.connect("shop.db") as connection:
        connection.execute(f"DELETE FROM {table}")


def notify(host):
    """Tell the operator that the warehouse was read."""
    os.system(f"logger 'stock of {host} was read'")


def notify_safe(host):
    """Tell the operator that the warehouse was read."""
    subprocess.run(["logger", "--", f"stock of {host} was read"], check=True)


def main():
    """Read the arguments and copy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("table")
    parser.add_argument("--careful", action="store_true")
    arguments = parser.parse_args()
    if arguments.careful:
        fetch_by_ftp_safe(arguments.host)
        clear_safe(arguments.table)
        notify_safe(arguments.host)
    else:
        fetch_by_ftp(arguments.host)
        clear(arguments.table)
        notify(arguments.host)


if __name__ == "__main__":
    main()
