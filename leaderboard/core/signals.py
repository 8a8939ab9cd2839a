"""Upward news without upward imports: a lower room emits a frozen dataclass, ``wiring`` says who hears it.

Handlers run at once, in the emitter's transaction: what they write is committed or rolled back with it.
"""

from collections.abc import Callable, Mapping
from typing import Any

Handlers = Mapping[type[Any], tuple[Callable[[Any, Any], None], ...]]
"""Signal class → functions of ``(work, signal)``, in the order they run."""


def dispatch(handlers: Handlers, work: object, signal: object) -> None:
    """Hands ``signal`` to everyone who hears its class. A handler's error is the emitter's error."""
    for handler in handlers.get(type(signal), ()):
        handler(work, signal)
