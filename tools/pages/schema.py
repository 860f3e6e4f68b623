"""The JSON schema of the configuration, for editors."""

import inspect
from typing import Any

import msgspec

from custodiet.config import json_schema


def config_schema() -> str:
    """The schema as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(_cleaned(json_schema()), order="sorted"), indent=2).decode() + "\n"


def _cleaned(value: Any) -> Any:
    """The schema with descriptions that do not depend on the interpreter: before 3.13 docstrings keep their indents."""
    if isinstance(value, dict):
        return {
            key: inspect.cleandoc(item) if key == "description" and isinstance(item, str) else _cleaned(item)
            for key, item in value.items()
        }
    return [_cleaned(item) for item in value] if isinstance(value, list) else value
