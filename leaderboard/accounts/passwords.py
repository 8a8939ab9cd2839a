"""Passwords: what we ask of them, how they are kept, and how they are compared without telling whom we know.

argon2id with the parameters that OWASP's Password Storage Cheat Sheet gives (19 MiB, 2 passes, 1 lane): about 40 ms of one
core. Whoever hashes does it outside a write transaction, or every other writer on SQLite would wait for it; and only a
few at a time, so that a flood of sign-ins cannot take all memory.
"""

import os
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from leaderboard.core.errors import FieldError, Unavailable
from leaderboard.core.i18n import N_

SHORTEST, LONGEST = 10, 256
WAIT_SECONDS = 10.0

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$IlgXV4CZot+/zkLae04I6A$08q/gpgsJNPm434MnlvA1HsCaC8DuEY6ypxPHQ/Tahs"
"""The hash of a random text that nobody kept: compared with when there is no account, so that it takes as long."""
_TURNS: Final = threading.BoundedSemaphore(max(2, 2 * (os.cpu_count() or 1)))

_COMMON: Final = frozenset(
    """
    0123456789 01234567890 0987654321 1029384756 1122334455 11223344556677 1231231234 1234512345 123456123456
    1234567890 12345678900 12345678901 1234567890a 1234567890q 123456789a 123456789abc 123456789q 123456789qq
    123456abcd 123456qwerty 12345qwert 12345qwerty 123qweasdzxc 1357924680 1472583690 147258369a 1q2w3e4r5t
    1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc 2012345678 2468013579 3141592653
    52013141314 5201314520 7758521521 7894561230 9876543210 987654321a a123456789 a1234567890 aa123456789
    ab12345678 abc1234567 abc123456789 abcd123456 abcd1234567 abcde12345 abcdefghij abcdefghijk abcdefghijklm
    admin12345 admin123456 admin@12345 administrator asd123456789 asdf123456 asdf1234567 asdfasdfasdf asdfghjkl1
    asdfghjkl123 asdfghjkl; baseball123 basketball butterfly1 changeme123 changeme1234 chocolate1 computer123
    dearbook123 dragon123456 football123 football1234 freedom123 helloworld helloworld1 helloworld123 iloveyou12
    iloveyou123 iloveyou1234 iloveyou520 jiebang123 jiebang1234 jiebang123456 jiebang2026 jiebangjiebang letmein123
    letmein1234 letmeinplease liverpool1 liverpool123 lovelovelove manchester michael123 microsoft1 mypassword
    mypassword1 mypassword123 nopassword p@ssw0rd12 p@ssw0rd123 p@ssw0rd1234 p@ssword123 passw0rd12 passw0rd123
    passw0rd1234 password00 password01 password10 password11 password12 password123 password1234 password12345
    password123456 password21 password99 passwordpassword princess12 princess123 q123456789 q1w2e3r4t5 q1w2e3r4t5y6
    qazwsx123456 qazwsxedc1 qazwsxedc123 qazwsxedcrfv qq12345678 qq123456789 qq1234567890 qwe123456789 qweasdzxc1
    qweasdzxc123 qwer123456 qwer12345678 qwerasdfzxcv qwert12345 qwerty1234 qwerty12345 qwerty123456
    qwerty123456789 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop12 qwertyuiop123 qwertyuiop[] starwars123
    sunshine123 superman123 test123456 test1234567 thisisapassword trustno1trustno1 w123456789 wang123456
    welcome123 welcome1234 welcome12345 woaini1314 woaini1314520 woaini5201314 woaiwojia1 woaizhongguo
    woaizhongguo1 wozhiaini520 x123456789 xiaoming123 yuanyuan123 z123456789 zaq12wsxcde3 zhang123456 zhangwei123
    zhongguo123 zx123456789 zxc123456789 zxcv123456 zxcvbnm,./ zxcvbnm123 zxcvbnm1234 zxcvbnm12345 zxcvbnmasdfghjkl
    """.split()  # noqa: SIM905 - words read better than two hundred quotes
)


def _plain(password: str) -> str:
    """One spelling of what was typed: keyboards disagree on how to write the same letter (NIST SP 800-63B, NFKC)."""
    return unicodedata.normalize("NFKC", password)


def fault(password: str, *, field: str = "password", email: str = "", name: str = "") -> FieldError | None:
    """What is wrong with a new password, or None. No rules on kinds of characters: length is what protects."""
    text = _plain(password)
    if not text:
        return FieldError(field, N_("Enter a password"))
    if len(text) < SHORTEST:
        return FieldError(field, N_("The password must have at least {count} characters"), {"count": SHORTEST})
    if len(text) > LONGEST:
        return FieldError(field, N_("The password may have at most {count} characters"), {"count": LONGEST})
    folded = text.casefold()
    if folded in {email.casefold(), email.partition("@")[0].casefold(), name.casefold()}:
        return FieldError(field, N_("The password must not be your name or e-mail address"))
    if folded in _COMMON or len(set(folded)) < 4:
        return FieldError(field, N_("This password is one of the first that anybody would try; choose another one"))
    return None


def hashed(password: str) -> str:
    """What is stored of a password. Raises Unavailable when too many others wait."""
    with _turn():
        return _HASHER.hash(_plain(password))


def matches(password: str, known: str | None) -> bool:
    """Whether ``password`` is the one that ``known`` (a stored hash) came from; None, for nobody's, takes as long.

    Raises Unavailable when too many others wait.
    """
    text = _plain(password)[: LONGEST + 1]  # a longer one is wrong anyway, and costs no more
    with _turn():
        try:
            return _HASHER.verify(known or _NOBODY, text) and bool(known)
        except VerifyMismatchError:
            return False


def outdated(known: str) -> bool:
    """Whether a stored hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(known)


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("accounts.busy", N_("Too many people sign in at this moment. Try again in a minute."))
    try:
        yield
    finally:
        _TURNS.release()
