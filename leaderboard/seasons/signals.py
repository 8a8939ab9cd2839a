"""What seasons tells and asks the rooms above it; they hear through ``wiring``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.policy import Relation
from leaderboard.core.i18n import translate


@dataclass(frozen=True, slots=True)
class Words:
    """A text that its author wrote in both languages; where one is missing the other stands in."""

    en: str
    zh: str

    def said(self, locale: str) -> str:
        return (self.zh or self.en) if locale == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence to be translated where it is shown: an English template marked by ``N_`` and its parameters.

    Parameters may be phrases and words themselves.
    """

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def said(self, locale: str) -> str:
        shown = {key: value.said(locale) if hasattr(value, "said") else value for key, value in self.params.items()}
        return translate(locale, self.message, **shown)


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure in the header of a challenge.

    ``value`` and ``note``: a phrase, a text or number shown as it is, or an instant. ``countdown`` shows the time left to
    an instant. ``link`` is (words, path without locale). Facts are shown by ascending ``weight``.
    """

    label: Phrase
    value: Phrase | Words | str | int | datetime
    note: Phrase | Words | str | datetime | None = None
    countdown: bool = False
    link: tuple[Phrase, str] | None = None
    weight: int = 50


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab below the header; shown by ascending ``weight`` (overview 0, data 10, rules 40, announcements 50)."""

    key: str
    label: Phrase
    path: str
    count: int | None = None
    weight: int = 50


@dataclass(frozen=True, slots=True)
class Step:
    """What the viewer can do next: a sentence, and the button that does it. The step with the highest ``weight`` is shown."""

    text: Phrase
    button: Phrase | None = None
    path: str | None = None
    weight: int = 0


@dataclass(frozen=True, slots=True)
class ChallengePosted:
    challenge_id: int


@dataclass(frozen=True, slots=True)
class PackageChanged:
    """Another package version is in force; ``rescore``: what was scored before has to be scored anew."""

    challenge_id: int
    package_id: int
    rescore: bool


@dataclass(frozen=True, slots=True)
class ChallengeClosed:
    challenge_id: int


@dataclass(frozen=True, slots=True)
class HeaderShown:
    """The header of a challenge is being put together: hearers append facts and tabs."""

    challenge_id: int
    actor: Actor
    facts: list[Fact]
    tabs: list[Tab]


@dataclass(frozen=True, slots=True)
class NextStepAsked:
    """The overview asks what this viewer can do next: hearers append steps."""

    challenge_id: int
    actor: Actor
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class RelationsAsked:
    """What is the actor to this challenge's entries? Hearers add relations."""

    challenge_id: int
    actor: Actor
    found: set[Relation]


@dataclass(frozen=True, slots=True)
class RulesAsked:
    """What holds in this challenge, sentence by sentence, is being put together: hearers append theirs."""

    challenge_id: int
    rules: list[Phrase]
