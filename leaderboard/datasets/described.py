"""A card for machines: schema.org/Dataset and Croissant 1.1 in one document, its measurements in the terms of DQV, its audits as
reviews.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup
from pydantic import JsonValue

from challenges.quality import QualityReport
from challenges.quality_description import CONFORMS_TO, CONTEXT, FILE, described
from leaderboard.core.i18n import locale_tag, translate
from leaderboard.datasets.audits import AUDITS, MATTERS, OUTCOMES, Audited
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.models import DatasetVersion
from leaderboard.datasets.wording import Said
from leaderboard.terms import odrl

SPDX: Final = "https://spdx.org/licenses/"


def licence_address(licence: str) -> str | None:
    """Where the text of a licence is; None for terms of a source's own, which SPDX does not list."""
    return None if not licence or licence.startswith("LicenseRef-") else f"{SPDX}{licence}.html"


def document(
    words: CardWords,
    version: DatasetVersion,
    report: QualityReport | None,
    *,
    address: str,
    owner: str,
    published_at: datetime | None,
    citation: str,
    locale: str,
    policy: Mapping[str, JsonValue] | None = None,
    reviews: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The description of a dataset by its newest version, in the language of ``locale`` as far as it is written in it.

    address   of the card, absolute
    owner     who is named as its creator
    report    what is published of its quality report; None: not measured
    policy    its terms of use as an ODRL offer; None: nothing is said of them
    reviews   what `review` makes of the audits of this version
    """
    title, about = (_said(words, name, locale) for name in ("title", "summary"))
    made = _file(version, report, address, about)
    made["@context"] = {**CONTEXT, "@language": locale_tag(locale)}
    made |= {
        "name": title,
        "description": about,
        "url": address,
        "version": str(version.number),
        "creator": {"@type": "Organization", "name": owner},
        "license": licence_address(words.licence) or words.licence,
        "citeAs": citation,
        "keywords": [word for word in (words.sector, *words.modalities) if word],
        "inLanguage": list(words.languages),
        "dateModified": version.created_at.date().isoformat(),
        "review": list(reviews),
    }
    made["@context"]["citeAs"] = "cr:citeAs"
    if policy is not None:
        made["@context"] |= odrl.PREFIXES
        made["usageInfo"] = odrl.prefixed(policy)
    if published_at is not None:
        made["datePublished"] = published_at.date().isoformat()
    return {key: value for key, value in made.items() if value not in ("", [])}


def review(audited: Audited, site: str, locale: str) -> dict[str, Any]:
    """An audit of the file in the language of ``locale``, its text in the other one where it is written in that alone."""
    audit, text = audited.audit, Said.either(audited.audit.text_en, audited.audit.text_zh, locale)
    made: dict[str, Any] = {
        "@type": "sc:Review",
        "itemReviewed": {"@id": FILE},
        "reviewAspect": translate(locale, MATTERS[audit.matter]),
        "dqv:inDimension": {"@id": f"{AUDITS}{audit.matter}"},
        "reviewRating": {
            "@type": "sc:Rating",
            "ratingValue": audit.outcome,
            "ratingExplanation": translate(locale, OUTCOMES[audit.outcome]),
        },
        "author": {
            "@type": "sc:Organization",
            "name": audited.auditor.name,
            "url": f"{site}{audited.auditor_path}",
        },
        "dateCreated": audit.audited_on.isoformat(),
        "datePublished": audit.recorded_at.date().isoformat(),
    }
    if text.text:
        made["reviewBody"] = {"@value": text.text, "@language": locale_tag(text.locale)}
    if audit.report_sha256:
        made["isBasedOn"] = {"@type": "sc:MediaObject", "sha256": audit.report_sha256}
    return made


def _file(version: DatasetVersion, report: QualityReport | None, address: str, about: str) -> dict[str, Any]:
    """What is said of the file. One that was handed in here stays with its team: its address is the card, where one asks for it.

    Croissant asks for an address of every file that lies in no other, and readers refuse a description without one.
    """
    if report is not None:
        made = described(
            report, sha256=version.sha256, size=version.size or 0, address=version.address or address, sentence=about
        )
        file = made["distribution"][0]
    else:
        file = {"@type": "cr:FileObject", "@id": FILE, "name": FILE, "sha256": version.sha256}
        made = {"@type": "sc:Dataset", "conformsTo": CONFORMS_TO, "distribution": [file]}
        if version.size is not None:
            file["contentSize"] = f"{version.size} B"
    file |= {"encodingFormat": version.media_type, "contentUrl": version.address or address}
    return made


def _said(words: CardWords, name: str, locale: str) -> str:
    first, second = ("zh", "en") if locale == "zh" else ("en", "zh")
    return str(getattr(words, f"{name}_{first}") or getattr(words, f"{name}_{second}"))


def embedded(described: dict[str, Any]) -> Markup:
    """The document as the data block of a page. No browser runs it, so the policy against inline scripts lets it stand; nothing
    in it can end the block.
    """
    text = json.dumps(described, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup('<script type="application/ld+json">' + text + "</script>")  # noqa: S704 - escaped above


_TEX: Final = str.maketrans({sign: f"\\{sign}" for sign in "&%$#_{}"} | {"\\": " ", "~": " ", "^": " "})


def citation(owner: str, title: str, address: str, version: DatasetVersion, at: datetime) -> str:
    """One line to cite a version by, the same in both languages."""
    return f"{owner} ({at.year}). {title}, v{version.number}. {address} SHA-256: {version.sha256}"


def bibtex(slug: str, owner: str, title: str, address: str, version: DatasetVersion, at: datetime) -> str:
    """The same as an entry for BibTeX."""
    fields: Sequence[tuple[str, str]] = (
        ("author", "{" + owner.translate(_TEX) + "}"),
        ("title", "{" + title.translate(_TEX) + "}"),
        ("year", str(at.year)),
        ("version", str(version.number)),
        ("howpublished", f"\\url{{{address}}}"),
        ("note", f"SHA-256 {version.sha256}"),
    )
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields)
    return f"@misc{{{slug}-v{version.number},\n{lines}\n}}"
