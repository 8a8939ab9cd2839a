"""What a dataset says about itself, item by item: found in fields, in descriptions and under the headings of READMEs.

What counts as an answer is a rule that anyone can check:

-   a sentence counts unless it is a prompt of a template (`items.PROMPTS`), a question, the very words of some `Item.asks`, or stands
    already under another item (a sentence of four words or more counts for one item only, and it stays the same sentence when its
    words change places or other headings are put in);
-   what is left must read as language (`language.readable`), but for samples, which are records as they are;
-   it must hold what `Item.evidence` asks for, such as a number. What `Item.enough` describes, such as an address, or the name of a
    known licence, is an answer by itself. Addresses that stand for none (RFC 2606: example.org, localhost, …) are none;
-   it must hold, unless the data proves it (`PROVEN`), at least `Item.least` words, each word once; two Chinese characters are a word. Not at all count: words that are
    headings, words that
    `Item.asks` of any item holds (but for what `Item.evidence` asks for), codes (letters with digits among them), and a word in more than `MOST_USES`
    answers. A third of the words at least are more than `language.FUNCTION_WORDS`. Under a heading that names several items, they share
    the words;
-   and where the dataset can be looked at, it must agree with it: see `against.Opened.agrees`;
-   where three of the four `TELLING` items are written, or ten of any kind, and no telling one agrees with the data, the documentation
    is about other data, or about any, and nothing counts. What a smaller documentation says is taken as it is.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from challenges.datasets import claims
from challenges.datasets.against import Opened
from challenges.datasets.claims import Claim
from challenges.datasets.items import ITEMS, PROMPTS, Group, Item
from challenges.datasets.language import FUNCTION_WORDS, readable
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
MOST_USES: Final = 5
"""Answers that a word may be a word of."""
TELLING: Final = ("scale", "structure", "label_statistics", "samples")
"""Items that tell one dataset from another: what is so of this one is hardly so of any other."""
PROVEN: Final = ("scale", "format", "modality", "label_statistics", "samples")
"""Items that need no number of words where the data says that it is so."""
FEWEST_TOLD: Final = 3
MANY: Final = 10
"""So many telling items, or items of any kind, must be written before that nothing telling agrees means that it is about other data."""

State = Literal["answered", "too short", "missing"]
Reason = Literal["", "prompt", "repeated", "unreadable", "address", "evidence", "short", "against", "foreign"]
_END: Final = re.compile(r"(?<=[。！？!?；;])|(?<=\.)\s+|\n+")
_WORD: Final = re.compile(r"[a-z0-9]+(?:[.'-][a-z0-9]+)*|[^\W\d_\u4e00-\u9fff]+")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_DEAD: Final = re.compile(r"[\W_]+")
_CODE: Final = re.compile(r"(?=[^\d]*\d)(?=.*[a-z])")
_NO_ADDRESS: Final = re.compile(
    r"(?i)\bhttps?://(?:[^\s/@]*@)?(?:localhost|127\.[\d.]+|\[::1\]|(?:[\w-]+\.)*(?:example(?:\.(?:com|net|org))?|test|invalid|localhost))(?![\w.-])\S*"
    r"|[\w.+-]{1,64}@(?:[\w-]+\.)*(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)(?![\w-])"
)
"""Addresses on names that RFC 2606 keeps free for examples and tests: they lead nowhere."""
_QUESTIONS: Final = frozenset(_DEAD.sub("", item.asks.casefold()) for item in ITEMS)
_ASKED: Final = frozenset(word for item in ITEMS for word in _WORD.findall(item.asks.casefold())) - FUNCTION_WORDS


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about one item.

    state    answered; too short (something is there, but it does not count, and `reason` says why); missing
    reason   prompt (only words of a template or of the questions), repeated (only sentences of other items), unreadable (no language),
             address (only one that leads nowhere), evidence (see `Item.evidence`), short, against (nothing agrees with the data),
             foreign (the whole documentation is about other data)
    text     what counts, at most 2,000 characters
    where    where it stands: file:line, or file and key
    """

    item: Item
    state: State
    reason: Reason = ""
    text: str = ""
    where: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """What to tell a team (`scoring.quality.wording`); empty where the item is answered."""
        if self.state == "answered":
            return ""
        named = self.item.key if self.reason in {"evidence", "against"} else self.reason or "missing"
        return f"document.{named}"


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
    passages: Iterable[Passage],
    facts: Iterable[tuple[str, str, str]],
    stated: Sequence[Claim],
    files: Sequence[str],
    opened: Opened | None = None,
) -> Documentation:
    """The documentation, from the passages of READMEs, facts of fields and descriptions (item, text, where), and claims of fields.

    opened: the dataset that answers are held against; None: they are judged by their words alone.
    """
    said = [Said((key,), text, where, 0) for key, text, where in facts]
    said += [Said(passage.items, passage.text, f"{passage.file}:{passage.line}", 0) for passage in passages]
    said = [Said(one.items, one.text, one.where, number) for number, one in enumerate(said)]
    of_item = {item.key: [one for one in said if item.key in one.items] for item in ITEMS}
    judge = _Judge(opened)
    answers = tuple(judge.answer(item, of_item[item.key]) for item in ITEMS)
    if opened is not None and judge.is_foreign(sum(bool(those) for those in of_item.values())):
        answers = tuple(
            replace(answer, state="too short", reason="foreign") if answer.state == "answered" else answer
            for answer in answers
        )
    read = [
        claim
        for answer in answers
        for claim in claims.in_text(answer.item.key, answer.text, ", ".join(answer.where[:3]))
    ]
    return Documentation(answers, tuple([*stated, *read][: claims.MOST]), tuple(files))


