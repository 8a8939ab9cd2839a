"""Croissant 1.0 and 1.1 (JSON-LD of MLCommons): what a description says, as plain values.

Only what is needed to find the records is read, and the prose; which properties were not used is said. Terms may carry any of the
usual prefixes, or none. Building the table from it is the work of `croissant_records`.
"""

import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote

from challenges.datasets.bundle import HashClaim
from challenges.datasets.describing import Described
from challenges.datasets.desk import Desk, Draft, text_of
from challenges.datasets.hashes import claim, size_claim
from challenges.datasets.noting import listed
from challenges.toml_lines import KeyPath
from challenges.values import is_inner_path

NAMES: Final = ("croissant.json", "metadata.json", "croissant.jsonld", "metadata.jsonld")
VERSIONS: Final = ("http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/1.1")
_MARK: Final = b"mlcommons.org/croissant"
_PREFIXES: Final = (
    "", "cr:", "sc:", "schema:", "croissant:", "dct:", "http://schema.org/", "https://schema.org/", "http://mlcommons.org/croissant/",
    "http://purl.org/dc/terms/",
)  # fmt: skip
_SPACES: Final = (
    "http://schema.org/",
    "https://schema.org/",
    "http://mlcommons.org/croissant/",
    "http://purl.org/dc/terms/",
)
_EXPECTED: Final = ("name", "description", "license", "url", "creator", "datePublished")
_ARCHIVES: Final = frozenset(
    {
        "application/zip",
        "application/gzip",
        "application/x-tar",
        "application/x-gzip",
        "application/x-gtar",
        "git+https",
    }
)
LISTS: Final = frozenset({"Enumeration", "Split"})
"""Types of record sets that list values for others."""
_DEEPEST: Final = 8
_REMOTE: Final = re.compile(r"(?i)^[a-z][a-z0-9+.-]+:")
_LONGEST_GLOB: Final = 300
_PROSE: Final[Mapping[str, str]] = {
    "license": "licence", "version": "versioning", "url": "access", "creator": "support", "maintainer": "support", "publisher": "support",
    "usageInfo": "scenarios", "isBasedOn": "source", "prov:wasDerivedFrom": "source", "prov:wasGeneratedBy": "processing",
    "temporalCoverage": "distribution", "spatialCoverage": "distribution", "inLanguage": "modality", "measurementTechnique": "collection",
    "rai:dataCollection": "collection", "rai:dataCollectionType": "collection", "rai:dataCollectionRawData": "source",
    "rai:dataPreprocessingProtocol": "processing", "rai:dataManipulationProtocol": "processing", "rai:dataImputationProtocol": "processing",
    "rai:dataAnnotationProtocol": "labelling", "rai:dataAnnotationAnalysis": "labelling", "rai:annotationsPerItem": "labelling",
    "rai:annotatorDemographics": "labelling", "rai:dataLimitations": "limitations", "rai:dataBiases": "limitations",
    "rai:dataUseCases": "scenarios", "rai:useCases": "scenarios", "rai:dataReleaseMaintenancePlan": "versioning",
    "rai:dataReleaseMaintenance": "versioning", "rai:dataSocialImpact": "limitations",
}  # fmt: skip
"""Property of the dataset → the item of the documentation that it speaks of (Croissant 1.1, Croissant RAI 1.0)."""
_PASSIVE: Final = frozenset(
    {"@context", "@type", "@id", "name", "description", "conformsTo", "distribution", "recordSet", "keywords", "citeAs", "citation",
     "dateCreated", "dateModified", "datePublished", "isLiveDataset", "sameAs", "alternateName", "sdVersion", "sdLicense"}
)  # fmt: skip


