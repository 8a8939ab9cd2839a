"""From a `Definition` back to the text of a `challenge.toml`: for new packages, and to show every default before publishing."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from challenges import reference
from challenges.definition import Board, Column, Definition, Final, Split, Submission, Task
from challenges.strict import Words
from challenges.table_rules import OPTIONS_OF

_Said = set[tuple[type[BaseModel], str]]
_INLINE = (Words, Split, Final)
"""Models that stand on one line below the top."""


def write(definition: Definition, *, comments: bool = False) -> str:
    """The text of a `challenge.toml` that reads back as `definition`; with `comments` each key says once what it means.

    Keys that hold nothing are left out, and so are those that have no meaning for this type of column or number of tasks.
    """
    said: _Said | None = set() if comments else None
    text = "\n".join(_table(definition, (), definition, said))
    return f"{text.strip()}\n"


def _table(model: BaseModel, path: tuple[str, ...], whole: Definition, said: _Said | None) -> Iterator[str]:
    """The lines of one table: first its own keys, then the tables inside it."""
    inside: list[tuple[str, Any]] = []
    for name, value in _kept(model, whole):
        if _is_table(value) and not (path and isinstance(value, _INLINE)):
            inside.append((name, value))
        else:
            line = f"{name} = {reference.toml(_plain(value))}"
            yield f"{line}{_comment(model, name, said)}"
    for name, value in inside:
        below = (*path, name)
        header = ".".join(below)
        for item in value if isinstance(value, tuple) else (value,):
            yield ""
            yield f"[[{header}]]" if isinstance(value, tuple) else f"[{header}]"
            yield from _table(item, below, whole, said)


def _comment(model: BaseModel, name: str, said: _Said | None) -> str:
    """What the key means, the first time that it is written."""
    if said is None or isinstance(model, Words) or (type(model), name) in said:
        return ""
    said.add((type(model), name))
    return f"  # {type(model).model_fields[name].description}"


def _kept(model: BaseModel, whole: Definition) -> Iterator[tuple[str, Any]]:
    """The keys of a model that hold something and mean something."""
    for name, value in model:
        if value is None or (
            value in ((), {}) and not type(model).model_fields[name].get_default(call_default_factory=True)
        ):
            continue
        if _means(model, name, whole):
            yield name, value


def _means(model: BaseModel, name: str, whole: Definition) -> bool:
    """Whether a key has a meaning where it stands."""
    if isinstance(model, Column):
        optional = any(name in keys for keys in OPTIONS_OF.values())
        return not optional or name in OPTIONS_OF[model.type]
    if isinstance(model, Submission):
        return whole.kind == "prediction" or name == "max_mb"
    if isinstance(model, Board):
        return name != "combine" or bool(whole.tasks)
    if isinstance(model, Task):
        return name != "weight" or whole.board.combine == "mean"
    return True


def _is_table(value: Any) -> bool:
    return isinstance(value, BaseModel) or (
        isinstance(value, tuple) and bool(value) and isinstance(value[0], BaseModel)
    )


def _plain(value: Any) -> Any:
    """A value without models: those on one line become plain tables."""
    if isinstance(value, BaseModel):
        return {name: _plain(item) for name, item in value if item is not None}
    return value
