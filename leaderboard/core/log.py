"""Structured logs: one event a line, for people or machines, with secrets taken out by name."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from leaderboard.core.settings import Settings

_SECRET_NAME = re.compile(r"password|secret|token|cookie|authorization|private", re.IGNORECASE)
_SECRET_VALUE = re.compile(
    r"jb_[A-Za-z0-9_-]{8,}"  # tokens of programs
    r"|(?<=://)[^/@\s]+:[^/@\s]+(?=@)"  # user and password in an address
    r"|(?<=password=)[^\s&]+|(?<=[?&]token=)[^\s&]+"  # of a PostgreSQL connection, of a mailed link
    r"|(?<=/invitations/)[^/?\s]+|(?<=/checks/)[^/?\s]+|(?<=/check/)[^/?\s]+|(?<=/uploads/)[^/?\s]+"  # who has them may
    r"|(?<=/feeds/)[^?\s]+"  # calendars of parties at events
)


def _without_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = "…" if _SECRET_NAME.search(key) else _cleaned(value)
    return event


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET_VALUE.sub("…", value)
    if isinstance(value, Mapping):
        return {key: "…" if _SECRET_NAME.search(str(key)) else _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(inner) for inner in value]
    return value


def configure(settings: Settings) -> None:
    """Sets up structlog and the standard library's logging, once a process, to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.getLevelNamesMapping()[settings.log_level], logging.WARNING))


def logger(name: str) -> Any:
    """A logger whose events are short sentences in English with key=value details."""
    return structlog.get_logger(room=name)