class Node:
    """An object of the description, at its key path; `used` collects which properties were looked at."""

    def __init__(
        self, described: Described, path: KeyPath, value: dict[str, Any], prefixes: tuple[str, ...], used: set[KeyPath]
    ) -> None:
        self.described, self.path, self.value = described, path, value
        self._prefixes, self._used = prefixes, used

    def key(self, name: str) -> str | None:
        """The key under which a property is written."""
        found = next((key for prefix in self._prefixes if (key := prefix + name) in self.value), None)
        if found is not None:
            self._used.add((*self.path, found))
        return found

    def get(self, name: str) -> Any:
        key = self.key(name)
        return None if key is None else self.value[key]

    def text(self, name: str) -> str:
        return text_of(self.get(name))

    def at(self, name: str) -> KeyPath:
        return (*self.path, self.key(name) or name)

    def nodes(self, name: str) -> Iterator["Node"]:
        """The objects of a property, one or many."""
        value, at = self.get(name), self.at(name)
        if isinstance(value, dict):
            yield Node(self.described, at, value, self._prefixes, self._used)
        for number, one in enumerate(value if isinstance(value, list) else ()):
            if isinstance(one, dict):
                yield Node(self.described, (*at, number), one, self._prefixes, self._used)

    def node(self, name: str) -> "Node | None":
        return next(self.nodes(name), None)

    def ids(self, name: str) -> list[str]:
        """The ids that a property refers to: `{"@id": …}`, plain texts, or one level deeper (`{"field": {"@id": …}}`)."""
        value = self.get(name)
        found = []
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                found.append(one)
            elif isinstance(one, dict):
                inner = one.get("@id") or next(
                    (deep.get("@id") for deep in one.values() if isinstance(deep, dict)), None
                )
                if isinstance(inner, str):
                    found.append(inner)
        return found

    @property
    def id(self) -> str:
        """Its own id, or its name where it has none."""
        own = self.value.get("@id")
        return own if isinstance(own, str) and own else self.text("name")

    def types(self, name: str = "dataType") -> tuple[str, ...]:
        """Types without their prefixes: `sc:Text` and `https://schema.org/Text` are `Text`."""
        value = self.get(name)
        names = [
            one.get("@id") if isinstance(one, dict) else one for one in (value if isinstance(value, list) else [value])
        ]
        return tuple(re.split(r"[:/#]", name)[-1] for name in names if isinstance(name, str))


@dataclass
class Resource:
    """A FileObject or FileSet; `paths` are its files in the dataset, and `container` an archive whose files lie around it."""

    id: str
    node: Node
    paths: tuple[str, ...]
    container: bool = False


@dataclass
class Description:
    """What `croissant_records` builds from: resources and record sets by id."""

    root: Node
    resources: dict[str, Resource] = field(default_factory=dict)
    record_sets: list[Node] = field(default_factory=list)
    hashes: list[HashClaim] = field(default_factory=list)


def fields_of(records: Node) -> Iterator[Node]:
    """The fields of a record set, those inside others too, and annotations that are fields."""
    waiting = [(node, 0) for name in ("field", "annotation") for node in records.nodes(name)]
    while waiting:
        node, depth = waiting.pop(0)
        yield node
        if depth < _DEEPEST:
            waiting[:0] = [(inner, depth + 1) for name in ("subField", "annotation") for inner in node.nodes(name)]


def _target(node: Node, source: Node | None) -> str:
    """The id of the file, files or field that a field's source refers to."""
    if source is None:
        return next(iter(node.ids("source")), "")
    named = [one for key in ("fileObject", "fileSet", "field") for one in source.ids(key)]
    return next(iter(named), source.id)


def find(desk: Desk) -> str | None:
    """The file at the root that is a Croissant description, if any is."""
    roots = [path for path in desk.paths if "/" not in path and path.lower().endswith((".json", ".jsonld"))]
    for path in sorted(roots, key=lambda path: (path not in NAMES, path)):
        if desk.holding.sizes[path] <= desk.limits.description_bytes and _MARK in desk.head(path, 1 << 16):
            return path
    return None


def read(desk: Desk, path: str) -> Description | None:
    """The description in a file. What is wrong with it goes to the notes."""
    described = desk.described(path)
    if described is None:
        return None
    if not isinstance(described.value, dict):
        desk.notes.put([described.finding("package.want_table")])
        return None
    root = Node(described, (), described.value, _prefixes(described.value), set())
    _check_root(root, desk)
    found = Description(root)
    for node in root.nodes("distribution"):
        resource = _resource(node, found, desk)
        found.resources[resource.id] = resource
    found.record_sets = list(root.nodes("recordSet"))
    if not found.record_sets:
        desk.notes.put([described.finding("dataset.croissant_no_records", ("recordSet",))])
        return None
    return found


