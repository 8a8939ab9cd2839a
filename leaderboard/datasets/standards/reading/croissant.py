"""Croissant 0.8, 1.0 and 1.1, and any schema.org/Dataset: what of it fits on a card.

JSON-LD is read as plain JSON. A context at an address stays unread: properties go by the names that Croissant and schema.org give
them, bare, with their usual prefixes or spelt out. What a node refers to by ``@id`` is looked up in the document itself.
"""

from collections.abc import Mapping
from typing import Any, Final

from leaderboard.core.i18n import N_
from leaderboard.datasets.columns import Column
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.standards.reading import values
from leaderboard.datasets.standards.reading.json_text import refuse
from leaderboard.datasets.standards.reading.notes import Notes, Properties, Understood

PREFIXES: Final = (
    "sc:", "schema:", "cr:", "ml:", "dct:", "dcterms:", "https://schema.org/", "http://schema.org/",
    "http://mlcommons.org/croissant/", "http://purl.org/dc/terms/",
)  # fmt: skip
VERSIONS: Final = ("1.1", "1.0", "0.8")
_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Text", "URL", "Time"), "string"),
    **dict.fromkeys(("Integer", *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64))), "integer"),
    **dict.fromkeys(("Number", "Float", "Float16", "Float32", "Float64"), "number"),
    **dict.fromkeys(("Boolean", "Bool"), "boolean"),
    "Date": "date",
    "DateTime": "datetime",
}
"""Types of fields there → types of columns; others are left unsaid."""
_HOME: Final = "http://mlcommons.org/croissant/"
_OF_JSON_LD: Final = frozenset({"@context", "@type", "@id", "@graph"})


def is_one(document: Mapping[str, Any]) -> bool:
    """Whether this is a dataset of schema.org's, alone or in a graph."""
    return bool(_datasets(document))


