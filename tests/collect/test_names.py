"""The names under which files import each other."""

import pytest

from custodiet.collect.names import module_name, module_names


@pytest.mark.parametrize(
    "path, others, name, is_package",
    [
        ("app.py", [], "app", False),
        ("shop/views.py", ["shop/__init__.py"], "shop.views", False),
        ("shop/__init__.py", [], "shop", True),
        ("shop/cart/__init__.py", ["shop/__init__.py"], "shop.cart", True),
        ("shop/views.py", [], "shop.views", False),
        ("src/shop/views.py", ["src/shop/__init__.py"], "shop.views", False),
        ("src/company/shop/views.py", ["src/company/shop/__init__.py"], "company.shop.views", False),
        ("src/views.py", ["src/__init__.py"], "src.views", False),
        ("backend/manage.py", [], "manage", False),
        ("backend/shop/views.py", ["backend/manage.py", "backend/shop/__init__.py"], "shop.views", False),
        ("packages/one/src/one/a.py", ["packages/one/pyproject.toml"], "one.a", False),
        ("my-app/run.py", [], "run", False),
        ("my-app/shop/run.py", [], "shop.run", False),
        ("a-b/__init__.py", [], "a-b", True),
        ("__init__.py", [], "__init__", False),
        ("tool.pyw", [], "tool", False),
        ("bin/run", [], "bin.run", False),
        ("shop/2to3.py", ["shop/__init__.py"], "shop.2to3", False),
    ],
)
def test_a_module_name(path, others, name, is_package):
    assert module_name(path, {path, *others}) == (name, is_package)


def test_names_of_a_whole_tree():
    assert module_names(["src/a/__init__.py", "src/a/b.py", "page.html"]) == {
        "src/a/__init__.py": ("a", True),
        "src/a/b.py": ("a.b", False),
    }
