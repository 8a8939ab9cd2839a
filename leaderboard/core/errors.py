"""Everything that can be refused, as one tree.

::

    JiebangError                       status  when
    ├── Malformed                      422     input that cannot be read; carries findings
    ├── Refused                        409     understood, but the rules say no
    │   ├── Closed                     409     outside its window or state
    │   └── QuotaUsed                  429     the day's or the phase's quota is used
    ├── TooLarge                       413
    ├── TooMany                        429     rate limit; says when to come back
    ├── SignInNeeded                   401
    ├── Forbidden                      403
    ├── NotFound                       404     also for what the asker may not know to exist
    ├── Gone                           410
    └── Unavailable                    503     ours: try again

An error carries ``id`` (stable, for programs), ``message`` (English, ``str.format`` style; translated at the edge)
and ``params``. The edge turns it into a page or into RFC 9457 problem details; nothing else does.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a form or body; ``message`` and ``params`` as in the errors."""

    field: str
    message: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class JiebangError(Exception):
    """Base of the tree; never raised itself."""

    status: ClassVar[int] = 500

    def __init__(
        self, id: str, message: str, *, fields: Sequence[FieldError] = (), findings: Sequence[Any] = (), **params: Any
    ) -> None:
        super().__init__(id)
        self.id = id
        self.message = message
        self.params = params
        self.fields = tuple(fields)
        self.findings = tuple(findings)
        self.headers: dict[str, str] = {}
        self.way: tuple[str, str] | None = None
        """Where to go and do what is missing: (label, path without the language)."""

    def __str__(self) -> str:
        return f"{self.id}: {self.message.format(**self.params)}"


class Malformed(JiebangError):
    status = 422


class Refused(JiebangError):
    status = 409


class Closed(Refused):
    pass


class QuotaUsed(Refused):
    status = 429


class TooLarge(JiebangError):
    status = 413


class TooMany(JiebangError):
    status = 429

    def __init__(self, id: str, message: str, *, retry_after: int, **params: Any) -> None:
        super().__init__(id, message, retry_after=retry_after, **params)
        self.headers["Retry-After"] = str(retry_after)


class SignInNeeded(JiebangError):
    status = 401


class Forbidden(JiebangError):
    status = 403


class NotFound(JiebangError):
    status = 404


class Gone(JiebangError):
    status = 410


class Unavailable(JiebangError):
    status = 503