def _datasets(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    graph = document.get("@graph")
    nodes = [document, *graph] if isinstance(graph, list) else [document]
    return [node for node in nodes if isinstance(node, Mapping) and "Dataset" in map(_short, _many(node.get("@type")))]


def read(document: Mapping[str, Any]) -> Understood:
    """The draft in a description. Raises Malformed where it describes several datasets."""
    datasets = _datasets(document)
    if len(datasets) > 1:
        refuse(
            "import.several",
            N_("There are {count} datasets in this description; give one at a time."),
            count=len(datasets),
        )
    notes = Notes()
    root = Properties(_without_words(datasets[0]), "", notes, PREFIXES)
    kind = _kind(root, notes)
    referred = _Referred(document, notes)
    id, file = _file(root, referred, notes)
    given: dict[str, Any] = {
        **values.texts(root.take("name", "alternateName"), "title", notes),
        **values.texts(root.take("description"), "summary", notes),
        **values.texts(root.take("rai:dataCollection"), "provenance", notes),
        **values.texts(root.take("citeAs", "citation"), "citation", notes),
        **values.keywords(root.take("keywords"), notes),
    }
    licence = values.licence(root.take("license"), notes)
    words = CardWords(
        **given,
        languages=values.languages(root.take("inLanguage"), notes),
        licence=licence,
        own=values.terms(((at, referred.all(value, at)) for at, value in root.take("usageInfo")), licence, notes),
    )
    file["columns"] = _columns(root, referred, id, notes)
    if any(isinstance(one, str) for one in _many(document.get("@context"))):
        notes.unused.append("@context")
    root.leave()
    return notes.understood(kind, words, **file)


def _without_words(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in _OF_JSON_LD}


def _kind(root: Properties, notes: Notes) -> str:
    for path, value in root.take("conformsTo"):
        named = [one.get("@id") if isinstance(one, Mapping) else one for one in _many(value)]
        for version in VERSIONS:
            if f"{_HOME}{version}" in named:
                return f"Croissant {version}"
        notes.complain(
            path, N_("only Croissant {known} is known; read as far as it is like these"), known=", ".join(VERSIONS)
        )
        return "Croissant"
    return "Croissant 0.8 / schema.org"


def _file(root: Properties, referred: "_Referred", notes: Notes) -> tuple[str, dict[str, Any]]:
    """The ``@id`` of the first file with an address of its own, and what is said of it; a card is about one file, so the others are
    not used.
    """
    id, chosen = "", dict[str, Any]()
    for path, value in root.take("distribution"):
        for number, one in enumerate(_many(value)):
            at = f"{path}.{number}"
            node = referred.to(one, at)
            if node is None:
                continue
            parts = Properties(_without_words(node), f"{at}.", notes, PREFIXES)
            if chosen or "FileObject" not in map(_short, _many(node.get("@type"))) or list(parts.take("containedIn")):
                notes.unused.append(at)
                continue
            id = str(node.get("@id") or "")
            chosen = {
                "address": values.of_reference("address", parts.take("contentUrl"), notes),
                "sha256": values.of_reference("sha256", parts.take("sha256"), notes),
                "media_type": values.of_reference("media_type", parts.take("encodingFormat"), notes),
                "size": values.size(parts.take("contentSize"), notes),
            }
            parts.leave()
    return id, chosen


def _columns(root: Properties, referred: "_Referred", file: str, notes: Notes) -> tuple[Column, ...]:
    """The fields of one record set: one that is read from the file, and of several the one with the most fields."""
    for path, value in root.take("recordSet"):
        places = [(f"{path}.{number}", one) for number, one in enumerate(_many(value))]
        nodes = [(at, node) for at, one in places if (node := referred.to(one, at)) is not None]
        if not nodes:
            return ()
        chosen, node = max(nodes, key=lambda one: _weight(one[1], file))
        notes.unused += [at for at, _ in nodes if at != chosen]
        parts = Properties(_without_words(node), f"{chosen}.", notes, PREFIXES)
        found = [_column(referred.to(one, f"{at}.{number}"), f"{at}.{number}", notes)
                 for at, fields in parts.take("field") for number, one in enumerate(_many(fields))]  # fmt: skip
        parts.leave()
        return values.each_once(found, chosen, notes)
    return ()


def _weight(node: Mapping[str, Any], file: str) -> tuple[bool, int]:
    fields = [_shortened(one) for one in _many(_shortened(node).get("field"))]
    sources = [_shortened(_shortened(one.get("source")).get("fileObject")).get("@id") for one in fields]
    return bool(file) and file in sources, len(fields)


def _column(node: Mapping[str, Any] | None, path: str, notes: Notes) -> Column | None:
    if node is None:
        return None
    parts = Properties(_without_words(node), f"{path}.", notes, PREFIXES, quiet=True)
    source = next((_shortened(value) for _, value in parts.take("source")), {})
    names = [_shortened(source.get("extract")).get("column"), *(value for _, value in parts.take("name"))]
    names.append(str(node.get("@id") or "").rpartition("/")[2])
    name = next((one for one in names if isinstance(one, str) and one), "")
    unit = next((one for _, one in parts.take("unitText") if isinstance(one, str)), "")
    nested = any(value for key in ("subField", "repeated") for _, value in parts.take(key))
    kinds = [_short(one.get("@id") if isinstance(one, Mapping) else one)
             for _, value in parts.take("dataType") for one in _many(value)]  # fmt: skip
    known = next((_TYPES[kind] for kind in kinds if kind in _TYPES), "")
    if kinds and not known:
        notes.unused.append(f"{path}.dataType")
    about = values.about(parts.take("description"), notes)
    parts.leave()
    return values.column(name, "nested" if nested else known, unit, about, path, notes)


def _shortened(node: Any) -> dict[str, Any]:
    """An object by the short names of its properties; empty for anything else."""
    return {_short(key): value for key, value in node.items()} if isinstance(node, Mapping) else {}


class _Referred:
    """The nodes of a document by ``@id``, looked up and never fetched."""

    def __init__(self, document: Mapping[str, Any], notes: Notes) -> None:
        self._notes = notes
        self._nodes: dict[str, Mapping[str, Any]] = {}
        waiting: list[Any] = [document]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Mapping):
                if isinstance(node.get("@id"), str) and len(node) > 1:
                    self._nodes.setdefault(node["@id"], node)
                waiting.extend(node.values())
            elif isinstance(node, list):
                waiting.extend(node)

    def to(self, value: Any, path: str) -> Mapping[str, Any] | None:
        """The node that ``value`` is or refers to; None, with a complaint, where there is none."""
        if not isinstance(value, Mapping):
            self._notes.complain(path, values.WRONG_TYPE)
            return None
        if set(value) != {"@id"}:
            return value
        found = self._nodes.get(value["@id"]) if isinstance(value["@id"], str) else None
        if found is None:
            self._notes.complain(
                path, N_("this refers to something that is not in the description; nothing is fetched")
            )
        return found

    def all(self, value: Any, path: str) -> list[Any]:
        """One value or many, nodes looked up, others as they are."""
        return [self.to(one, path) if isinstance(one, Mapping) else one for one in _many(value)]


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _short(name: Any) -> str:
    text = name if isinstance(name, str) else ""
    return next((text.removeprefix(prefix) for prefix in PREFIXES if text.startswith(prefix)), text)
