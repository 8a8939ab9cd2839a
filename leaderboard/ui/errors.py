"""Pages for what went wrong; none of them needs a database."""

from dataclasses import dataclass

OWN_PAGES = frozenset({403, 404, 410, 429, 500})


@dataclass(frozen=True)
class ErrorPage:
    """``text`` is the error's sentence in the reader's language, empty when there is nothing safe or useful to add.

    ``reference`` names the request in our logs; ``retry_after`` is in seconds; ``contact`` is who can help.
    """

    status: int
    text: str = ""
    reference: str = ""
    retry_after: int | None = None
    contact: str = ""


def error_template(status: int) -> str:
    """Name the template for a status: its own page, the server's page for 5xx, else the general one."""
    if status in OWN_PAGES:
        return f"errors/{status}.html"
    return "errors/500.html" if status >= 500 else "errors/error.html"
