"""One description of a listing or a need, and what of it is compared."""

import re
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]

LONGEST_EMBEDDED = 400
"""Characters that the encoder reads: time grows with length, and what a listing is about stands at its beginning."""

_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]+")
_FEWEST_SIGNS = 0.2  # of the words, counting a Chinese sign as half a word


@dataclass(frozen=True, slots=True)
class Text:
    """A description in one language; `key` says whose. A listing told in both languages has two, with one key.

    `task`, `modality` and `sector` are names in that language, not keys of a list; any of the texts may be empty.
    """

    key: str
    language: Language
    title: str
    task: str = ""
    modality: str = ""
    sector: str = ""
    summary: str = ""
    fields: tuple[str, ...] = ()

    def embedded(self) -> str:
        """What an encoder is given: title, task, modality, sector, summary; without field names, and cut to 400
        characters.
        """
        parts = (self.title, self.task, self.modality, self.sector, self.summary)
        return ". ".join(part.strip() for part in parts if part.strip())[:LONGEST_EMBEDDED]

    def heading(self) -> str:
        """Title, task and sector alone, cut likewise: what a description's vector is drawn towards, since summaries
        wander.
        """
        parts = (self.title, self.task, self.sector)
        return ". ".join(part.strip() for part in parts if part.strip())[:LONGEST_EMBEDDED]

    def whole(self) -> str:
        """All words of it, one part a line."""
        return "\n".join((self.title, self.task, self.modality, self.sector, self.summary, *self.fields))


def language_of(text: str) -> Language:
    """Chinese if at least a fifth of the words are, else English: names and acronyms do not make a Chinese sentence
    English.
    """
    signs, words = len(_CJK.findall(text)) / 2, len(_LATIN.findall(text))
    return "zh" if signs and signs >= _FEWEST_SIGNS * (signs + words) else "en"
