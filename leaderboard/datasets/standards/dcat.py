"""Datasets and the catalogue in the terms of DCAT-AP 3: what a harvester reads.

A dataset's address is its card's in no language. Versions older than the newest are described with the dataset alone and not in
the catalogue, where harvesters would take each for a dataset of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from challenges.facets import MODALITIES, SECTORS
from challenges.quality import MeasureFound, QualityReport, Scale
from challenges.quality_description import METRICS
from leaderboard.core.i18n import LOCALES, N_, locale_tag, translate
from leaderboard.datasets.audits import AUDITS, MATTERS, OUTCOMES, Audited
from leaderboard.datasets.models import DatasetVersion
from leaderboard.datasets.standards import vocabularies
from leaderboard.datasets.standards.rdf import Iri, Literal, Triple, facts, named, said
from leaderboard.datasets.standards.subject import Subject
from leaderboard.ui.quality import BLOCK_TITLES
from scoring.quality.checks import CHECKS

Policies = Sequence[tuple[Iri, Sequence[Triple]]]
"""ODRL offers: the address of each, and its triples; the card's own first."""

NAME: Final = N_("Jiebang datasets")
ABOUT: Final = N_(
    "Datasets that were made in open challenges or offered by their owners, with what was measured of their quality."
)
COMPOSITE: Final = N_("Composite of the quality blocks, points from 0 to 100")
_SHA256: Final = named("spdx:checksumAlgorithm_sha256")
BLOCK: Final = N_("{block}, points from 0 to 100")


def dataset(subject: Subject, policies: Policies = ()) -> Iterator[Triple]:
    """The whole description of one dataset, each of its versions, and the evidence about the newest."""
    yield from _summary(subject, policies)
    if len(subject.versions) > 1:
        yield from _versions(subject)


def catalogue(page: "CataloguePage", subjects: Sequence[tuple[Subject, Policies]]) -> Iterator[Triple]:
    """One page of the catalogue with the datasets on it."""
    here, home = Iri(f"{page.site}/datasets"), Iri(f"{page.site}/")
    yield from facts(
        here,
        "dcat:Catalog",
        dct_title=_in_both(NAME),
        dct_description=_in_both(ABOUT),
        dct_publisher=home,
        dct_language=_languages(locale_tag(locale) for locale in LOCALES),
        dcat_themeTaxonomy=vocabularies.THEMES,
        foaf_homepage=home,
        dcat_dataset=[Iri(subject.address) for subject, _ in subjects],
    )
    yield from facts(home, "foaf:Agent", foaf_name=said("Jiebang"))
    yield from _typed("foaf:Document", home)
    yield from facts(vocabularies.THEMES, "skos:ConceptScheme", dct_title=said(vocabularies.SCHEME_NAME, "en"))
    yield from _typed("dct:LinguisticSystem", *_languages(locale_tag(locale) for locale in LOCALES))
    yield from _paging(page)
    for subject, policies in subjects:
        yield from _summary(subject, policies)


@dataclass(frozen=True)
class CataloguePage:
    """``number`` of ``pages``; ``address`` is that of the catalogue in this form, without a page."""

    site: str
    address: str
    number: int
    pages: int
    total: int
    size: int


def _paging(page: CataloguePage) -> Iterator[Triple]:
    """In both vocabularies of Hydra: harvesters know the older one, and its newer names too."""

    def at(number: int) -> Iri:
        return Iri(f"{page.address}?page={number}")

    here, links = at(page.number), {"first": 1, "last": page.pages}
    links |= {"previous": page.number - 1} if page.number > 1 else {}
    links |= {"next": page.number + 1} if page.number < page.pages else {}
    yield from _typed("hydra:PagedCollection", here)
    yield from _typed("hydra:PartialCollectionView", here)
    for name, count in (("totalItems", page.total), ("itemsPerPage", page.size)):
        yield here, f"hydra:{name}", said(str(count), datatype="xsd:integer")
    for name, number in links.items():
        yield here, f"hydra:{name}", at(number)
        yield here, f"hydra:{name}Page", at(number)


