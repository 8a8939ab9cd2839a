"""What a Croissant description says about items of the documentation, and which of its properties nobody used."""

from collections.abc import Mapping
from typing import Any, Final

from challenges.datasets.croissant import PREFIXES, Description, each
from challenges.datasets.desk import Desk, Draft, text_of
from challenges.datasets.noting import listed

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


def describe(draft: Draft, found: Description, desk: Desk) -> None:
    """What the description says about items of the documentation; and which of its properties nobody used."""
    root = found.root
    place = root.described.file
    for name, item in _PROSE.items():
        text = _prose(root.get(name))
        if text:
            draft.facts.append((item, text, f"{place} {name}"))
    draft.licences += [(text, f"{place} license") for one in each(root.get("license")) if (text := text_of(one))]
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
    known = {prefix + name for prefix in PREFIXES for name in (*_PASSIVE, *_PROSE)}
    unused = [key for key in root.value if key not in known]
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
                bare = next((key.removeprefix(prefix) for prefix in PREFIXES[1:] if key.startswith(prefix)), key)
                if bare not in _IN_PARTS:
                    unused[f"{name}.{key}"] = None
            waiting += [
                (f"{name}.{deep}", inner)
                for deep in ("field", "source", "extract", "transform")
                for inner in node.nodes(deep)
            ]
    return list(unused)


def _prose(value: Any) -> str:
    """The text of a property, also from the objects of provenance vocabularies."""
    if isinstance(value, dict):
        keys = ("name", "prov:label", "description", "url", "prov:locatedAt", "@id", "email")
        return ", ".join(dict.fromkeys(text for key in keys if (text := text_of(value.get(key)))))
    if isinstance(value, list):
        return "; ".join(text for one in value[:100] if (text := _prose(one)))
    return text_of(value)
