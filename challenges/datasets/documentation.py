"""What a dataset says about itself, item by item: found in fields, in descriptions and under the headings of READMEs.

What counts as an answer is a rule that anyone can check:

-   a sentence counts unless it is a prompt of a template (`items.PROMPTS`), a question, the very words of `Item.asks`, or stands
    already under another item (a sentence of four words or more counts for one item only);
-   what is left must hold at least `Item.least` words, each word once, the words that are headings themselves not at all; two
    Chinese characters are a word. Under a heading that names several items, they share the words;
-   and it must hold what `Item.evidence` asks for, such as a number. What `Item.enough` describes, such as an address, or the name of
    a known licence, is an answer by itself.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from challenges.datasets import claims
from challenges.datasets.claims import Claim
from challenges.datasets.items import ITEMS, PROMPTS, Group, Item
from challenges.datasets.licensing import spdx
from challenges.datasets.passages import MOST_ITEMS, Passage, without_headings

LONGEST: Final = 2_000
"""Characters of an answer that are kept."""
DOCUMENTS: Final = (
    "README.md",
    "README.en.md",
    "README.zh.md",
    "README.txt",
    "说明文档.md",
    "数据说明.md",
    "DATASHEET.md",
    "dataset_card.md",
)
"""Names of documents that are read, in any case, in this order."""
REPEATED: Final = 4
"""From so many words on, a sentence counts for one item only."""

State = Literal["answered", "too short", "missing"]
Reason = Literal["", "prompt", "repeated", "short", "evidence"]
_END: Final = re.compile(r"(?<=[。！？!?；;])|(?<=\.)\s+|\n+")
_WORD: Final = re.compile(r"[a-z0-9]+(?:[.'-][a-z0-9]+)*|[^\W\d_\u4e00-\u9fff]+")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_DEAD: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about one item.

    state    answered; too short (something is there, but it does not count, and `reason` says why); missing
    reason   prompt (only a template's words), repeated (only sentences of other items), short, evidence (see `Item.evidence`)
    text     what counts, at most 2,000 characters
    where    where it stands: file:line, or file and key
    """

    item: Item
    state: State
    reason: Reason = ""
    text: str = ""
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class Documentation:
    """Answers to all 20 items in the order of `ITEMS`, the numbers stated, and the documents that were read."""

    answers: tuple[Answer, ...]
    claims: tuple[Claim, ...] = ()
    documents: tuple[str, ...] = ()

    def answer(self, key: str) -> Answer:
        """The answer to the item of this key."""
        return next(answer for answer in self.answers if answer.item.key == key)

    @property
    def complete(self) -> bool:
        """Whether all 20 items are answered (gate G8)."""
        return all(answer.state == "answered" for answer in self.answers)

    def share(self, group: Group) -> float:
        """The share of a group's five items that are answered."""
        states = [answer.state for answer in self.answers if answer.item.group == group]
        return states.count("answered") / len(states)


@dataclass(frozen=True, slots=True)
class Said:
    """One text and the items that it is about. `where` is shown; `own` tells passages apart."""

    items: tuple[str, ...]
    text: str
    where: str
    own: int


def document(
    passages: Iterable[Passage], facts: Iterable[tuple[str, str, str]], stated: Sequence[Claim], files: Sequence[str]
) -> Documentation:
    """The documentation, from the passages of READMEs, facts of fields and descriptions (item, text, where), and claims of fields."""
    said = [Said((key,), text, where, 0) for key, text, where in facts]
    said += [Said(passage.items, passage.text, f"{passage.file}:{passage.line}", 0) for passage in passages]
    said = [Said(one.items, one.text, one.where, number) for number, one in enumerate(said)]
    seen: dict[str, tuple[str, int]] = {}
    answers = tuple(_answer(item, [one for one in said if item.key in one.items], seen) for item in ITEMS)
    read = [
        claim
        for answer in answers
        for claim in claims.in_text(answer.item.key, answer.text, ", ".join(answer.where[:3]))
    ]
    return Documentation(answers, tuple([*stated, *read][: claims.MOST]), tuple(files))


def _answer(item: Item, said: Sequence[Said], seen: dict[str, tuple[str, int]]) -> Answer:
    if not said:
        return Answer(item, "missing")
    kept, where, dropped, score = list[str](), list[str](), set[Reason](), 0.0
    words: set[str] = set()
    for one in said:
        text, lost = _kept(item, one, seen)
        dropped |= lost
        if text:
            new = _words(text) - words
            words |= new
            score += _weight(new) / min(len(one.items), MOST_ITEMS)
            kept.append(text)
            where.append(one.where)
    text = "\n".join(kept)[:LONGEST]
    if not text:
        reason: Reason = next((reason for reason in ("prompt", "repeated") if reason in dropped), "short")
        return Answer(item, "too short", reason, "", tuple(one.where for one in said))
    if _is_enough(item, text):
        return Answer(item, "answered", "", text, tuple(where))
    if item.evidence is not None and not item.evidence.search(text):
        return Answer(item, "too short", "evidence", text, tuple(where))
    if score < item.least:
        return Answer(item, "too short", "short", text, tuple(where))
    return Answer(item, "answered", "", text, tuple(where))


def _is_enough(item: Item, text: str) -> bool:
    if item.key == "licence":
        return spdx(text) is not None
    return item.enough is not None and item.enough.search(text) is not None


def _kept(item: Item, one: Said, seen: dict[str, tuple[str, int]]) -> tuple[str, set[Reason]]:
    """The sentences that count for the item, and why others do not."""
    kept, lost = list[str](), set[Reason]()
    for sentence in _sentences(one.text[: 2 * LONGEST]):
        bare = _DEAD.sub("", unicodedata.normalize("NFKC", sentence).casefold())
        if not bare:
            continue
        if PROMPTS.search(sentence) or sentence.endswith(("?", "？")) or bare == _DEAD.sub("", item.asks.casefold()):
            lost.add("prompt")
            continue
        if _weight(_words(sentence)) >= REPEATED:
            first = seen.setdefault(bare, (item.key, one.own))
            if first[0] != item.key and first[1] != one.own:
                lost.add("repeated")
                continue
        kept.append(sentence)
    return "\n".join(kept), lost


def _sentences(text: str) -> Iterator[str]:
    return (sentence for part in _END.split(text) if (sentence := part.strip()))


def _words(text: str) -> set[str]:
    """The words and Chinese characters of a text, each once, without those that are headings of items."""
    plain = without_headings(text)
    return {*_WORD.findall(plain), *_HAN.findall(plain)}


def _weight(words: set[str]) -> float:
    """How many words those are; two Chinese characters are one."""
    return sum(0.5 if _HAN.fullmatch(word) else 1.0 for word in words)
