"""Croissant 0.8, 1.0 and 1.1, and any schema.org/Dataset: what of it fits on a card.

JSON-LD is read as plain JSON. A context at an address stays unread: properties go by the names that Croissant and schema.org give
them, bare, with their usual prefixes or spelt out. What a node refers to by ``@id`` is looked up in the document itself.
"""

from collections.abc import Mapping
from typing import Any, Final

from leaderboard.core.i18n import N_
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.standards.reading import values
from leaderboard.datasets.standards.reading.json_text import refuse
from leaderboard.datasets.standards.reading.notes import Notes, Properties, Understood

PREFIXES: Final = (
    "sc:", "schema:", "cr:", "ml:", "dct:", "dcterms:", "https://schema.org/", "http://schema.org/",
    "http://mlcommons.org/croissant/", "http://purl.org/dc/terms/",
)  # fmt: skip
VERSIONS: Final = ("1.1", "1.0", "0.8")
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
    file = _file(root, _Referred(document, notes), notes)
    given: dict[str, Any] = {
        **values.texts(root.take("name", "alternateName"), "title", notes),
        **values.texts(root.take("description"), "summary", notes),
        **values.texts(root.take("rai:dataCollection"), "provenance", notes),
        **values.texts(root.take("citeAs", "citation"), "citation", notes),
        **values.keywords(root.take("keywords"), notes),
    }
    words = CardWords(
        **given,
        languages=values.languages(root.take("inLanguage"), notes),
        licence=values.licence(root.take("license"), notes),
    )
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


def _file(root: Properties, referred: "_Referred", notes: Notes) -> dict[str, Any]:
    """The first file with an address of its own; a card is about one file, so the others are not used."""
    chosen: dict[str, Any] = {}
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
            chosen = {
                "address": values.of_reference("address", parts.take("contentUrl"), notes),
                "sha256": values.of_reference("sha256", parts.take("sha256"), notes),
                "media_type": values.of_reference("media_type", parts.take("encodingFormat"), notes),
                "size": values.size(parts.take("contentSize"), notes),
            }
            parts.leave()
    return chosen


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


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _short(name: Any) -> str:
    text = name if isinstance(name, str) else ""
    return next((text.removeprefix(prefix) for prefix in PREFIXES if text.startswith(prefix)), text)