def _prefixes(value: Mapping[str, Any]) -> tuple[str, ...]:
    context = value.get("@context")
    own = (
        [f"{name}:" for name, iri in context.items() if iri in _SPACES and name != "@vocab"]
        if isinstance(context, dict)
        else []
    )
    return tuple(dict.fromkeys((*_PREFIXES, *own)))


def _check_root(root: Node, desk: Desk) -> None:
    said = root.get("conformsTo")
    versions = [text_of(one) for one in said] if isinstance(said, list) else [text_of(said)]
    if not any(version.replace("https:", "http:").rstrip("/") in VERSIONS for version in versions):
        desk.notes.put(
            [
                root.described.finding(
                    "dataset.croissant_version", root.at("conformsTo"), level="warning", known=", ".join(VERSIONS)
                )
            ]
        )
    if lacking := [name for name in _EXPECTED if not root.text(name)]:
        desk.notes.about(
            "dataset.croissant_lacking",
            root.described.file,
            level="warning",
            lacking=", ".join(lacking),
            count=len(lacking),
        )


def _resource(node: Node, found: Description, desk: Desk) -> Resource:
    kinds = {node.text("encodingFormat"), *node.types("encodingFormat")}
    for inner in node.ids("containedIn"):
        if inner not in found.resources:
            desk.notes.put(
                [
                    node.described.finding(
                        "dataset.croissant_no_resource", node.at("containedIn"), level="warning", id=inner
                    )
                ]
            )
    if "FileSet" in node.types("@type") or node.get("includes") is not None:
        return Resource(node.id, node, _matching(node, found, desk))
    path = _local(node, desk)
    container = bool(kinds & _ARCHIVES) or (
        path is None and node.text("contentUrl").lower().endswith((".zip", ".gz", ".tar", ".tgz"))
    )
    if path is not None:
        _verify(node, path, found, desk)
        desk.use(path)
    return Resource(node.id, node, () if path is None else (path,), container and path is None)


def _local(node: Node, desk: Desk) -> str | None:
    """The file of the dataset that a FileObject is: by its path, else by its name where only one file has it."""
    url = node.text("contentUrl")
    inside = unquote(url).removeprefix("./")
    if inside in desk.holding.sizes:
        return inside
    remote = _REMOTE.match(url) is not None
    if url and not remote and not is_inner_path(inside):
        desk.notes.put([node.described.finding("dataset.path_outside", node.at("contentUrl"))])
        return None
    for name in (_last_step(url), node.text("name"), node.id):
        fitting = [path for path in desk.paths if name and PurePosixPath(path).name == name]
        if len(fitting) == 1:
            if remote:
                desk.notes.put(
                    [
                        node.described.finding(
                            "dataset.croissant_local", node.at("contentUrl"), level="note", found=fitting[0]
                        )
                    ]
                )
            return fitting[0]
    return None


def _last_step(url: str) -> str:
    """The name of the file that an address ends in."""
    return PurePosixPath(unquote(re.split(r"[?#]", url, maxsplit=1)[0])).name


def _matching(node: Node, found: Description, desk: Desk) -> tuple[str, ...]:
    """The files that match the patterns of a FileSet, seen from the root or from a folder named as its container is."""
    includes, excludes = (
        [text_of(one) for one in (value if isinstance(value, list) else [value])]
        for value in (node.get("includes"), node.get("excludes"))
    )
    patterns = [pattern for pattern in includes if pattern]
    if any(len(pattern) > _LONGEST_GLOB for pattern in (*includes, *excludes)):
        desk.notes.put(
            [
                node.described.finding(
                    "package.too_long", node.at("includes"), length=_LONGEST_GLOB + 1, longest=_LONGEST_GLOB
                )
            ]
        )
        return ()
    folders = [""]
    for inner in node.ids("containedIn"):
        if (container := found.resources.get(inner)) is not None:
            name = container.node.text("name") or _last_step(container.node.text("contentUrl"))
            folders.append(name.removesuffix(".zip").removesuffix(".gz").removesuffix(".tar") + "/")
    for folder in dict.fromkeys(folders):
        wanted = [re.compile(fnmatch.translate(folder + pattern.removeprefix("./"))) for pattern in patterns]
        without = [
            re.compile(fnmatch.translate(folder + pattern.removeprefix("./"))) for pattern in excludes if pattern
        ]
        hits = tuple(
            path
            for path in desk.paths
            if path != node.described.file
            and any(one.match(path) for one in wanted)
            and not any(one.match(path) for one in without)
        )
        if hits:
            desk.use(*hits)
            return hits
    return ()


