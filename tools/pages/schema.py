"""The JSON schema of the configuration, for editors."""

import msgspec

from custodiet.config import json_schema


def config_schema() -> str:
    """The schema as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(json_schema(), order="sorted"), indent=2).decode() + "\n"
