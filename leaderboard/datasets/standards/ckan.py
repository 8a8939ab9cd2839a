"""The read half of CKAN's Action API: which actions there are, what each takes, and what it gives.

Every parameter is either understood or refused. Whoever calls sees what a visitor sees: published datasets.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from leaderboard import __version__
from leaderboard.core.errors import FieldError, Malformed, NotFound
from leaderboard.core.i18n import N_, LocaleCode
from leaderboard.core.work import Work
from leaderboard.datasets.standards import ckan_out, ckan_search
from leaderboard.datasets.standards.subject import Subject, published

SPOKEN: Final = "2.11"
"""The version of CKAN whose answers these are like."""
MOST_ROWS: Final = 1_000
_FALSE: Final = (False, "false", "False", 0, "0", "", None)
_TRUE: Final = (True, "true", "True", 1, "1")


@dataclass(frozen=True)
class Call:
    """One call. ``given``: parameters as JSON values, or as texts and lists of texts from an address."""

    work: Work
    locale: LocaleCode
    given: Mapping[str, Any]

    def text(self, *names: str) -> str:
        """The first of the parameters that is given; empty: none is."""
        name = next((name for name in names if self.given.get(name) not in (None, "")), None)
        if name is None:
            return ""
        value = self.given[name]
        if not isinstance(value, str):
            raise ckan_search.refusal(name, N_("A text is expected here"))
        return value

    def texts(self, name: str) -> list[str]:
        """A list, as one, as a text that is one in JSON, or as a single text."""
        value = self.given.get(name, [])
        if isinstance(value, str) and value.startswith("["):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise ckan_search.refusal(name, N_("A list of texts is expected here")) from None
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ckan_search.refusal(name, N_("A list of texts is expected here"))
        return value

    def count(self, name: str, otherwise: int, most: int, least: int = 0) -> int:
        value = self.given.get(name, otherwise)
        if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 12:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ckan_search.refusal(
                name, N_("A whole number from {least} to {most} is expected here"), least=least, most=most
            )
        return value

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        value = self.given.get(name, otherwise)
        if isinstance(value, dict | list) or value not in (*_TRUE, *_FALSE):
            raise ckan_search.refusal(name, N_("true or false is expected here"))
        return value in _TRUE

    def page(self, everything: Sequence[Any]) -> list[Any]:
        """The part of a list that ``limit`` and ``offset`` ask for."""
        offset = self.count("offset", 0, 10**9)
        return list(everything[offset : offset + self.count("limit", len(everything), 10**9)])

    @property
    def subjects(self) -> list[Subject]:
        return published(self.work)


def answer(name: str, call: Call) -> Any:
    """The result of an action. Raises NotFound, Malformed: also for parameters that the action does not know."""
    takes, action = ACTIONS[name]
    strange = [key for key in call.given if key not in takes]
    if strange:
        known = ", ".join(takes) or "–"
        message = N_("This parameter is not understood; the action takes: {known}.")
        faults = tuple(FieldError(key[:60], message, {"known": known}) for key in strange)
        raise Malformed("ckan.parameter", N_("A parameter of the call cannot be used."), fields=faults)
    return action(call)


def _status(call: Call) -> dict[str, Any]:
    site = call.work.settings.base_url.rstrip("/")
    about = {"site_title": "Jiebang", "site_url": site, "ckan_version": SPOKEN, "extensions": []}
    return about | {"jiebang_version": __version__, "locale_default": call.work.settings.locale}


def _package_list(call: Call) -> list[str]:
    return call.page(sorted(one.slug for one in call.subjects))


def _packages(call: Call) -> list[dict[str, Any]]:
    ordered = sorted(call.subjects, key=ckan_out.moment_modified, reverse=True)
    return [ckan_out.package(one, call.locale) for one in call.page(ordered)]


def _package_show(call: Call) -> dict[str, Any]:
    slug = _named(call, "id", "name_or_id")
    found = next((one for one in call.subjects if one.slug == slug), None)
    return ckan_out.package(found, call.locale) if found else _none()


def _resource_show(call: Call) -> dict[str, Any]:
    slug, _, number = _named(call, "id").rpartition("-v")
    found = next((one for one in call.subjects if one.slug == slug), None)
    version = next((one for one in found.versions if str(one.number) == number), None) if found else None
    return ckan_out.resource(found, version) if found and version else _none()


def _package_search(call: Call) -> dict[str, Any]:
    for name in ("include_drafts", "include_private"):
        if call.flag(name):
            raise ckan_search.refusal(name, N_("Only published datasets are shown here"))
    tests = [test for text in (call.text("fq"), *call.texts("fq_list")) for test in ckan_search.filters(text)]
    facets = ckan_search.facet_keys(call.texts("facet.field"))
    wanted = ckan_search.Wanted(
        q=ckan_search.words(call.text("q")),
        tests=tuple(tests),
        order=ckan_search.order(call.text("sort")),
        rows=call.count("rows", 10, MOST_ROWS),
        start=call.count("start", 0, 10**9),
        facets=facets if call.flag("facet", otherwise=True) else (),
        most=call.count("facet.limit", 50, 10**6, least=-1),
    )
    return ckan_search.search(call.subjects, wanted, call.locale)


def _organizations(call: Call) -> dict[str, dict[str, Any]]:
    counts = Counter(map(ckan_out.organization_name, call.subjects))
    owners = {ckan_out.organization_name(one): ckan_out.organization(one) for one in call.subjects}
    return {name: owners[name] | {"package_count": counts[name]} for name in sorted(owners)}


def _organization_list(call: Call) -> list[Any]:
    found = _organizations(call)
    return call.page(list(found.values() if call.flag("all_fields") else found))


def _organization_show(call: Call) -> dict[str, Any]:
    name = _named(call, "id")
    found = _organizations(call).get(name) or _none()
    if call.flag("include_datasets"):
        theirs = (one for one in call.subjects if ckan_out.organization_name(one) == name)
        found["packages"] = [ckan_out.package(one, call.locale) for one in theirs]
    return found


def _group_list(call: Call) -> list[Any]:
    counts = Counter(one.words.sector for one in call.subjects if one.words.sector)
    whole = call.flag("all_fields")
    return call.page(
        [ckan_out.group(key, call.locale) | {"package_count": counts[key]} if whole else key for key in sorted(counts)]
    )


def _tag_list(call: Call) -> list[Any]:
    part, whole = call.text("query").lower(), call.flag("all_fields")
    used = sorted({key for one in call.subjects for key in one.words.modalities if part in key})
    return [ckan_out.tag(key) if whole else key for key in used]


def _named(call: Call, *names: str) -> str:
    found = call.text(*names)
    if not found:
        raise ckan_search.refusal(names[0], N_("This parameter is needed"))
    return found


def _none() -> NoReturn:
    raise NotFound("ckan.none", N_("There is nothing of this name."))


_ACTION = Callable[[Call], Any]
ACTIONS: Final[Mapping[str, tuple[tuple[str, ...], _ACTION]]] = {
    "site_read": ((), lambda _: True),
    "status_show": ((), _status),
    "package_list": (("limit", "offset"), _package_list),
    "current_package_list_with_resources": (("limit", "offset"), _packages),
    "package_show": (("id", "name_or_id"), _package_show),
    "package_search": (
        (
            "q", "fq", "fq_list", "rows", "start", "sort", "facet", "facet.field", "facet.limit", "include_drafts", "include_private",
        ),
        _package_search,
    ),
    "resource_show": (("id",), _resource_show),
    "organization_list": (("all_fields", "limit", "offset"), _organization_list),
    "organization_show": (("id", "include_datasets"), _organization_show),
    "group_list": (("all_fields", "limit", "offset"), _group_list),
    "tag_list": (("query", "all_fields"), _tag_list),
    "license_list": ((), lambda _: ckan_out.licences()),
}  # fmt: skip
"""Name → the parameters it takes, and the deed."""
