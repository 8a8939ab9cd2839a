"""Which column of a file is which: names matched to those asked for, and what to say when they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from challenges.findings import Example
from challenges.intake.ledger import Ledger, shown
from challenges.intake.text import squeezed
from challenges.plan import TaskPlan

MOST_PAIRS = 10_000
"""Pairs of names that are compared, at 20 microseconds each; where more differ, no suggestion helps."""
ALIKE = 0.6
"""From how similar two names are taken for one another (0 to 1, by matching letters)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`places` maps the names asked for to the place of their column; `tidy` means that the file has just these columns."""

    places: Mapping[str, int]
    tidy: bool


def match(names: Sequence[str], task: TaskPlan, ledger: Ledger) -> Layout:
    """Finds the columns of `task` among `names` and reports what is missing, twice there, misnamed or not asked for.

    Names that differ only in case, width or outer spaces are taken, with a warning. A name that is merely similar, or the only
    one left over where one is missing, is an error; its cells are checked all the same, so that one look shows everything.
    """
    required = [task.ids.name, *(column.name for column in task.columns if column.required)]
    optional = [column.name for column in task.columns if not column.required]
    places = _exact(names, [*required, *optional], ledger)
    free = [i for i, name in enumerate(names) if name not in places]
    _by_sight(names, [*required, *optional], places, free, ledger)
    missing = [name for name in required if name not in places]
    for name, place in _similar(names, missing, free).items():
        places[name] = place
        free.remove(place)
        missing.remove(name)
        example = Example(column=name, value=shown(names[place]))
        ledger.add("intake.column_misnamed", examples=[example])
    if missing:
        listed = [Example(column=name) for name in missing]
        ledger.add("intake.column_missing", examples=listed, count=len(listed), params={"found": _listed(names)})
    if free:
        listed = [Example(value=shown(names[i]), params={"place": i + 1}) for i in free]
        ledger.add("intake.column_extra", level="warning", examples=listed, count=len(listed))
    return Layout(places, tidy=len(places) == len(names))


def _exact(names: Sequence[str], wanted: Sequence[str], ledger: Ledger) -> dict[str, int]:
    places: dict[str, int] = {}
    for i, name in enumerate(names):
        if name in wanted and name in places:
            ledger.add("intake.column_twice", examples=[Example(column=name, params={"place": i + 1})])
        elif name in wanted:
            places[name] = i
    return places


def _by_sight(
    names: Sequence[str], wanted: Sequence[str], places: dict[str, int], free: list[int], ledger: Ledger
) -> None:
    for name in wanted:
        same = [i for i in free if squeezed(names[i]) == squeezed(name)]
        if name not in places and len(same) == 1:
            places[name] = same[0]
            free.remove(same[0])
            ledger.add(
                "intake.column_spelling",
                level="warning",
                examples=[Example(column=name, value=shown(names[same[0]]))],
            )


def _similar(names: Sequence[str], missing: Sequence[str], free: Sequence[int]) -> dict[str, int]:
    """The columns that probably were meant: most alike first, each used once; or the one left over."""
    if len(missing) == 1 and len(free) == 1 and len(names) > 1:
        return {missing[0]: free[0]}
    if len(missing) * len(free) > MOST_PAIRS:
        return {}
    pairs = sorted(
        ((_alike(name, names[i]), name, i) for name in missing for i in free), key=lambda p: (-p[0], p[1], p[2])
    )
    found: dict[str, int] = {}
    for ratio, name, i in pairs:
        if ratio >= ALIKE and name not in found and i not in found.values():
            found[name] = i
    return found


def _alike(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, squeezed(one)[:100], squeezed(other)[:100], autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE else 0.0


def _listed(names: Sequence[str]) -> str:
    text = ", ".join(str(shown(name)) for name in names[:10])
    return text + (", …" if len(names) > 10 else "")
