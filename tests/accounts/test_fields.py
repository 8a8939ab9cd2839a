from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.accounts.fields import email_fault, name_fault, plain_email, plain_name


@pytest.mark.parametrize(
    "text",
    ["lin@songshanlake.example", "  Lin.Xiaolan+jb@QQ.com ", "o'neil@a-b.co.uk", "12345678@163.com", "ｌｉｎ＠qq．com"],
)
def test_addresses_that_are_taken(text: str) -> None:
    assert email_fault(plain_email(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "lin",
        "lin@163",
        "@qq.com",
        "lin@@qq.com",
        "lin@qq..com",
        "a..b@qq.com",
        ".a@qq.com",
        "a.@qq.com",
        "lin@-qq.com",
        "lin@qq-.com",
        "lin li@qq.com",
        "lin@qq.com\r\nBcc: all@qq.com",
        "Lin <lin@qq.com>",
        "lin@qq.com,li@qq.com",
        "林@qq.com",
        "closed-12",
        "a" * 250 + "@qq.com",
    ],
)
def test_addresses_that_are_refused(text: str) -> None:
    assert email_fault(plain_email(text)) is not None


@given(st.text(max_size=60))
def test_every_address_that_is_taken_can_be_written_to(text: str) -> None:
    email = plain_email(text + "@qq.com")
    if email_fault(email) is None:
        message = EmailMessage()
        message["To"] = Address("林", addr_spec=email)
        assert message["To"].addresses[0].addr_spec == email


@given(st.text(max_size=80))
def test_one_spelling_is_reached_at_once(text: str) -> None:
    assert plain_email(plain_email(text)) == plain_email(text)
    assert plain_name(plain_name(text)) == plain_name(text)


@pytest.mark.parametrize("name", ["林", "林小岚", "Lin Xiaolan", "O’Neil", "阿卜杜拉·买买提", "Nguyễn Thị", "🐉 Team"])
def test_names_that_are_taken(name: str) -> None:
    assert name_fault(plain_name(name)) is None


def test_names_lose_the_space_around_them() -> None:
    assert plain_name("  Lin \t Xiaolan\n") == "Lin Xiaolan"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "Enter a name"),
        ("  ", "Enter a name"),
        ("x" * 61, "at most"),
        ("Li\u202en", "seen"),
        ("Li\u200bn", "seen"),
        ("L\x00", "seen"),
    ],
)
def test_names_that_are_refused(name: str, says: str) -> None:
    fault = name_fault(plain_name(name))
    assert fault is not None
    assert says in fault.message
