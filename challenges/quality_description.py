"""A quality report as linked data: a Croissant description of the dataset whose measurements are terms of the Data Quality Vocabulary.

Croissant 1.1 (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html) says what the dataset is, DQV (W3C Note,
https://www.w3.org/TR/vocab-dqv/) what was measured. Plain dictionaries; neither numpy nor polars is imported.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from challenges.quality import ColumnFound, MeasureFound, QualityReport
from scoring.quality.checks import CHECKS

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.1"
METRICS: Final = "urn:jiebang:quality:"
FILE: Final = "data"
"""The `@id` of the file within the description."""
CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "conformsTo": "dct:conformsTo",
    "recordSet": "cr:recordSet",
    "field": "cr:field",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "source": "cr:source",
    "fileObject": "cr:fileObject",
    "extract": "cr:extract",
    "column": "cr:column",
}
TYPES: Final[Mapping[str, str]] = {
    "number": "sc:Float",
    "integer": "sc:Integer",
    "unsigned": "sc:Integer",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
}
MEDIA: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "jsonl": "application/jsonlines",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
}


def described(report: QualityReport, *, sha256: str, size: int, address: str, sentence: str) -> dict[str, Any]:
    """The description of the dataset that `report` is about.

    sha256, size   of the file that was handed in, in hexadecimal and in bytes
    address        where the file is
    sentence       a description for people
    """
    file = report.name
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "name": report.name,
        "description": sentence,
        "conformsTo": CONFORMS_TO,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": FILE,
                "name": file,
                "contentUrl": address,
                "contentSize": f"{size} B",
                "encodingFormat": MEDIA.get(file.rpartition(".")[2].lower(), "application/octet-stream"),
                "sha256": sha256,
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "records",
                "name": "records",
                "field": [_field(column, number) for number, column in enumerate(report.columns, 1)],
            }
        ],
        "dqv:hasQualityMeasurement": list(_measurements(report)),
    }


def _field(column: ColumnFound, number: int) -> dict[str, Any]:
    """Named by its number: columns are called as people like, and readers refuse an `@id` with a space in it."""
    return {
        "@type": "cr:Field",
        "@id": f"records/{number}",
        "name": column.name,
        "dataType": TYPES.get(column.kind, "sc:Text"),
        "source": {"fileObject": {"@id": FILE}, "extract": {"column": column.name}},
    }


def _measurements(report: QualityReport) -> Iterator[dict[str, Any]]:
    for one in report.measures:
        yield _measurement(one.key, CHECKS[one.key].title, one.value, one)
    for key, scale in {**report.blocks, "composite": report.composite}.items():
        yield {
            **_measurement(key, f"{key}, points from 0 to 100", scale.value),
            "urn:jiebang:interval": [scale.low, scale.high],
        }


def _measurement(key: str, title: str, value: float, found: MeasureFound | None = None) -> dict[str, Any]:
    metric: dict[str, Any] = {"@id": f"{METRICS}{key}", "@type": "dqv:Metric", "skos:prefLabel": title}
    if found is not None:
        metric |= {"skos:definition": CHECKS[key].explanation, "skos:notation": list(CHECKS[key].codes)}
    said: dict[str, Any] = {
        "@type": "dqv:QualityMeasurement",
        "dqv:isMeasurementOf": metric,
        "dqv:value": {"@type": "xsd:double", "@value": value},
    }
    if found is not None:
        said |= {"urn:jiebang:points": found.points.value, "urn:jiebang:interval": [found.low, found.high]}
    return said
