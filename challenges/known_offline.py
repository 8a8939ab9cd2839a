"""What a challenge gives to everybody, from the files that a team has: so a gate gives the same answer at home."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from challenges import values
from challenges.datasets import DatasetRefused, open_dataset
from challenges.facets import SECTORS
from challenges.findings import Finding, PackageRefused
from challenges.licences import LICENCES
from challenges.word_lists import read_lines, read_words
from scoring.quality.gates import POSSIBLE
from scoring.quality.reference import Reference, UnsafeWords

OFF: Final = "off"
_Read = TypeVar("_Read")


def known_offline(
    *,
    raw: Path | None = None,
    unsafe_words: Path | None = None,
    exceptions: Path | None = None,
    licences: Sequence[str] = (),
    sectors: Sequence[str] = (),
    gates: Sequence[str] = (),
) -> Reference | None:
    """The reference that `challenges.dataset_report.assess_dataset` takes; None: nothing is asked for.

    raw            what teams start from: any dataset
    unsafe_words   as `challenges.word_lists.read_words`; `exceptions` a file with one phrase a line
    licences       SPDX identifiers that are accepted
    sectors        keys of `challenges.facets.SECTORS`
    gates          such as "Q5=0.001" or "A11=off"

    Raises PackageRefused with everything that is wrong with any of these.
    """
    if not any((raw, unsafe_words, exceptions, licences, sectors, gates)):
        return None
    found = [*_unlisted("--licence", licences, LICENCES), *_unlisted("--sector", sectors, SECTORS)]
    limits: dict[str, float | None] = {}
    for written in gates:
        key, _, limit = (part.strip() for part in written.partition("="))
        found += _unlisted("--gate", (key,), POSSIBLE)
        if limit == OFF:
            limits[key] = None
        elif (number := _share(limit)) is not None:
            limits[key] = number
        else:
            found.append(Finding(id="quality.gate_limit", key="--gate", value=written[:60]))
    if exceptions is not None and unsafe_words is None:
        found.append(Finding(id="quality.exceptions_alone", key="--exceptions"))
    words = None if unsafe_words is None else _opened(lambda: read_words(unsafe_words, unsafe_words.name), found)
    phrases = None if exceptions is None else _opened(lambda: read_lines(exceptions), found)
    table = None if raw is None else _opened(lambda: open_dataset(raw).table, found)
    if found:
        raise PackageRefused(tuple(found))
    return Reference(
        raw=table, unsafe=None if words is None else UnsafeWords(words, phrases or ()),
        licences=tuple(licences), sectors=tuple(sectors), gates=limits,
    )  # fmt: skip


def _opened(read: Callable[[], _Read], found: list[Finding]) -> _Read | None:
    """What is read; None where that is refused, with the reasons added to `found`."""
    try:
        return read()
    except (PackageRefused, DatasetRefused) as refused:
        found += refused.findings
        return None


def _unlisted(key: str, words: Sequence[str], known: Mapping[str, object] | tuple[str, ...]) -> Iterator[Finding]:
    for word in words:
        if word not in known:
            message, params = values.guess("package.not_listed", word, known)
            yield Finding(id=message, key=key, value=word[:60], params=params)


def _share(written: str) -> float | None:
    try:
        number = float(written)
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None
