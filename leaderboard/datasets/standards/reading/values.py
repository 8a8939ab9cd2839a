"""Single values of descriptions as fields of a card. Each function complains about what it cannot use, and leaves it out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from challenges.facets import MODALITIES, SECTORS
from challenges.licences import LICENCES
from leaderboard.core.i18n import LOCALES, N_, translate
from leaderboard.datasets import usage
from leaderboard.datasets.columns import HAN, LONGEST_ABOUT, LONGEST_NAME, LONGEST_UNIT, MOST, Column
from leaderboard.datasets.fields import LONGEST, CardWords, Reference
from leaderboard.datasets.standards.reading.notes import Notes
from leaderboard.seasons.faceting import plain as alike
from leaderboard.submissions.service import plain
from leaderboard.terms import odrl
from leaderboard.terms.forms import TermsRefused
from leaderboard.terms.messages import MESSAGES
from leaderboard.terms.policy import Policy

WRONG_TYPE: Final = N_("a value of another type is expected here")
_OWN_NAMES: Final[Mapping[str, str]] = {alike(key): key for key in LICENCES} | {
    "https://creativecommons.org/publicdomain/zero/1.0": "CC0-1.0",
    "https://opendatacommons.org/licenses/odbl/1-0": "ODbL-1.0",
    "https://opendatacommons.org/licenses/by/1-0": "ODC-By-1.0",
    "https://opendatacommons.org/licenses/pddl/1-0": "PDDL-1.0",
    "https://www.apache.org/licenses/license-2.0": "Apache-2.0",
}
_LICENCE_HOMES: Final = re.compile(
    r"https://(?:spdx\.org/licenses|choosealicense\.com/licenses|opensource\.org/licenses?)/(?P<name>[\w.+-]+?)(?:\.html|\.json)?"
)
_COMMONS: Final = re.compile(r"https://creativecommons\.org/licenses/(?P<kind>[a-z-]+)/(?P<version>\d\.\d)(?:/.*)?")
_BYTES: Final = re.compile(r"(\d{1,15})\s*(?:B|bytes?)?", re.IGNORECASE)


def texts(found: Iterable[tuple[str, Any]], name: str, notes: Notes, most: int | None = None) -> dict[str, str]:
    """A text in one language or both, from the first property that has it: ``title_en`` and ``title_zh``.

    ``most``: characters; None: as many as the card's field of this name takes. A value is a text, one with its language, a list of such, or texts by language. Without a language, signs decide.
    """
    said: dict[str, str] = {}
    most = LONGEST[name] if most is None else most
    for path, value in found:
        for tag, text in _tagged(value, path, notes):
            locale = _locale(tag, text)
            if locale is None:
                notes.complain(path, N_("texts are kept in Chinese and English only, not in “{tag}”"), tag=tag[:20])
                continue
            whole = plain(text.replace("\r\n", "\n")).strip()
            if len(whole) > most:
                notes.complain(path, N_("cut to {most} characters"), most=most)
            said.setdefault(f"{name}_{locale}", whole[:most].strip())
    return said


def _tagged(value: Any, path: str, notes: Notes) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, list) and all(isinstance(one, str | dict) for one in value):
        for one in value:
            yield from _tagged(one, path, notes)
    elif isinstance(value, dict) and isinstance(value.get("@value"), str):
        tag = value.get("@language")
        yield tag if isinstance(tag, str) else "", value["@value"]
    elif isinstance(value, dict) and value and all(isinstance(text, str) for text in value.values()):
        yield from value.items()
    else:
        notes.complain(path, WRONG_TYPE)


def _locale(tag: str, text: str) -> str | None:
    if not tag:
        return "zh" if HAN.search(text) else "en"
    return next((locale for locale in LOCALES if tag.lower().split("-")[0] == locale), None)


def licence(found: Iterable[tuple[str, Any]], notes: Notes) -> str:
    """The SPDX identifier of a licence that is named by it, or by an address that we know. Empty: none that we know."""
    for path, value in found:
        for name in _names(value):
            known = _licence(name)
            if known:
                return known
        notes.complain(path, N_("this is none of the licences that a card can have; choose one"))
    return ""


def _names(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from (name for key in ("name", "path", "@id", "url") if isinstance(name := one.get(key), str))


def _licence(name: str) -> str | None:
    plain_name = alike(name.strip()).rstrip("/").replace("http://", "https://", 1)
    home = _LICENCE_HOMES.fullmatch(plain_name)
    commons = _COMMONS.fullmatch(plain_name)
    if home:
        plain_name = home["name"]
    elif commons:
        plain_name = f"cc-{commons['kind']}-{commons['version']}"
    return _OWN_NAMES.get(plain_name)


def languages(found: Iterable[tuple[str, Any]], notes: Notes) -> tuple[str, ...]:
    """Tags of languages."""
    for path, value in found:
        tags = value if isinstance(value, list) else [value]
        if not all(isinstance(tag, str) for tag in tags):
            notes.complain(path, WRONG_TYPE)
            continue
        fault = next(CardWords(languages=tuple(dict.fromkeys(tags))).faults(), None)
        if fault is None:
            return tuple(dict.fromkeys(tags))
        notes.complain(path, fault.message)
    return ()


def keywords(found: Iterable[tuple[str, Any]], notes: Notes) -> dict[str, Any]:
    """The sector and the kinds of data among keywords, by key or name in either language; the other words are not used."""
    sectors, kinds = [], []
    for path, value in found:
        words = re.split(r"[,，、;]", value) if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            notes.complain(path, WRONG_TYPE)
            continue
        for word in words:
            sector, kind = _named(word, SECTORS), _named(word, MODALITIES)
            sectors += [sector] if sector else []
            kinds += [kind] if kind else []
            if not sector and not kind:
                notes.unused.append(f"{path}: {plain(word).strip()[:60]}")
    return {"sector": sectors[0] if sectors else "", "modalities": tuple(key for key in MODALITIES if key in kinds)}


def _named(word: str, names: Mapping[str, str]) -> str | None:
    wanted = alike(word.strip())
    return next(
        (
            key
            for key, name in names.items()
            if wanted in {key, *(alike(translate(locale, name)) for locale in LOCALES)}
        ),
        None,
    )


def of_reference(
    field: Literal["address", "sha256", "media_type"], found: Iterable[tuple[str, Any]], notes: Notes
) -> str:
    """A field of a file kept elsewhere (``address``, ``sha256``, ``media_type``), by the rules of the form. Empty: none."""
    for path, value in found:
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str):
                notes.complain(path, WRONG_TYPE)
                continue
            text = one.strip() if field == "address" else one.strip().lower()
            given = {"address": "", "sha256": "", "media_type": ""} | {field: text}
            faults = Reference(
                address=given["address"], sha256=given["sha256"], media_type=given["media_type"]
            ).faults()
            fault = next((fault for fault in faults if fault.field == field), None)
            if fault is None:
                return text
            notes.complain(path, fault.message)
    return ""


def size(found: Iterable[tuple[str, Any]], notes: Notes) -> int | None:
    """A whole number of bytes; "12 MB" is not exact enough for what a card states."""
    for path, value in found:
        exact = _BYTES.fullmatch(str(value).strip()) if isinstance(value, str | int) else None
        if exact:
            return int(exact[1])
        notes.complain(path, N_("an exact number of bytes is expected here"))
    return None


def terms(found: Iterable[tuple[str, Any]], licence: str, notes: Notes) -> Policy:
    """What an ODRL policy says beside the licence; nothing where there is none, or one that is not understood as a whole.

    A part of a policy would permit more, or ask less, than its author did.
    """
    for path, value in found:
        policies = [one for one in (value if isinstance(value, list) else [value]) if odrl.is_policy(one)]
        if not policies:
            notes.complain(path, N_("only terms of use in ODRL can be read"))
        elif len(policies) > 1:
            notes.complain(path, N_("there are several policies, and it is not clear which one holds"))
        else:
            return _beside(path, policies[0], licence, notes)
    return usage.NOTHING


def _beside(path: str, document: Mapping[str, Any], licence: str, notes: Notes) -> Policy:
    try:
        policy = odrl.policy(document)
    except TermsRefused as refused:
        for finding in refused.findings:
            at = f"{path}.{finding.key}" if finding.key else path
            notes.complain(at, MESSAGES[finding.id], **dict(finding.params))
        notes.complain(path, N_("these terms of use are not used, since a part of them would say something else"))
        return usage.NOTHING
    own = usage.beside(licence, policy.model_copy(update={"licence": None}))
    wrong = [fault.message for fault in usage.faults(licence, own)]
    for message in dict.fromkeys(wrong):
        notes.complain(path, message)
    return usage.NOTHING if wrong else own


def column(name: str, kind: str, unit: str, about: Mapping[str, str], path: str, notes: Notes) -> Column | None:
    """A column with what fits of it; None, with a complaint, for one without a name."""
    said = " ".join(plain(name).split())
    if not said or len(said) > LONGEST_NAME:
        notes.complain(path, N_("a column needs a name of at most {most} characters"), most=LONGEST_NAME)
        return None
    unit = " ".join(plain(unit).split())
    if len(unit) > LONGEST_UNIT:
        notes.complain(path, N_("cut to {most} characters"), most=LONGEST_UNIT)
    cut = unit[:LONGEST_UNIT].strip()
    return Column(
        name=said, type=kind, unit=cut, about_en=about.get("about_en", ""), about_zh=about.get("about_zh", "")
    )  # fmt: skip


def about(found: Iterable[tuple[str, Any]], notes: Notes) -> dict[str, str]:
    """What a column means, on one line: ``about_en`` and ``about_zh``."""
    said = texts(found, "about", notes, LONGEST_ABOUT)
    return {name: " ".join(text.split()) for name, text in said.items()}


def each_once(columns: Iterable[Column | None], path: str, notes: Notes) -> tuple[Column, ...]:
    """The columns, each name once and not more than a card holds."""
    found: dict[str, Column] = {}
    for one in filter(None, columns):
        if one.name in found:
            notes.complain(
                path, N_("the column “{name}” stands there twice; the first one is used"), name=one.name[:60]
            )
        found.setdefault(one.name, one)
    if len(found) > MOST:
        notes.complain(path, N_("only the first {most} columns are used"), most=MOST)
    return tuple(found.values())[:MOST]
