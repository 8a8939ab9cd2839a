"""What people type into the forms of this room, brought to one form, or the sentence that says what is wrong."""

import re
import unicodedata
from collections.abc import Iterable
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Any, Final

from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import LOCALES, N_

NAME_LENGTH = 60
EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets

# What browsers accept in <input type="email"> (WHATWG HTML), and a dot in the domain: "lin@163" is a slip.
_EMAIL: Final = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+"
)
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain_email(text: str) -> str:
    """One spelling of an address: no spaces around it, lower case, full-width characters made ordinary."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def email_fault(email: str, field: str = "email") -> FieldError | None:
    """What is wrong with a :func:`plain_email`, or None."""
    if not email:
        return FieldError(field, N_("Enter an e-mail address"))
    if len(email) > EMAIL_LENGTH or not _EMAIL.fullmatch(email) or not _mailable(email):
        return FieldError(field, N_("Enter an e-mail address in the form name@example.com"))
    return None


def _mailable(email: str) -> bool:
    try:
        Address(addr_spec=email)
    except (HeaderParseError, ValueError):  # such as two dots in a row
        return False
    return True


def plain_name(text: str) -> str:
    """A name in one spelling: composed characters, single spaces, nothing around it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def name_fault(name: str, field: str = "name") -> FieldError | None:
    """What is wrong with a :func:`plain_name`, or None. Characters that cannot be seen could imitate another name."""
    if not name:
        return FieldError(field, N_("Enter a name"))
    if len(name) > NAME_LENGTH:
        return FieldError(field, N_("The name may have at most {count} characters"), {"count": NAME_LENGTH})
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        return FieldError(field, N_("The name contains characters that cannot be seen; type it without them"))
    return None


def locale_fault(locale: str, field: str = "locale") -> FieldError | None:
    """What is wrong with a language code, or None."""
    return None if locale in LOCALES else FieldError(field, N_("Choose one of the languages"))


def refuse(*faults: FieldError | None, also: Iterable[FieldError] = ()) -> None:
    """Raises Malformed with every fault at once; returns when there is none."""
    found = [fault for fault in (*faults, *also) if fault is not None]
    if found:
        raise malformed(*found)


def malformed(*faults: FieldError, **params: Any) -> Malformed:
    """The refusal of a form, for the fields named in ``faults``."""
    return Malformed("accounts.form", N_("Some of what was entered cannot be used."), fields=faults, **params)
