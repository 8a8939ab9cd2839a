"""The confidentiality agreement: our own numbered templates, filled in for one deal, signed by each side in the very same words.

The first signature freezes both texts; the other side signs those, whatever became of the template since.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from sqlmodel import select

from leaderboard.core.errors import NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import lookup, moves
from leaderboard.exchange.deals.models import Deal, DealNda, DealSignature
from leaderboard.exchange.deals.moves import Asked, Outcome
from leaderboard.exchange.deals.states import Side, State, other
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow

TEMPLATES: Final = Path(__file__).parent / "nda"
"""``1.en.md`` and ``1.zh.md``, ``2.en.md`` …: a changed text gets the next number, so that old signatures can be read."""
_MARKS: Final = re.compile(r"[\\`*_\[\]<>]")
_PLACE: Final = re.compile(r"\{(supplier|demander|listing|deal)\}")


class Texts(NamedTuple):
    """An agreement in both languages. ``template_sha256`` is of the unfilled texts, ``sha256`` of the filled ones."""

    template: int
    template_sha256: str
    en: str
    zh: str
    sha256: str


def texts(work: Work, deal: Deal) -> Texts:
    """What is to be signed in a deal: as it was first signed, else the newest template, filled in."""
    kept = work.session.get(DealNda, deal.id)
    if kept is not None:
        return Texts(kept.template, kept.template_sha256, kept.text_en, kept.text_zh, kept.sha256)
    number = max(int(path.name.split(".")[0]) for path in TEMPLATES.glob("*.zh.md"))
    plain = [(TEMPLATES / f"{number}.{locale}.md").read_text(encoding="utf-8") for locale in ("en", "zh")]
    en, zh = (_filled(work, deal, text, locale) for text, locale in zip(plain, ("en", "zh"), strict=True))
    return Texts(number, _hash(*plain), en, zh, _hash(en, zh))


def _filled(work: Work, deal: Deal, text: str, locale: str) -> str:
    version = listings.current_version(work, work.session.get_one(ListingRow, deal.listing_id))
    title = (version.title_zh or version.title_en) if locale == "zh" else (version.title_en or version.title_zh)
    said = {
        "supplier": lookup.name_of(work, deal, "supplier", "supplier") or "",
        "demander": lookup.name_of(work, deal, "demander", "demander") or "",
        "listing": title,
        "deal": deal.key,
    }
    return _PLACE.sub(lambda found: _named(said[found[1]]), text)  # once: a name that holds braces stays as it is


def _named(text: str) -> str:
    """A name or title as a part of one sentence: no paragraph, heading or link of its own stands between our clauses."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()))


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()


def signatures(work: Work, deal: Deal) -> dict[Side, DealSignature]:
    """Who has signed, by side."""
    query = select(DealSignature).where(DealSignature.deal_id == deal.id)
    return {one.side: one for one in work.session.exec(query)}


def sign(asked: Asked) -> Outcome:
    """One side signs the text whose hash it was shown. Raises Refused when the text is another one by now, or signed already."""
    work, actor, deal, side, body = asked.work, asked.actor, asked.deal, asked.side, asked.body
    signed = signatures(work, deal)
    if side in signed:
        raise Refused("deals.signed", N_("Your side has signed already; the other side is to sign."))
    shown = texts(work, deal)
    if moves.text_of(body, "sha256") != shown.sha256:
        raise Refused(
            "deals.nda_changed",
            N_("The text is not the one that you were shown: it has changed since. Read it again before you sign."),
        )
    if not signed:
        made = DealNda(
            deal_id=deal.id or 0,
            template=shown.template,
            template_sha256=shown.template_sha256,
            text_en=shown.en,
            text_zh=shown.zh,
            sha256=shown.sha256,
            made_at=work.now,
        )
        work.session.add(made)
    work.session.add(
        DealSignature(deal_id=deal.id or 0, side=side, person_id=actor.id, sha256=shown.sha256, at=work.now)
    )
    work.session.flush()
    detail = {"sha256": shown.sha256, "template": shown.template}
    if signed:
        return Outcome(to=State.NDA_SIGNED, turn="either", detail=detail)
    return Outcome(turn=other(side), detail=detail)


def text(work: Work, deal: Deal, locale: str) -> str:
    """The agreement in one language, Markdown. Raises NotFound before both sides are interested: it names them."""
    if deal.met_at is None:
        raise NotFound("deals.no_nda", N_("There is nothing to be signed before both sides are interested."))
    shown = texts(work, deal)
    return shown.zh if locale == "zh" else shown.en
