"""Jinja as this house uses it: one environment, one chrome, one frozen page object per template.

A template sees exactly three things: ``page`` (a frozen dataclass made by a slice's ``pages.py``), ``chrome`` (who is
looking, in which language, when) and the functions and filters registered here. Undefined names raise.
Functions such as ``_`` and filters such as ``moment`` depend on the reader; they find the reader's :class:`Chrome` in a
context variable that :func:`render` sets, so macros need no ``with context`` and stay cached.
"""

import unicodedata
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

import jinja2
from babel.dates import format_timedelta
from markupsafe import Markup, escape

from leaderboard import __version__
from leaderboard.core.i18n import LOCALES, N_, catalogue, checked, format_number, locale_tag, zone_label
from leaderboard.ui.assets import Assets


@dataclass(frozen=True)
class NavLink:
    """An entry of the top or foot navigation. ``label`` is an English message, ``path`` has no locale."""

    key: str
    label: str
    path: str


@dataclass(frozen=True)
class Chrome:
    """Everything ``base.html`` needs to know about the reader and the place; frozen, made once a request."""

    locale: str
    """``zh`` or ``en``."""
    path: str
    """Address of this page without its locale prefix, for example ``/challenges/flight-delays/board``."""
    now: datetime
    """Aware; printed in the foot as "as of", and what ``ago`` counts from."""
    site: str = ""
    """Address of the installation, without a slash at its end: for links that leave it."""
    query: str = ""
    """Query string without the question mark; kept by the language switch."""
    theme: str | None = None
    """``light``, ``dark``, or ``None`` to follow the reader's system."""
    person_name: str | None = None
    """Display name of the person who is signed in."""
    person_roles: tuple[str, ...] = ()
    zone_name: str = "Asia/Shanghai"
    """IANA zone in which every time on the page is shown."""
    sample_notice: bool = False
    """Say in the foot that the data are samples."""
    breadcrumbs: tuple[tuple[str, str | None], ...] = ()
    """(label, path without locale); the last one is this page and carries ``None``. "Home" is put before them."""
    nav: tuple[NavLink, ...] = ()
    nav_current: str | None = None
    """Key of the :class:`NavLink` to mark."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Path without locale: how much there waits for the reader, where that is counted."""
    foot: tuple[NavLink, ...] = ()
    help_path: str | None = None
    version: str = __version__


@dataclass(frozen=True)
class _Reader:
    chrome: Chrome
    assets: Assets
    zone: ZoneInfo
    year: int


_reader: ContextVar[_Reader] = ContextVar("reader")
_MISSING = Markup('<span aria-hidden="true">–</span><span class="vh">%s</span>')
_TIME = Markup('<time datetime="%s">%s</time>')
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")


def templates_folder() -> Path:
    """Where the templates are: inside the installed package, else beside it in the checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "templates"
    return packaged if packaged.is_dir() else here.parents[1] / "templates"


def environment(*, debug: bool, assets: Assets | None = None) -> jinja2.Environment:
    """Make the environment: strict about undefined names, escaping everything, reloading templates when ``debug``."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=debug,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
    )
    env.globals.update(
        _=_phrase,
        ngettext=_plural,
        href=href,
        asset=_asset,
        with_query=_with_query,
        other_language=_other_language,
        bcp=locale_tag,
        sentences=_sentences,
        zone=_zone,
        reader=_chrome,
    )
    env.filters.update({name: _at_render_time(function) for name, function in _filters().items()})
    env.extend(assets=assets or Assets.load())
    return env


def _filters() -> dict[str, Callable[..., str]]:
    return {
        "strong": _strong,
        "number": _number,
        "score": _score,
        "signed": _signed,
        "percent": _percent,
        "bytes": _bytes,
        "moment": _moment,
        "short_moment": _short_moment,
        "day": _day,
        "ago": _ago,
        "countdown": _countdown,
        "seconds": _seconds,
        "fit": _fit,
    }


def _at_render_time(function: Callable[..., str]) -> Callable[..., str]:
    """Keep Jinja from computing ``none|number`` once, at compile time, in the language of whoever came first."""

    @jinja2.pass_context
    def filtered(_context: jinja2.runtime.Context, *args: object) -> str:
        return function(*args)

    return filtered


