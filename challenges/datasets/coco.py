"""COCO annotations: one row an image, with its boxes. References that lead nowhere, and boxes that are none, are errors."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

import polars as pl

from challenges.datasets.describing import Described
from challenges.datasets.desk import Desk, Draft, stacked, text_of
from challenges.datasets.media import located
from challenges.datasets.noting import listed
from challenges.datasets.roles import Roles

BOX: Final = pl.Struct(
    {
        "annotation": pl.String(),
        "label": pl.String(),
        "left": pl.Float64(),
        "top": pl.Float64(),
        "right": pl.Float64(),
        "bottom": pl.Float64(),
        "crowd": pl.Boolean(),
    }
)
"""One box, in pixels from the upper left corner; COCO's width and height are added to its left and top."""
_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "images": frozenset({"id", "file_name", "width", "height"}),
    "annotations": frozenset({"id", "image_id", "category_id", "bbox", "iscrowd", "area"}),
    "categories": frozenset({"id", "name"}),
}
_NOT_SAID: Final = frozenset({"license", "flickr_url", "coco_url", "date_captured", "supercategory"})
"""Keys that nearly every file has and that say nothing about the annotations."""


def is_one(value: Any) -> bool:
    """Whether the values of a JSON file are COCO annotations."""
    return isinstance(value, dict) and all(isinstance(value.get(key), list) for key in ("images", "annotations"))


def find(desk: Desk) -> tuple[str, ...]:
    """The files that hold COCO annotations. Files that are too large to be looked into are reported."""
    others = {"datapackage.json", "dataset.json", "schema.json"}
    paths = [path for path in desk.ending(".json") if PurePosixPath(path).name not in others]
    found = []
    for path in paths:
        head = desk.head(path, 1 << 20)
        if b'"annotations"' not in head and b'"images"' not in head:
            continue
        if desk.holding.sizes[path] > desk.limits.json_bytes:
            desk.notes.about("dataset.file_large", path, bytes=desk.holding.sizes[path], most=desk.limits.json_bytes)
            continue
        described = desk.described(path, desk.limits.json_bytes)
        if described is not None and is_one(described.value):
            found.append(path)
        else:
            desk.used.discard(path)
    return tuple(found)


def read(desk: Desk, paths: Sequence[str]) -> Draft | None:
    """The images of some files as one table."""
    tables, classes, draft = dict[str, pl.DataFrame](), dict[str, None](), Draft(pl.DataFrame())
    for path in paths:
        described = desk.described(path)
        assert described is not None, "it was looked into"
        reader = _Reader(described, desk)
        tables[path] = reader.table()
        classes |= dict.fromkeys(reader.categories.values())
        info = described.value.get("info")
        draft.prose.append(
            (text_of(info.get("description")) if isinstance(info, dict) else "", f"{path} info.description")
        )
        draft.licences += [
            (text_of(one), f"{path} licenses")
            for one in _list(described.value.get("licenses"))
            if isinstance(one, dict)
        ]
    stack = stacked(tables, desk.notes)
    if stack is None or stack[0].is_empty():
        if stack is not None and not desk.notes.errors:
            desk.notes.about("dataset.no_rows", paths[0])
        return None
    table, parts = stack
    draft.table, draft.parts, draft.classes = table, parts, tuple(classes)
    labelled = not table["label"].is_null().all()
    draft.roles = Roles(id="id", image="file", boxes="boxes", label="label" if labelled else None)
    if not labelled:
        draft.table = table.drop("label")
    if desk.images:
        draft.media = (
            "image",
            pl.concat(
                [located(table["file"].slice(part.start, part.rows), part.path, "image", desk) for part in parts]
            ),
        )
    else:
        desk.notes.about("dataset.media_none", None, level="warning", column="file")
    return draft


