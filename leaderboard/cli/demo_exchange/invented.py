"""Datasets of the demo that say that they are invented: a table drawn from a description, the same each time, and its documentation.

A description has ``rows``, a ``seed``, ``columns`` and ``flaws``. A column is made ``as``

    number   1, 2, 3 …
    hours    a moment each hour, ``since`` a day
    one-of   one of the texts ``of``, in turn
    class    one of the texts ``of`` by chance; `wave` columns may depend on it
    wave     ``mean``, plus ``day`` and ``year`` times a sine of that period in hours, plus ``shift`` by class, plus ``noise``
             (the standard deviation of a normal distribution), with ``digits`` after the point

and ``flaws`` are shares of rows: ``missing`` a reading, ``copied`` from another row, ``far`` off by a factor of ten, ``mistaken``
in their class.
"""

import csv
import hashlib
import io
import json
import math
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

_TYPES: Final = {"number": "integer", "hours": "datetime", "wave": "number"}
_DAY: Final = 24.0
_YEAR: Final = 8_760.0


def dataset(told: Mapping[str, Any]) -> tuple[str, bytes]:
    """Name and bytes of the file of one dataset of `datasets.toml`: a bare CSV where it is ``bare``, else a zip with documentation."""
    table = _csv(told["table"])
    if told.get("bare"):
        return f"{told['key']}.csv", table
    files = {"records.csv": table, "README.md": _readme(told, table), "datapackage.json": _described(told, table)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return f"{told['key']}.zip", made.getvalue()


def _readme(told: Mapping[str, Any], table: bytes) -> bytes:
    """Documentation under the headings that the rubric asks for, from what the card says and what is known of the table."""
    en, units = told["en"], told["units"]
    columns = [one["name"] for one in told["table"]["columns"]]
    period = told["document"].get("period", {})
    classes: list[str] = next((one["of"] for one in told["table"]["columns"] if one["as"] == "class"), [])
    said = {
        "Scale": f"{told['table']['rows']} records, {len(columns)} columns, {len(table)} bytes.",
        "Format": "One CSV file in UTF-8 with a header line.",
        "File structure": "`records.csv` holds the records; `datapackage.json` describes its columns; this README says how it came about.",
        "Access": "Offered on this platform; terms are on the listing.",
        "Contact": "Messages through the listing reach the supplier.",
        "Modality": f"A table: {', '.join(columns)}; units {', '.join(f'{name} in {unit}' for name, unit in units.items())}.",
        "Sample": f"`{table.splitlines()[1].decode()}`",
        "Known limitations": "Invented for a demo: it shows how the platform measures, and is of no other use.",
        "Source": en["provenance"],
        "Collection": f"Drawn by a program{' for the period {first} to {last}'.format(**period) if period else ''}; nothing was recorded.",
        "Processing": en["summary"],
        "Labelling": f"Classes are {', '.join(classes)}." if classes else "There are no labels; what is forecast is a later reading.",
        "Version": "1.0, the first one.",
        "Licence": told["licence"],
        "Use cases": en["scenario"],
    }  # fmt: skip
    return "\n".join((f"# {en['title']}", "", *(f"## {head}\n{text}" for head, text in said.items()), "")).encode()


def _described(told: Mapping[str, Any], table: bytes) -> bytes:
    fields = [{"name": one["name"], "type": _TYPES.get(one["as"], "string")} for one in told["table"]["columns"]]
    resource = {
        "name": "records",
        "path": "records.csv",
        "format": "csv",
        "bytes": len(table),
        "hash": f"sha256:{hashlib.sha256(table).hexdigest()}",
        "schema": {"fields": fields},
    }
    about = {
        "name": told["key"],
        "version": "1.0.0",
        "licenses": [{"name": told["licence"]}],
        "sources": [{"title": told["en"]["provenance"]}],
        "resources": [resource],
    }
    return json.dumps(about, indent=2).encode()


def _csv(told: Mapping[str, Any]) -> bytes:
    """The table that ``told`` describes."""
    made = io.StringIO(newline="")
    out = csv.writer(made, lineterminator="\n")
    out.writerow(column["name"] for column in told["columns"])
    out.writerows(_rows(told))
    return made.getvalue().encode()


def _rows(told: Mapping[str, Any]) -> Iterator[list[str]]:
    chance = random.Random(told["seed"])  # noqa: S311
    flaws = told.get("flaws", {})
    drawn: list[list[str]] = []
    for row in range(told["rows"]):
        made = _flawed(_row(row, told["columns"], chance), told["columns"], flaws, chance)
        if drawn and chance.random() < flaws.get("copied", 0.0):
            made[1:] = chance.choice(drawn)[1:]  # under a number of its own, as copies in real tables are
        drawn.append(made)
        yield made


def _row(row: int, columns: list[Mapping[str, Any]], chance: random.Random) -> list[str]:
    known = next((chance.choice(one["of"]) for one in columns if one["as"] == "class"), "")
    made: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
        "number": lambda _: str(row + 1),
        "hours": lambda one: (datetime.fromisoformat(one["since"]) + timedelta(hours=row)).isoformat(),
        "one-of": lambda one: str(one["of"][row % len(one["of"])]),
        "class": lambda _: known,
        "wave": lambda one: _wave(row, one, known, chance),
    }
    return [made[one["as"]](one) for one in columns]


def _wave(hour: int, one: Mapping[str, Any], known: str, chance: random.Random) -> str:
    value = one["mean"] + one.get("shift", {}).get(known, 0.0) + chance.gauss(0, one.get("noise", 0.0))
    value += one.get("day", 0.0) * math.sin(2 * math.pi * (hour - 9) / _DAY)
    value += one.get("year", 0.0) * math.sin(2 * math.pi * (hour - 2_700) / _YEAR)
    return f"{value:.{one.get('digits', 2)}f}"


def _flawed(
    row: list[str], columns: list[Mapping[str, Any]], flaws: Mapping[str, float], chance: random.Random
) -> list[str]:
    readings = [place for place, one in enumerate(columns) if one["as"] == "wave"]
    for place, one in enumerate(columns):
        if one["as"] == "class" and chance.random() < flaws.get("mistaken", 0.0):
            row[place] = chance.choice([each for each in one["of"] if each != row[place]])
    if chance.random() < flaws.get("missing", 0.0):
        row[chance.choice(readings)] = ""
    if chance.random() < flaws.get("far", 0.0):
        place = chance.choice(readings)
        row[place] = f"{10 * float(row[place] or 0):.2f}"
    return row
