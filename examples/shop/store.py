"""The data layer: every query of the shop."""

import sqlite3

from flask import current_app, g

SORT_COLUMNS = {"name", "price", "created_at"}


def get_db():
    """Return the connection of this request."""
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
    return g.db


class ProductRepository:
    """Products in the database."""

    def __init__(self, connection):
        self.connection = connection

    def search(self, term, category=None):
        """Find products whose name contains the term."""
        query = f"SELECT id, name, price FROM products WHERE name LIKE '%{term}%'"
        if category:
            query += f" AND category = '{category}'"
        return self.connection.execute(query).fetchall()

    def search_safe(self, term, category=None):
        """Find products whose name contains the term."""
        query = "SELECT id, name, price FROM products WHERE name LIKE ?"
        values = [f"%{term}%"]
        if category:
            query += " AND category = ?"
            values.append(category)
        return self.connection.execute(query, values).fetchall()

    def sorted_by(self, column):
        """Return all products in the given order."""
        return self.connection.execute("SELECT id, name, price FROM products ORDER BY " + column).fetchall()

    def sorted_by_safe(self, column):
        """Return all products in the given order."""
        if column not in SORT_COLUMNS:
            column = "name"
        return self.connection.execute("SELECT id, name, price FROM products ORDER BY " + column).fetchall()


def find_user(username):
    """Return the user with this name."""
    return get_db().execute("SELECT * FROM users WHERE username = ?", (username,)).fetchone()


def save_order(user_id, total):
    """Store an order and return its number."""
    cursor = get_db().execute("INSERT INTO orders (user_id, total) VALUES (?, ?)", (user_id, total))
    get_db().commit()
    return cursor.lastrowid