class _Reader:
    """Reads one file. `categories` are their names by id, as text."""

    def __init__(self, described: Described, desk: Desk) -> None:
        self._desk, self._file, self._value = desk, described.file, described.value
        self._bad: defaultdict[str, list[str]] = defaultdict(list)
        self._places: dict[str, int] = {}
        self._boxes: list[tuple[Any, ...]] = []
        self._seen: set[str] = set()
        self.categories = self._categories()

    def table(self) -> pl.DataFrame:
        """One row for each image in the order of the file."""
        images = self._images()
        self._places = {key: row for row, key in enumerate(images)}
        labels: list[dict[str, None]] = [{} for _ in images]
        for number, one in enumerate(self._value["annotations"]):
            self._annotation(number, one if isinstance(one, dict) else {}, labels)
        self._report()
        rows = list(images.values())
        return pl.DataFrame(
            [
                pl.Series("id", list(images), dtype=pl.String),
                pl.Series("file", [row.get("file_name") for row in rows], dtype=pl.String),
                pl.Series("width", [_size(row.get("width")) for row in rows], dtype=pl.Int64),
                pl.Series("height", [_size(row.get("height")) for row in rows], dtype=pl.Int64),
                pl.Series("label", [_one(found) for found in labels], dtype=pl.String),
                self._stacked(len(rows)),
            ]
        )

    def _stacked(self, rows: int) -> pl.Series:
        """The boxes of each image in one cell, in the order of the file."""
        flat = pl.DataFrame(
            self._boxes, schema={"row": pl.UInt32, **{field.name: field.dtype for field in BOX.fields}}, orient="row"
        )
        packed = flat.select("row", pl.struct(field.name for field in BOX.fields).alias("boxes"))
        cells = packed.group_by("row", maintain_order=True).agg("boxes")
        every = pl.DataFrame({"row": range(rows)}, schema={"row": pl.UInt32})
        nothing = pl.lit(pl.Series([[]], dtype=pl.List(BOX))).first()
        joined = every.join(cells, on="row", how="left", maintain_order="left")
        return joined.select(pl.col("boxes").fill_null(nothing)).to_series()

    def _categories(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, one in enumerate(_list(self._value.get("categories"))):
            key, name = (_key(one.get("id")), one.get("name")) if isinstance(one, dict) else (None, None)
            if key is None or not isinstance(name, str) or not name.strip():
                self._bad["dataset.coco_category"].append(f"categories[{number}]")
            elif key in found:
                self._bad["dataset.coco_twice"].append(f"categories[{number}].id = {key}")
            else:
                found[key] = name.strip()
        return found

    def _images(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for number, one in enumerate(self._value["images"]):
            key = _key(one.get("id")) if isinstance(one, dict) else None
            if key is None or not isinstance(one.get("file_name"), str) or not one["file_name"]:
                self._bad["dataset.coco_image"].append(f"images[{number}]")
            elif key in found:
                self._bad["dataset.coco_twice"].append(f"images[{number}].id = {key}")
            else:
                found[key] = one
                if _size(one.get("width")) is None or _size(one.get("height")) is None:
                    self._bad["dataset.coco_size"].append(f"images[{number}]")
        return found

    def _annotation(self, number: int, one: dict[str, Any], labels: list[dict[str, None]]) -> None:
        image, category, own = _key(one.get("image_id")), _key(one.get("category_id")), _key(one.get("id"))
        row, label = self._places.get(image or ""), self.categories.get(category or "")
        if row is None:
            self._bad["dataset.coco_no_image"].append(f"annotations[{number}].image_id = {image}")
        if label is None:
            self._bad["dataset.coco_no_category"].append(f"annotations[{number}].category_id = {category}")
        if own is not None and own in self._seen:
            self._bad["dataset.coco_twice"].append(f"annotations[{number}].id = {own}")
        self._seen.add(own or "")
        if row is None or label is None:
            return
        box = one.get("bbox")
        if box is None or box == []:
            labels[row][label] = None
            return
        corners = _corners(box)
        if corners is None:
            self._bad["dataset.coco_box"].append(f"annotations[{number}].bbox")
            return
        self._boxes.append((row, own, label, *corners, one.get("iscrowd") == 1))

    def _report(self) -> None:
        for message, places in self._bad.items():
            self._desk.notes.about(
                message, self._file, level="warning" if message == "dataset.coco_size" else "error", names=places
            )
        unused = dict.fromkeys(
            f"{part}.{key}"
            for part, known in _KNOWN.items()
            for one in _list(self._value.get(part))[:1000]
            if isinstance(one, dict)
            for key in one
            if key not in known and key not in _NOT_SAID
        )
        if unused:
            self._desk.notes.about(
                "dataset.keys_unused", self._file, level="note", count=len(unused), found=listed(unused)
            )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _key(value: Any) -> str | None:
    """An id, which COCO writes as a number and others as text."""
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) and str(value) else None


def _size(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None


def _corners(box: Any) -> tuple[float, float, float, float] | None:
    if (
        not isinstance(box, list)
        or len(box) != 4
        or not all(isinstance(side, int | float) and not isinstance(side, bool) for side in box)
    ):
        return None
    if not all(abs(side) < 2**53 for side in box):  # nor NaN, of which nothing is true
        return None
    left, top, width, height = map(float, box)
    return left, top, left + width, top + height


def _one(labels: Mapping[str, None]) -> str | None:
    """The label of an image as a whole: the one that all its annotations without a box give, or all of them in order."""
    return " | ".join(sorted(labels)) if labels else None
