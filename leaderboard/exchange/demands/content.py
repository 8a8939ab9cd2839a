"""What a demander has written, as one value: texts in one language or both, the structured facts, and who is invited."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Final

from pydantic import JsonValue

from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_
from leaderboard.exchange.demands.models import DemandVersion
from leaderboard.terms import demand as terms
from leaderboard.terms.demand import Demand
from leaderboard.terms.understanding import drafting
from leaderboard.terms.understanding.reading import LONGEST, Understood, understand

TEXTS: Final = ("title_zh", "title_en", "need_zh", "need_en")
LONGEST_TITLE: Final = 120
LONGEST_NEED: Final = LONGEST
_NEVER_READ: Final = ("fields", "region", "security", "indicators", "visibility", "weights")
"""Facts that no text is searched for: a new reading leaves them as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """All that people write of a demand. Empty texts are missing; ``invited`` holds addresses (slugs) of organizations."""

    title_en: str = ""
    title_zh: str = ""
    need_en: str = ""
    need_zh: str = ""
    document: Demand = field(default_factory=Demand)
    invited: tuple[str, ...] = ()

    @classmethod
    def of(cls, version: DemandVersion, document: Demand, invited: tuple[str, ...]) -> "Written":
        """As a version holds it."""
        return cls(
            title_en=version.title_en,
            title_zh=version.title_zh,
            need_en=version.need_en,
            need_zh=version.need_zh,
            document=document,
            invited=invited,
        )

    @property
    def sha256(self) -> str:
        """Of texts and document, 64 hexadecimal digits; who is invited is not part of what is said."""
        said = [self.title_en, self.title_zh, self.need_en, self.need_zh, terms.write(self.document)]
        return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def faults(self) -> Iterator[FieldError]:
        """What is wrong with the texts."""
        for name in ("title_zh", "title_en"):
            if len(getattr(self, name)) > LONGEST_TITLE:
                yield FieldError(name, N_("At most {most} characters"), {"most": LONGEST_TITLE})
        for name in ("need_zh", "need_en"):
            if len(getattr(self, name)) > LONGEST_NEED:
                message = N_("At most {most} characters; these are {count}")
                yield FieldError(name, message, {"most": LONGEST_NEED, "count": len(getattr(self, name))})
        if not self.title_en and not self.title_zh:
            yield FieldError("title_zh", N_("Give it a title, in one language at least"))
        if not self.need_en and not self.need_zh:
            yield FieldError("need_zh", N_("Say what you need, in one language at least"))

    def drafted(self, today: date) -> "Written":
        """With the facts that the texts say in place of those that were there; what no text says stays as it was."""
        found = [piece for one in read(self, today).values() for piece in one.pieces]
        draft = drafting.drafted((one.what, one.value, one.must) for one in found)
        stays = {name: getattr(self.document, name) for name in _NEVER_READ}
        usage = draft.usage.model_copy(update={"cannot": self.document.usage.cannot})
        return replace(self, document=draft.model_copy(update={**stays, "usage": usage}))


def read(written: Written, today: date) -> dict[str, Understood]:
    """What is understood of each need that is there, by its name."""
    return {
        name: understand(text, "zh" if name == "need_zh" else "en", today=today)
        for name in ("need_zh", "need_en")
        if (text := getattr(written, name))
    }


def kept(understood: Mapping[str, Understood]) -> dict[str, JsonValue]:
    """What a version keeps of it: pieces and left words, by the name of the text."""
    return {name: one.model_dump(mode="json", include={"pieces", "left"}) for name, one in understood.items()}
