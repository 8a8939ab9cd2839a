"""The JSON Schema of the format, generated from the model: editors complete and check `challenge.toml` with it."""

from typing import Any

from challenges.definition import FORMAT, Definition
from scoring.metrics import METRICS


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a `challenge.toml`. Dates of TOML count as strings in the format date-time."""
    schema = _plain(Definition.model_json_schema(mode="validation"))
    schema["$defs"]["Score"]["properties"]["metric"]["enum"] = sorted(METRICS)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:jiebang:challenge:1",
        "title": f"challenge.toml, format {FORMAT}",
        **schema,
    }


def _plain(node: Any) -> Any:
    """Without what TOML cannot write (null) and what editors would show as noise (generated titles)."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    choices = [choice for choice in node.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        node = {**{key: value for key, value in node.items() if key != "anyOf"}, **choices[0]}
    return {
        key: {name: _plain(value) for name, value in item.items()} if key in {"properties", "$defs"} else _plain(item)
        for key, item in node.items()
        if not (key == "title" and isinstance(item, str)) and not (key == "default" and item is None)
    }
