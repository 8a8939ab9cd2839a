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
from challenges.datasets.desk import Desk, text_of
from challenges.datasets.hashes import claim, size_claim
from challenges.toml_lines import KeyPath
from challenges.values import is_inner_path

NAMES: Final = ("croissant.json", "metadata.json", "croissant.jsonld", "metadata.jsonld")
VERSIONS: Final = ("http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/1.1")
_MARK: Final = b"mlcommons.org/croissant"
PREFIXES: Final = (
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
MOST_RESOURCES: Final = 10_000
MOST_GLOBS: Final = 500
"""Patterns of file sets; each is held against every path."""
MOST_FIELDS: Final = 10_000
"""Fields of all record sets together."""
_REMOTE: Final = re.compile(r"(?i)^[a-z][a-z0-9+.-]+:")
_MOST_PREFIXES: Final = 20
_LONGEST_GLOB: Final = 300


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
    if _is_crowded(root, desk):
        return None
    for node in root.nodes("distribution"):
        resource = _resource(node, found, desk)
        found.resources[resource.id] = resource
    found.record_sets = list(root.nodes("recordSet"))
    if not found.record_sets:
        desk.notes.put([described.finding("dataset.croissant_no_records", ("recordSet",))])
        return None
    return found


def _is_crowded(root: Node, desk: Desk) -> bool:
    """Whether there are more parts than are read: each costs a look at the files or at the others."""
    resources = list(root.nodes("distribution"))
    counts = (
        ("distribution", len(resources), MOST_RESOURCES),
        (
            "distribution",
            sum(len(each(node.get(name))) for node in resources for name in ("includes", "excludes")),
            MOST_GLOBS,
        ),
        ("recordSet", sum(1 for records in root.nodes("recordSet") for _ in fields_of(records)), MOST_FIELDS),
    )
    found = [
        root.described.finding("dataset.list_long", root.at(name), most=most)
        for name, count, most in counts
        if count > most
    ]
    desk.notes.put(found)
    return bool(found)


def _prefixes(value: Mapping[str, Any]) -> tuple[str, ...]:
    context = value.get("@context")
    own = (
        [f"{name}:" for name, iri in context.items() if iri in _SPACES and name != "@vocab"]
        if isinstance(context, dict)
        else []
    )
    return tuple(dict.fromkeys((*PREFIXES, *own[:_MOST_PREFIXES])))


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
        fitting = desk.by_name.get(name, ()) if name else ()
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


def each(value: Any) -> list[Any]:
    """One or many values as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]