def render(env: jinja2.Environment, template: str, page: object, *, chrome: Chrome) -> str:
    """Render ``template`` with ``page`` for the reader that ``chrome`` describes."""
    zone = ZoneInfo(chrome.zone_name)
    token = _reader.set(_Reader(chrome, env.assets, zone, chrome.now.astimezone(zone).year))  # type: ignore[attr-defined]
    try:
        return env.get_template(template).render(page=page, chrome=chrome)
    finally:
        _reader.reset(token)


# Words


def _phrase(message: str, /, **params: object) -> Markup:
    """Translate an English literal. Its text and its parameters are escaped; Markup parameters stay as they are."""
    text = _translated(_reader.get().chrome.locale, message)
    return _fill(text, params) if params else text


def _plural(singular: str, plural: str, n: int, /, **params: object) -> Markup:
    """As ``_``, in the form that goes with ``n``; ``{count}`` is ``n`` unless given."""
    chosen = catalogue(checked(_reader.get().chrome.locale)).ngettext(singular, plural, n)
    return _fill(escape(chosen), {"count": n, **params})


@lru_cache(maxsize=8192)
def _translated(locale: str, message: str) -> Markup:
    return escape(catalogue(checked(locale)).gettext(message))


def _fill(text: Markup, params: Mapping[str, object]) -> Markup:
    """Put escaped parameters into an escaped text; by str.format, since Markup.format is ten times slower."""
    return Markup(str.format(text, **{key: escape(_grouped(value)) for key, value in params.items()}))  # noqa: S704


def _sentences(*parts: str) -> Markup:
    """Join sentences, with a space where the language puts one; empty ones are left out."""
    space = Markup("") if _reader.get().chrome.locale == "zh" else Markup(" ")
    return space.join(part for part in parts if part)


