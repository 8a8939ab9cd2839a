"""Rules between the keys of `[annotation]`. Each function yields what it finds; nothing stops at the first."""

from collections.abc import Iterator
from typing import Final

from challenges.annotation_definition import Annotation
from challenges.definition import Definition
from challenges.table_rules import TABLE_SUFFIXES, Found
from challenges.toml_lines import KeyPath
from challenges.values import LONGEST_NAME

AT: KeyPath = ("annotation",)
PUBLIC, ANSWERS = "public/", "answers/"
DEAREST: Final = 1_000_000
"""What one label may cost; it keeps the cost of all labels a finite number in every currency."""
_CODE_LETTERS: Final = 3


def findings(definition: Definition) -> Iterator[Found]:
    """Everything wrong with the section, with paths from the top of the file; nothing where there is no such section."""
    if definition.annotation is None:
        return
    for section in (_places, _columns, _classes, _money, _counts):
        for found in section(definition.annotation):
            yield found._replace(path=(*AT, *found.path))


def _places(annotation: Annotation) -> Iterator[Found]:
    """Items are what teams get, gold is what they must not see."""
    paths: dict[KeyPath, tuple[str, str]] = {
        ("items",): (annotation.items, PUBLIC),
        ("gold", "path"): (annotation.gold.path, ANSWERS),
    }
    for key, (path, folder) in paths.items():
        if not path.startswith(folder):
            yield Found("package.not_below", key, {"folder": folder})
        if not path.endswith(TABLE_SUFFIXES):
            yield Found("package.not_a_table", key, {"known": ", ".join(TABLE_SUFFIXES)})


def _columns(annotation: Annotation) -> Iterator[Found]:
    """A column of a submission holds one thing."""
    labels = annotation.labels
    taken: set[str] = set()
    for key in ("item", "annotator", "label", "seconds"):
        name = getattr(labels, key)
        if name in taken:
            yield Found("annotation.same_column", ("labels", key), {"column": name})
        if name is not None:
            taken.add(name)


def _classes(annotation: Annotation) -> Iterator[Found]:
    classes = annotation.labels.classes
    for number, name in enumerate(classes):
        path: KeyPath = ("labels", "classes", number)
        if name in classes[:number]:
            yield Found("package.repeated", path)
        if not name or name != name.strip() or not name.isprintable():
            yield Found("package.not_a_name", path)
        elif len(name) > LONGEST_NAME:
            yield Found("package.too_long", path, {"longest": LONGEST_NAME, "length": len(name)})


def _money(annotation: Annotation) -> Iterator[Found]:
    code = annotation.currency
    if not (len(code) == _CODE_LETTERS and code.isascii() and code.isalpha() and code.isupper()):
        yield Found("annotation.not_a_currency", ("currency",))
    if annotation.cost > DEAREST:
        yield Found("package.at_most", ("cost",), {"bound": DEAREST})


def _counts(annotation: Annotation) -> Iterator[Found]:
    """Agreement takes two. A single label an item is allowed, since some work is paid for that way."""
    if annotation.per_item == 1:
        yield Found("annotation.nobody_to_agree", ("per_item",), level="warning")