def _summary(subject: Subject, policies: Policies) -> Iterator[Triple]:
    """A dataset by its newest version."""
    here, words, newest = Iri(subject.address), subject.words, subject.newest
    yield from facts(
        here,
        "dcat:Dataset",
        **_headline(subject),
        dct_identifier=said(subject.address),
        dcat_theme=vocabularies.themes(words.sector),
        dcat_keyword=_keywords(words.modalities),
        dct_language=_languages(words.languages),
        dct_modified=_moment(newest.created_at),
        dct_issued=[_moment(at) for at in (subject.published_at,) if at],
        dct_provenance=[Iri(f"{here}#provenance")] if subject.said("provenance") else [],
        dct_bibliographicCitation=_texts(subject, "citation"),
        dct_accessRights=[vocabularies.RESTRICTED] if newest.address is None else [],
        dcat_landingPage=[Iri(address) for address in subject.pages.values()],
        dcat_version=said(str(newest.number)),
        adms_versionNotes=_changelog(newest),
        dcat_distribution=_file(subject, newest),
        odrl_hasPolicy=[address for address, _ in policies],
    )
    if subject.said("provenance"):
        yield from facts(Iri(f"{here}#provenance"), "dct:ProvenanceStatement", rdfs_label=_texts(subject, "provenance"))
    yield from _typed("foaf:Document", *map(Iri, subject.pages.values()))
    yield from _typed("dct:LinguisticSystem", *_languages(words.languages))
    if newest.address is None:
        yield from _typed("dct:RightsStatement", vocabularies.RESTRICTED)
    yield from facts(_owner(subject), "foaf:Agent", foaf_name=said(subject.owner))
    yield from _concept(words.sector)
    yield from _distribution(subject, newest, policies[:1])  # DCAT-AP lets a file have one
    if subject.report is not None:
        yield from _measurements(subject, subject.report)
    for one in subject.audits:
        yield from _audit(subject, one)
    for _, triples in policies:
        yield from triples


def _headline(subject: Subject) -> Mapping[str, Iri | Sequence[Literal]]:
    """What every dcat:Dataset of ours has."""
    return {
        "dct_title": _texts(subject, "title") or [said(subject.slug)],
        "dct_description": _texts(subject, "summary") or [said(subject.slug)],
        "dct_publisher": _owner(subject),
        "dct_creator": _owner(subject),
    }


def _versions(subject: Subject) -> Iterator[Triple]:
    here = Iri(subject.address)
    for place, version in enumerate(subject.versions):
        one = _version(subject, version)
        before = subject.versions[place + 1 : place + 2]
        yield here, "dcat:hasVersion", one
        yield from facts(
            one,
            "dcat:Dataset",
            **_headline(subject),
            dcat_version=said(str(version.number)),
            dcat_isVersionOf=here,
            dcat_previousVersion=[_version(subject, older) for older in before],
            dct_issued=_moment(version.created_at),
            adms_versionNotes=_changelog(version),
            dcat_distribution=_file(subject, version),
        )
        if place > 0:
            yield from _distribution(subject, version, ())


def _distribution(subject: Subject, version: DatasetVersion, policies: Policies) -> Iterator[Triple]:
    """The file of a version. One that stays with its team is asked for on the card."""
    here = _file(subject, version)
    licence = [vocabularies.licence(subject.words.licence)] if subject.words.licence else []
    kind, media = vocabularies.file_type(version.media_type), vocabularies.media_type(version.media_type)
    yield from facts(
        here,
        "dcat:Distribution",
        dct_title=_texts(subject, "title"),
        dcat_accessURL=Iri(version.address or subject.address),
        dcat_downloadURL=[Iri(version.address)] if version.address else [],
        dcat_mediaType=media,
        dct_format=[kind] if kind else [],
        dcat_byteSize=[] if version.size is None else [said(str(version.size), datatype="xsd:nonNegativeInteger")],
        dct_issued=_moment(version.created_at),
        dct_license=licence,
        odrl_hasPolicy=[address for address, _ in policies],
    )
    yield from _checksum(here, version.sha256)
    yield from _typed("dct:MediaType", media)
    yield from _typed("dct:MediaTypeOrExtent", *([kind] if kind else []))
    for one in licence:
        yield from facts(one, "dct:LicenseDocument", dct_identifier=said(subject.words.licence))


def _concept(sector: str) -> Iterator[Triple]:
    if sector in SECTORS:
        theirs = vocabularies.themes(sector)
        yield from facts(
            theirs[-1], "skos:Concept", skos_prefLabel=_in_both(SECTORS[sector]), skos_broadMatch=theirs[:-1]
        )
        for theme in theirs[:-1]:
            yield from facts(theme, "skos:Concept", skos_prefLabel=said(vocabularies.theme_name(theme), "en"))


# What was measured


def _measurements(subject: Subject, report: QualityReport) -> Iterator[Triple]:
    version = subject.newest
    run = Iri(f"{subject.address}#measuring-{version.number}")
    yield from facts(
        run,
        "prov:Activity",
        prov_used=_file(subject, version),
        prov_endedAtTime=[_moment(at) for at in (version.measured_at,) if at],
        rdfs_comment=[said(f"{name}: {value}") for name, value in sorted(report.made_with.items())],
    )
    for one in report.measures:
        check = CHECKS[one.key]
        yield from _metric(one.key, _in_both(check.title), definition=_in_both(check.explanation))
        yield from _measurement(subject, run, one.key, one)
    for key, scale in {**report.blocks, "composite": report.composite}.items():
        title = BLOCK_TITLES.get(key)
        names = _in_both(COMPOSITE) if title is None else _in_both(BLOCK, block=title)
        yield from _metric(key, names, definition=())
        yield from _measurement(subject, run, key, scale)


def _metric(key: str, title: Sequence[Literal], *, definition: Sequence[Literal]) -> Iterator[Triple]:
    yield from facts(
        Iri(METRICS + key),
        "dqv:Metric",
        skos_prefLabel=title,
        skos_definition=definition,
        dqv_expectedDataType=named("xsd:double"),
    )


