"""CKAN's `package_search`: words, filters, order, facets. What is not understood is refused; a filter left out would show too much."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import N_, LocaleCode
from leaderboard.datasets.standards import ckan_out
from leaderboard.datasets.standards.subject import Subject
from leaderboard.seasons import faceting

Values = Callable[[Subject], Sequence[str]]
KEYS: Final[Mapping[str, Values]] = {
    "organization": lambda one: (ckan_out.organization_name(one),),
    "owner_org": lambda one: (ckan_out.organization_name(one),),
    "groups": lambda one: (one.words.sector,) if one.words.sector else (),
    "tags": lambda one: one.words.modalities,
    "license_id": lambda one: (one.words.licence,),
    "res_format": lambda one: tuple(dict.fromkeys(map(ckan_out.file_format, one.versions))),
    "name": lambda one: (one.slug,),
    "id": lambda one: (one.slug,),
    "state": lambda _: ("active",),
    "type": lambda _: ("dataset",),
    "dataset_type": lambda _: ("dataset",),
}
"""What filters and facets may name."""
SORTS: Final[Mapping[str, Callable[[Subject], str]]] = {
    "id": lambda one: one.slug,
    "name": lambda one: one.slug,
    "title_string": lambda one: faceting.plain(one.first("title", "en")),
    "metadata_created": ckan_out.moment_created,
    "metadata_modified": ckan_out.moment_modified,
    "score": lambda _: "",  # words are found or not
}
_TERM: Final = re.compile(
    r"""\s*(?:AND\s+)?\+?(?P<key>[a-z_]+):(?:\[(?P<low>\S+)\s+TO\s+(?P<high>\S+)\]"""
    r"""|\((?P<many>[^()]*)\)|"(?P<quoted>[^"]*)"|(?P<plain>[^\s"()\[\]*?]+))(?=\s|$)"""
)
_SOLR: Final = re.compile(r"""[:*?~^()\[\]{}"\\!]|\b(?:AND|OR|NOT)\b""")


@dataclass(frozen=True)
class Wanted:
    """A search: ``tests`` must all pass; ``rows`` from ``start``; ``order`` from the first key on, with whether it falls."""

    q: str
    tests: tuple[Callable[[Subject], bool], ...]
    order: tuple[tuple[str, bool], ...]
    rows: int
    start: int
    facets: tuple[str, ...]
    most: int


def search(subjects: Iterable[Subject], wanted: Wanted, locale: LocaleCode) -> dict[str, Any]:
    """What CKAN answers: count, results, and how often each value of a facet is among all that was found."""
    found = [one for one in subjects if _speaks_of(one, wanted.q) and all(test(one) for test in wanted.tests)]
    for key, falling in reversed(wanted.order):
        found.sort(key=SORTS[key], reverse=falling)
    counts = {key: _counted(key, found, wanted.most) for key in wanted.facets}
    titles = {ckan_out.organization_name(one): one.owner for one in found}
    return {
        "count": len(found),
        "sort": ", ".join(f"{key} {'desc' if falling else 'asc'}" for key, falling in wanted.order),
        "results": [ckan_out.package(one, locale) for one in found[wanted.start : wanted.start + wanted.rows]],
        "facets": counts,
        "search_facets": {
            key: {
                "title": key,
                "items": [
                    {
                        "name": name,
                        "display_name": titles.get(name, name) if key == "organization" else name,
                        "count": count,
                    }
                    for name, count in values.items()
                ],
            }
            for key, values in counts.items()
        },
    }


def _speaks_of(one: Subject, q: str) -> bool:
    texts = (text for name in ("title", "summary") for text in one.said(name).values())
    return faceting.matches(q, one.slug, one.owner, *texts)


def _counted(key: str, found: Sequence[Subject], most: int) -> dict[str, int]:
    counts = Counter(value for one in found for value in KEYS[key](one))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(ordered if most < 0 else ordered[:most])


# Reading what is asked


def words(text: str) -> str:
    """The words of ``q``. Raises Malformed for the query language of Solr, of which only ``*:*`` is known."""
    if text.strip() in {"", "*:*"}:
        return ""
    if _SOLR.search(text):
        raise refusal(
            "q", N_("Only plain words are looked for, all of which must be found; operators are not understood")
        )
    return text


def filters(text: str) -> tuple[Callable[[Subject], bool], ...]:
    """The tests of an ``fq``. Raises Malformed for what is not understood."""
    tests, at = [], 0
    while text[at:].strip():
        term = _TERM.match(text, at)
        if term is None:
            message = N_("This part of the filter is not understood: {part}")
            raise refusal("fq", message, part=text[at:].strip()[:100])
        tests.append(_range(term) if term["low"] else _one_of(term))
        at = term.end()
    return tuple(tests)


def _one_of(term: re.Match[str]) -> Callable[[Subject], bool]:
    key = term["key"]
    if key not in KEYS:
        message = N_("There is no filter “{key}”; there are: {known}.")
        raise refusal("fq", message, key=key, known=", ".join((*KEYS, "metadata_modified")))
    if term["many"] is None:
        wanted = {term["quoted"] if term["plain"] is None else term["plain"]}
    else:
        wanted = {part.strip().strip('"') for part in term["many"].split(" OR ")}
        if any(not part or re.search(r"\s", part) for part in wanted):
            raise refusal("fq", N_("This part of the filter is not understood: {part}"), part=term[0].strip()[:100])
    return lambda one: not wanted.isdisjoint(KEYS[key](one))


def _range(term: re.Match[str]) -> Callable[[Subject], bool]:
    if term["key"] != "metadata_modified":
        raise refusal("fq", N_("This part of the filter is not understood: {part}"), part=term[0].strip()[:100])
    low, high = _moment(term["low"], datetime.min), _moment(term["high"], datetime.max)  # noqa: DTZ901 - open ends
    return lambda one: low <= datetime.fromisoformat(ckan_out.moment_modified(one)) <= high


def _moment(text: str, otherwise: datetime) -> datetime:
    if text == "*":
        return otherwise.replace(tzinfo=UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise refusal("fq", N_("This is no moment: {part}"), part=text[:100]) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def order(text: str) -> tuple[tuple[str, bool], ...]:
    """The order of ``sort``. Raises Malformed for a key or a direction that is not known."""
    found = []
    for part in (text or "score desc, metadata_modified desc").split(","):
        key, _, direction = part.strip().partition(" ")
        if key not in SORTS or direction.strip() not in {"asc", "desc", ""}:
            message = N_("The list cannot be sorted by “{value}”; it can be by: {known}.")
            raise refusal("sort", message, value=part.strip()[:60], known=", ".join(SORTS))
        found.append((key, direction.strip() == "desc"))
    return tuple(found)


def facet_keys(names: Sequence[str]) -> tuple[str, ...]:
    """The keys of ``facet.field``. Raises Malformed for one that is not known."""
    wrong = next((name for name in names if name not in KEYS), None)
    if wrong is not None:
        message = N_("There is no filter “{key}”; there are: {known}.")
        raise refusal("facet.field", message, key=wrong[:60], known=", ".join(KEYS))
    return tuple(dict.fromkeys(names))


def refusal(parameter: str, message: str, **params: object) -> Malformed:
    """CKAN's "Validation Error" about one parameter."""
    return Malformed(
        "ckan.parameter",
        N_("A parameter of the call cannot be used."),
        fields=(FieldError(parameter, message, params),),
    )