class _Judge:
    """Judges one item after the other; what was said once is remembered."""

    def __init__(self, opened: Opened | None) -> None:
        self._opened = opened
        self._seen: dict[str, tuple[str, int]] = {}
        self._uses: Counter[str] = Counter()
        self._told: list[bool | None] = []

    def answer(self, item: Item, said: Sequence[Said]) -> Answer:
        """What is said about one item, and whether it counts."""
        if not said:
            return Answer(item, "missing")
        kept, whole, dropped, words, score = list[Said](), list[Said](), set[Reason](), set[str](), 0.0
        for one in said:
            text, lost = self._kept(item, one)
            dropped |= lost
            if text:
                new = {word for word in _words(item, text) if self._uses[word] < MOST_USES} - words
                words |= new
                score += _weight(new) / min(len(one.items), MOST_ITEMS)
                kept.append(replace(one, text=text))
                whole.append(one)
        text = "\n".join(one.text for one in kept)[:LONGEST]
        agrees = self._look_up(item, whole)
        if not text:
            reason: Reason = next((reason for reason in ("prompt", "repeated") if reason in dropped), "short")
            return Answer(item, "too short", reason, "", tuple(one.where for one in said))
        self._uses.update(word for word in words - FUNCTION_WORDS if not _HAN.match(word))
        fault = self._fault(item, text, 0.0 if _says_little(words) else score, agrees)
        return Answer(item, "too short" if fault else "answered", fault, text, tuple(one.where for one in kept))

    def is_foreign(self, written: int) -> bool:
        """Whether the documentation, with something under so many items, is about other data, or about any: of what tells this one from
        others, nothing that it says is so.
        """
        told = [agrees for agrees in self._told if agrees is not None]
        return not any(told) and (len(told) >= FEWEST_TOLD or written >= MANY)

    def _look_up(self, item: Item, said: Sequence[Said]) -> bool | None:
        """Whether the data says what is said, sentences as they stand; None: it says nothing of this."""
        if self._opened is None:
            return None
        agrees = self._opened.agrees(item.key, "\n".join(one.text[: 2 * LONGEST] for one in said))
        if item.key in TELLING:
            self._told.append(agrees)
        return agrees

    def _kept(self, item: Item, one: Said) -> tuple[str, set[Reason]]:
        """The sentences that count for the item, and why others do not."""
        kept, lost = list[str](), set[Reason]()
        for sentence in _sentences(one.text[: 2 * LONGEST]):
            bare = _DEAD.sub("", unicodedata.normalize("NFKC", sentence).casefold())
            if not bare:
                continue
            if PROMPTS.search(sentence) or sentence.endswith(("?", "？")) or bare in _QUESTIONS:
                lost.add("prompt")
                continue
            words = _plain_words(sentence)
            if _weight(words) >= REPEATED:
                first = self._seen.setdefault(" ".join(sorted(words)), (item.key, one.own))
                if first[0] != item.key and first[1] != one.own:
                    lost.add("repeated")
                    continue
            kept.append(sentence)
        return "\n".join(kept), lost

    def _fault(self, item: Item, text: str, score: float, agrees: bool | None) -> Reason:
        """Why a text is no answer; empty where it is one. agrees: whether the data says so; None: it says nothing of this."""
        opened = self._opened
        if item.key != "samples" and not readable(text, opened.names if opened else ()):
            return "unreadable"
        real = _NO_ADDRESS.sub("", text)
        if not _is_enough(item, real):
            if item.evidence is not None and not item.evidence.search(real):
                return "evidence"
            if agrees is False:
                return "against"
            if score < item.least and not (agrees and item.key in PROVEN):
                return "address" if item.enough is not None and _NO_ADDRESS.search(text) else "short"
        return "against" if agrees is False else ""


def _is_enough(item: Item, text: str) -> bool:
    if item.key == "licence":
        return spdx(text) is not None
    return item.enough is not None and item.enough.search(text) is not None


def _sentences(text: str) -> Iterator[str]:
    return (sentence for part in _END.split(text) if (sentence := part.strip()))


def _plain_words(text: str) -> set[str]:
    """The words and Chinese characters of a text, each once, without those that are headings of items."""
    plain = without_headings(text)
    return {*_WORD.findall(plain), *_HAN.findall(plain)}


def _words(item: Item, text: str) -> set[str]:
    """Of these, the ones that count: without codes, and without words of the questions but those that are the item's evidence."""
    evidence = set() if item.evidence is None else {match[0].casefold() for match in item.evidence.finditer(text)}
    plain = {word for word in _plain_words(_NO_ADDRESS.sub(" ", text)) if word in evidence or not _CODE.match(word)}
    return plain - (_ASKED - evidence)


def _says_little(words: set[str]) -> bool:
    """Whether more than two thirds of the words only hold sentences together."""
    return 3 * len(words & FUNCTION_WORDS) > 2 * len(words)


def _weight(words: set[str]) -> float:
    """How many words those are; two Chinese characters are one."""
    return sum(0.5 if _HAN.fullmatch(word) else 1.0 for word in words)
