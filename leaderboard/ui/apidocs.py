"""The reference of the API as a page of ours: read from the OpenAPI document, no third-party viewer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json import dumps
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class ApiField:
    """A parameter or a property: where it goes, its type in words, whether it must be there."""

    name: str
    place: str
    type: str
    required: bool
    text: str


@dataclass(frozen=True)
class ApiAnswer:
    status: str
    text: str
    type: str


@dataclass(frozen=True)
class Operation:
    """One method of one path; ``anchor`` is its id in the page, ``example`` a body that works, as JSON."""

    anchor: str
    method: str
    path: str
    title: str
    text: str
    fields: tuple[ApiField, ...]
    answers: tuple[ApiAnswer, ...]
    example: str


@dataclass(frozen=True)
class ApiGroup:
    """The operations on one kind of thing, named by the first part of their paths."""

    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class ApiPage:
    version: str
    groups: tuple[ApiGroup, ...]
    document: str = "/api/v1/openapi.json"


def api_page(document: Schema) -> ApiPage:
    """Read an OpenAPI 3.1 document as FastAPI writes it."""
    schemas = document.get("components", {}).get("schemas", {})
    groups: dict[str, list[Operation]] = {}
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if method in methods:
                name = path.removeprefix("/api/v1/").split("/")[0]
                groups.setdefault(name, []).append(_operation(path, method, methods[method], schemas))
    return ApiPage(document["info"]["version"], tuple(ApiGroup(name, tuple(held)) for name, held in groups.items()))


def _operation(path: str, method: str, raw: Schema, schemas: Schema) -> Operation:
    bodies: Schema = raw.get("requestBody", {}).get("content", {})
    media = next(iter(bodies), "")
    content: Schema = bodies.get(media, {})
    schema = _resolved(content.get("schema", {}), schemas)
    return Operation(
        anchor=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        title=raw.get("summary", ""),
        text=raw.get("description", ""),
        fields=(*_parameters(raw, schemas), *_properties(schema, schemas, media)),
        answers=tuple(_answers(raw, schemas)),
        example=_example(content, schema),
    )


def _parameters(raw: Schema, schemas: Schema) -> Iterator[ApiField]:
    for given in raw.get("parameters", ()):
        schema = given.get("schema", {})
        text = given.get("description") or schema.get("description", "")
        yield ApiField(given["name"], given["in"], _type(schema, schemas), bool(given.get("required")), text)


def _properties(schema: Schema, schemas: Schema, media: str) -> Iterator[ApiField]:
    required = schema.get("required", ())
    for name, held in schema.get("properties", {}).items():
        yield ApiField(name, media, _type(held, schemas), name in required, held.get("description", ""))


def _answers(raw: Schema, schemas: Schema) -> Iterator[ApiAnswer]:
    for status, answer in raw.get("responses", {}).items():
        schema: Schema = next((held.get("schema", {}) for held in answer.get("content", {}).values()), {})
        yield ApiAnswer(status, answer.get("description", ""), _type(schema, schemas) if schema else "")


def _example(content: Schema, schema: Schema) -> str:
    found = content.get("example") or next(iter(schema.get("examples", ())), None)
    return "" if found is None else dumps(found, ensure_ascii=False, indent=2)


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    name = schema.get("$ref", "").rpartition("/")[2]
    return schemas.get(name, schema) if name else schema


def _type(schema: Schema, schemas: Schema) -> str:
    """Say a type in words: ``integer 1–20``, ``list of Score``, ``"open" or "closed"``, ``string or null``."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        held = schemas.get(name, {})
        return _type(held, schemas) if "enum" in held else name
    if "enum" in schema or "const" in schema:
        return " or ".join(f'"{value}"' for value in schema.get("enum", [schema.get("const")]))
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_type(part, schemas) for part in schema[key]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}), schemas)}"
    word = schema.get("format") or schema.get("type", "any")
    low, high = schema.get("minimum"), schema.get("maximum")
    return (
        f"{word} {low if low is not None else ''}–{high if high is not None else ''}"
        if low is not None or high is not None
        else str(word)
    )