def _verify(node: Node, path: str, found: Description, desk: Desk) -> None:
    for algorithm in ("sha256", "md5"):
        written = node.get(algorithm)
        if written is None:
            continue
        stated = claim(desk, path, written, None, f"{node.described.file} {node.id}.{algorithm}", algorithm=algorithm)
        if stated is None:
            desk.notes.put([node.described.finding("dataset.hash_form", node.at(algorithm), level="warning")])
        else:
            found.hashes.append(stated)
    size = node.get("contentSize")
    stated = None if size is None else size_claim(desk, path, str(size), f"{node.described.file} {node.id}.contentSize")
    if stated is not None:
        found.hashes.append(stated)


def describe(draft: Draft, found: Description, desk: Desk) -> None:
    """What the description says about items of the documentation; and which of its properties nobody used."""
    root = found.root
    place = root.described.file
    for name, item in _PROSE.items():
        text = _prose(root.get(name))
        if text:
            draft.facts.append((item, text, f"{place} {name}"))
    draft.licences += [(text, f"{place} license") for one in _each(root.get("license")) if (text := text_of(one))]
    draft.source = next(
        (text for name in ("isBasedOn", "prov:wasDerivedFrom") if (text := _prose(root.get(name)))), None
    )
    draft.source_details = root.text("url") or None
    draft.original_time = root.text("dateCreated") or root.text("datePublished") or None
    formats = dict.fromkeys(
        text_of(one.node.get("encodingFormat")) for one in found.resources.values() if not one.container
    )
    fields = [
        f"{one.id}: {text}"
        for records in found.record_sets
        for one in records.nodes("field")
        if (text := one.text("description"))
    ]
    draft.facts += (
        [("format", ", ".join(kind for kind in formats if kind), f"{place} encodingFormat")] if any(formats) else []
    )
    draft.facts += [("structure", "\n".join(fields), f"{place} field.description")] if fields else []
    draft.prose.append((root.text("description"), f"{place} description"))
    draft.hashes += found.hashes
    unused = [
        key
        for key in root.value
        if not any(key == prefix + name for prefix in _PREFIXES for name in (*_PASSIVE, *_PROSE))
    ]
    unused += _deeper(found)
    if unused:
        desk.notes.about("dataset.keys_unused", place, level="note", count=len(unused), found=listed(unused))


_IN_PARTS: Final = frozenset(
    {"@type", "@id", "name", "description", "contentUrl", "contentSize", "encodingFormat", "sha256", "md5", "containedIn", "includes",
     "excludes", "field", "key", "data", "dataType", "source", "references", "extract", "transform", "fileObject", "fileSet", "column",
     "fileProperty", "regex", "isArray", "repeated", "arrayShape", "subField", "equivalentProperty", "annotation", "value", "jsonPath"}
)  # fmt: skip


def _deeper(found: Description) -> list[str]:
    """Properties of files, record sets and fields that are not read."""
    unused: dict[str, None] = {}
    for kind, nodes in (
        ("distribution", [one.node for one in found.resources.values()]),
        ("recordSet", found.record_sets),
    ):
        waiting = [(kind, node) for node in nodes]
        while waiting:
            name, node = waiting.pop()
            for key in node.value:
                bare = next((key.removeprefix(prefix) for prefix in _PREFIXES[1:] if key.startswith(prefix)), key)
                if bare not in _IN_PARTS:
                    unused[f"{name}.{key}"] = None
            waiting += [
                (f"{name}.{deep}", inner)
                for deep in ("field", "source", "extract", "transform")
                for inner in node.nodes(deep)
            ]
    return list(unused)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _prose(value: Any) -> str:
    """The text of a property, also from the objects of provenance vocabularies."""
    if isinstance(value, dict):
        keys = ("name", "prov:label", "description", "url", "prov:locatedAt", "@id", "email")
        return ", ".join(dict.fromkeys(text for key in keys if (text := text_of(value.get(key)))))
    if isinstance(value, list):
        return "; ".join(text for one in value[:100] if (text := _prose(one)))
    return text_of(value)