def _strong(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def _grouped(value: object) -> object:
    """A number as the reader's language groups it, a sentence in the reader's language; the rest as it is."""
    if hasattr(value, "said"):
        return value.said(_reader.get().chrome.locale)
    return _number(value) if isinstance(value, int) and not isinstance(value, bool) else value


# Addresses


def href(path: str) -> str:
    """Put the reader's locale before a page's path; other addresses (API, files, fragments, other sites) stay."""
    if not path.startswith("/") or path.startswith(("/api/v1/", "/static/", "/badge/", "//")):
        return path
    return f"/{_reader.get().chrome.locale}{path}"


def _asset(name: str) -> str:
    return _reader.get().assets.url(name)


def _with_query(**changes: str | int | None) -> str:
    """Give this page's query string with some parameters changed; ``None`` drops one. Starts with a question mark."""
    pairs = [(key, value) for key, value in parse_qsl(_reader.get().chrome.query) if key not in changes]
    pairs += [(key, str(value)) for key, value in changes.items() if value is not None]
    return "?" + urlencode(pairs)


def _other_language() -> tuple[str, str]:
    """Give (locale, address) of this page in the other language."""
    chrome = _reader.get().chrome
    other = next(locale for locale in LOCALES if locale != chrome.locale)
    return other, f"/{other}{chrome.path}" + (f"?{chrome.query}" if chrome.query else "")


def _chrome() -> Chrome:
    return _reader.get().chrome


# Numbers. ``None`` becomes a dash that is read out as "no data".


def _missing() -> Markup:
    return _MISSING % _phrase(N_("no data"))


def _number(value: float | None, digits: int | None = None) -> str | Markup:
    """Group thousands the reader's way; ``digits`` fixes the places after the point."""
    if value is None:
        return _missing()
    if isinstance(value, int) and digits is None and -1000 < value < 1000:
        return str(value)
    return format_number(_reader.get().chrome.locale, value, digits)


def _score(value: float | None, digits: int) -> str | Markup:
    """Show a score at its declared precision, half to even on the shortest decimal form: the number that ties."""
    if value is None:
        return _missing()
    return _minus(f"{Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN):f}")


def _signed(value: float | None, digits: int = 0) -> str | Markup:
    if value is None:
        return _missing()
    return _minus(f"{value:+.{digits}f}")


def _percent(share: float | None, digits: int = 0) -> str | Markup:
    """Show a share of one as per cent."""
    if share is None:
        return _missing()
    return _minus(f"{100 * share:.{digits}f}%")


def _minus(text: str) -> str:
    return text.replace("-", "−", 1)


def _bytes(count: int | None) -> str | Markup:
    """Show a file size in decimal units: 512 B, 9.1 kB, 48 MB, 5.8 GB."""
    if count is None:
        return _missing()
    size, power = float(count), 0
    while size >= 999.5 and power < len(_SIZES) - 1:
        size, power = size / 1000, power + 1
    return f"{size:.{1 if power and size < 9.95 else 0}f}\N{NO-BREAK SPACE}{_SIZES[power]}"


def _fit(text: str, width: int) -> str:
    """Cut a text to ``width`` Latin letters, an ideograph counting as two; what was cut shows as an ellipsis."""
    taken = 0
    for place, letter in enumerate(text):
        taken += 2 if unicodedata.east_asian_width(letter) in {"W", "F"} else 1
        if taken > width:
            return text[: max(place - 1, 0)].rstrip() + "…"
    return text


# Moments. Every one is a ``time`` element, in the zone of the chrome.


def _local(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise ValueError("a moment without a zone reached a template")
    return when.astimezone(_reader.get().zone)


def _time(local: datetime, text: str) -> Markup:
    return _TIME % (local.isoformat(timespec="seconds"), text)


def _zone() -> str:
    """Name the zone of the page's times as it is now, for captions of tables with short moments."""
    chrome = _reader.get().chrome
    return zone_label(chrome.zone_name, chrome.now)


def _moment(when: datetime | None, to: Literal["minute", "second"] = "minute") -> Markup:
    """Date, time and zone: 2026-12-10 18:00 UTC+8."""
    if when is None:
        return _missing()
    local = _local(when)
    text = f"{local:%Y-%m-%d %H:%M:%S}" if to == "second" else f"{local:%Y-%m-%d %H:%M}"
    return _time(local, text) + " " + zone_label(_reader.get().chrome.zone_name, when)


def _short_moment(when: datetime | None) -> Markup:
    """Date and time without zone, for table cells whose caption names it; the year only when it is not this one."""
    if when is None:
        return _missing()
    local = _local(when)
    this_year = local.year == _reader.get().year
    return _time(local, f"{local:%m-%d %H:%M}" if this_year else f"{local:%Y-%m-%d %H:%M}")


def _day(when: datetime | None) -> Markup:
    return _missing() if when is None else _time(_local(when), f"{_local(when):%Y-%m-%d}")


def _ago(when: datetime | None) -> Markup:
    """How long before or after now: "3 minutes ago", "in 2 days", "just now"; the exact moment is in the tooltip."""
    if when is None:
        return _missing()
    chrome = _reader.get().chrome
    tag = locale_tag(chrome.locale).replace("-", "_")
    words = format_timedelta(when - chrome.now, add_direction=True, locale=tag)
    if abs(when - chrome.now) < timedelta(seconds=1):
        words = _phrase(N_("just now"))
    exact = f"{_local(when):%Y-%m-%d %H:%M:%S} {zone_label(chrome.zone_name, when)}"
    return Markup('<span title="%s">%s</span>') % (exact, _time(_local(when), words))


def _countdown(when: datetime | None) -> Markup:
    """Time left in the two largest units: "18 d 1 h"; counts on in the browser. Past moments read "over"."""
    if when is None:
        return _missing()
    forms = (_phrase(N_("{days} d {hours} h")), _phrase(N_("{hours} h {minutes} min")), _phrase(N_("over")))
    minutes = int((when - _reader.get().chrome.now).total_seconds() // 60)
    form = forms[2] if minutes < 0 else forms[minutes < 24 * 60]
    text = form.format(days=minutes // 1440, hours=minutes // 60 % 24, minutes=minutes % 60)
    return Markup('<span data-countdown="%s">%s</span>') % ("|".join(forms), _time(_local(when), text))


def _seconds(duration: float | None) -> str | Markup:
    """Show a duration: 38 ms, 0.4 s, 42 s, 7 min."""
    if duration is None:
        return _missing()
    if duration < 0.0995:
        return _phrase(N_("{count} ms"), count=f"{1000 * duration:.0f}")
    if duration >= 90:
        return _phrase(N_("{minutes} min"), minutes=f"{duration / 60:.0f}")
    return _phrase(N_("{seconds} s"), seconds=f"{duration:.{1 if duration < 10 else 0}f}")
