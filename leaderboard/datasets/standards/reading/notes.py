"""What becomes of the properties of a description: used, not used, or with a value that cannot be used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from leaderboard.core.errors import FieldError
from leaderboard.datasets.columns import Column
from leaderboard.datasets.fields import CardWords

MOST: Final = 200
"""Properties that are named; a document of a megabyte may have a hundred thousand."""


@dataclass(frozen=True)
class Understood:
    """A description as a draft: what fits on a card, all of it valid; empty texts and None are missing.

    kind     such as "Croissant 1.1"
    address, sha256, media_type, size   of the one file that the card is about
    columns  of that file, as they are described
    wrong    path of a property, and what is wrong with its value or was changed in it
    unused   paths of the properties that no field of a card holds; ``unnamed`` of them are left out
    """

    kind: str
    words: CardWords
    address: str
    sha256: str
    media_type: str
    size: int | None
    columns: tuple[Column, ...]
    used: tuple[str, ...]
    unused: tuple[str, ...]
    unnamed: int
    wrong: tuple[FieldError, ...]


@dataclass
class Notes:
    """Gathers while a description is read."""

    used: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    wrong: list[FieldError] = field(default_factory=list)

    def complain(self, path: str, message: str, **params: object) -> None:
        """The value at ``path`` cannot be used as it is."""
        self.wrong.append(FieldError(path, message, params))

    def understood(
        self,
        kind: str,
        words: CardWords,
        *,
        address: str = "",
        sha256: str = "",
        media_type: str = "",
        size: int | None = None,
        columns: tuple[Column, ...] = (),
    ) -> Understood:
        """What was gathered. A property with a wrong value is not among those used."""
        wrong = {fault.field for fault in self.wrong}
        return Understood(
            kind=kind,
            words=words,
            address=address,
            sha256=sha256,
            media_type=media_type,
            size=size,
            columns=columns,
            used=tuple(path for path in self.used if path not in wrong)[:MOST],
            unused=tuple(self.unused[:MOST]),
            unnamed=max(0, len(self.unused) - MOST),
            wrong=tuple(self.wrong[:MOST]),
        )


class Properties:
    """The properties of one object of a description by their short names, each used once.

    ``quiet``: what is taken is not noted one by one, since it is one of a thousand alike.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        path: str,
        notes: Notes,
        prefixes: tuple[str, ...] = (),
        *,
        quiet: bool = False,
    ) -> None:
        self.path, self.notes, self.quiet = path, notes, quiet
        self._left: dict[str, tuple[str, Any]] = {}
        for key, value in given.items():
            short = next((key.removeprefix(prefix) for prefix in prefixes if key.startswith(prefix)), key)
            if short in self._left or value in (None, "", [], {}):
                continue
            self._left[short] = (f"{path}{key}", value)

    def take(self, *names: str) -> Iterator[tuple[str, Any]]:
        """(path, value) of those of ``names`` that are there; whoever takes them uses them or complains."""
        for name in names:
            found = self._left.pop(name, None)
            if found is not None:
                if not self.quiet:
                    self.notes.used.append(found[0])
                yield found

    def leave(self) -> None:
        """Notes what was not taken as not used."""
        self.notes.unused += [path for path, _ in self._left.values()]