def _measurement(subject: Subject, run: Iri, key: str, found: MeasureFound | Scale) -> Iterator[Triple]:
    here = Iri(f"{subject.address}#measured-{subject.newest.number}-{key}")
    yield Iri(subject.address), "dqv:hasQualityMeasurement", here
    yield from facts(
        here,
        "dqv:QualityMeasurement",
        dqv_isMeasurementOf=Iri(METRICS + key),
        dqv_computedOn=Iri(subject.address),
        dqv_value=_number(found.value),
        jiebang_low=_number(found.low),
        jiebang_high=_number(found.high),
        prov_wasGeneratedBy=run,
    )


# What auditors found


def _audit(subject: Subject, audited: Audited) -> Iterator[Triple]:
    """An annotation of the dataset and of the file; no dqv:QualityCertificate, since it may say that something is amiss."""
    audit, here = audited.audit, Iri(f"{subject.address}#audit-{audited.audit.id}")
    auditor, matter = Iri(f"{subject.site}{audited.auditor_path}"), Iri(f"{AUDITS}{audit.matter}")
    outcome, report = Iri(f"{AUDITS}outcome:{audit.outcome}"), Iri(f"{here}-report")
    texts = {locale_tag("zh"): audit.text_zh, locale_tag("en"): audit.text_en}
    bodies = {Iri(f"{here}-text-{tag}"): said(text, tag) for tag, text in texts.items() if text}
    yield Iri(subject.address), "dqv:hasQualityAnnotation", here
    yield from _typed("oa:Annotation", here)
    yield from facts(
        here,
        "dqv:QualityAnnotation",
        oa_motivatedBy=named("dqv:qualityAssessment"),
        oa_hasTarget=[Iri(subject.address), _file(subject, subject.newest)],
        oa_hasBody=[outcome, *bodies],
        dqv_inDimension=matter,
        dct_creator=auditor,
        dct_date=said(audit.audited_on.isoformat(), datatype="xsd:date"),
        dct_created=_moment(audit.recorded_at),
        prov_wasDerivedFrom=[report] if audit.report_sha256 else [],
    )
    yield from facts(auditor, "foaf:Agent", foaf_name=said(audited.auditor.name))
    yield from facts(matter, "dqv:Dimension", skos_prefLabel=_in_both(MATTERS[audit.matter]))
    yield from facts(outcome, "skos:Concept", skos_prefLabel=_in_both(OUTCOMES[audit.outcome]))
    for body, text in bodies.items():
        yield from facts(body, "oa:TextualBody", rdf_value=text)
    if audit.report_sha256:
        yield from _typed("prov:Entity", report)
        yield from _checksum(report, audit.report_sha256)


# Small parts


def _checksum(of: Iri, sha256: str) -> Iterator[Triple]:
    here = Iri(f"{of}-checksum")
    yield of, "spdx:checksum", here
    yield from facts(
        here,
        "spdx:Checksum",
        spdx_algorithm=_SHA256,
        spdx_checksumValue=said(sha256, datatype="xsd:hexBinary"),
    )
    yield from _typed("spdx:ChecksumAlgorithm", _SHA256)


def _typed(kind: str, *nodes: Iri) -> Iterator[Triple]:
    """What others' words are: a validator sees this document alone."""
    for node in nodes:
        yield node, "rdf:type", named(kind)


def _languages(tags: Iterable[str]) -> list[Iri]:
    return [language for tag in tags if (language := vocabularies.language(tag))]


def _owner(subject: Subject) -> Iri:
    return Iri(f"{subject.site}{subject.owner_path}")


def _file(subject: Subject, version: DatasetVersion) -> Iri:
    return Iri(f"{subject.address}#file-{version.number}")


def _version(subject: Subject, version: DatasetVersion) -> Iri:
    return Iri(f"{subject.address}#version-{version.number}")


def _texts(subject: Subject, name: str) -> list[Literal]:
    return [said(text, tag) for tag, text in subject.said(name).items()]


def _in_both(message: str, **params: str) -> list[Literal]:
    """One of our own sentences in both languages; its parameters are sentences too."""
    return [
        said(
            translate(locale, message, **{name: translate(locale, text) for name, text in params.items()}),
            locale_tag(locale),
        )
        for locale in LOCALES
    ]


def _keywords(modalities: Sequence[str]) -> list[Literal]:
    return [one for key in modalities for one in _in_both(MODALITIES.get(key, key))]


def _changelog(version: DatasetVersion) -> list[Literal]:
    texts = {"zh": version.changelog_zh, "en": version.changelog_en}
    return [said(text, locale_tag(locale)) for locale, text in texts.items() if text]


def _moment(at: datetime) -> Literal:
    return said(at.isoformat(), datatype="xsd:dateTime")


def _number(value: float) -> Literal:
    return said(repr(value), datatype="xsd:double")
