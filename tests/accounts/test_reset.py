import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlmodel import select

from leaderboard import wiring
from leaderboard.accounts import reset, tokens
from leaderboard.accounts.access import NOBODY
from leaderboard.accounts.models import PasswordReset
from leaderboard.accounts.reset import JOB_KIND, holder, request_reset, reset_password
from leaderboard.accounts.sign_in import Visitor
from leaderboard.core import jobs
from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Gone, Malformed, SignInNeeded, TooMany
from leaderboard.core.jobs import Job
from leaderboard.core.work import Resources
from tests.accounts.factories import PASSWORD, Ledger, People, PostOffice

FRESH = "seven bridges over a river"


def ask(resources: Resources, email: str, address: str = "203.0.113.9") -> None:
    with resources.write() as work:
        request_reset(work, NOBODY, Visitor(address), email=email)


def key_in(mail: object) -> str:
    found = re.search(r"/password/new\?token=(\S+)", mail.get_content())
    assert found
    return found[1]


def test_the_mail_is_in_the_persons_language_and_leads_to_our_address(
    people: People, resources: Resources, post_office: PostOffice
) -> None:
    resources.settings.base_url = "https://jiebang.example/"
    ask(resources, people.add().email)
    ask(resources, people.add("Wang 五", locale="zh").email)
    english, chinese = post_office.mails()
    assert english["Subject"] == "Choose a new password"
    assert chinese["Subject"] == "设置新密码"
    assert "https://jiebang.example/en/password/new?token=" in english.get_content()
    assert "https://jiebang.example/zh/password/new?token=" in chinese.get_content()
    assert "within 60 minutes" in english.get_content()
    assert "Wang 五，您好" in chinese.get_content()


def test_asking_leaves_the_same_traces_for_known_and_unknown_addresses(people: People, resources: Resources) -> None:
    people.add()
    ask(resources, "lin@songshanlake.example")
    ask(resources, "nobody@songshanlake.example")
    with resources.read() as work:
        known, unknown = work.session.exec(select(Job).order_by(Job.id)).all()
        assert (known.kind, known.lane, known.state) == (unknown.kind, unknown.lane, unknown.state)
        assert work.session.exec(select(PasswordReset)).all() == []


def test_nobody_is_written_to_where_nobody_is_known(
    people: People, resources: Resources, post_office: PostOffice
) -> None:
    closed = people.add(closed_at=resources.clock.now())
    ask(resources, closed.email)
    ask(resources, "nobody@songshanlake.example")
    assert post_office.mails() == []


def test_a_link_sets_the_password_and_signs_everything_out(
    people: People, resources: Resources, post_office: PostOffice, ledger: Ledger
) -> None:
    lin = people.add()
    signed = people.sign_in(lin)
    with resources.write() as work:
        tokens.make_token(work, lin, name="laptop", scopes=(), days=7)
    ask(resources, lin.email)
    key = key_in(post_office.mails()[0])
    reset_password(resources, NOBODY, key=key, new_password=FRESH)
    assert people.recognised(signed) == NOBODY
    with resources.read() as work:
        assert not tokens.tokens(work, lin)
    assert people.sign_in(lin, FRESH)
    with pytest.raises(SignInNeeded):
        people.sign_in(lin, PASSWORD)
    assert "revoked" in post_office.mails()[1].get_content()
    assert [line.act for line in ledger.lines()] == ["token.create", "account.reset_link", "account.reset_password"]


def test_a_link_works_once(people: People, resources: Resources, post_office: PostOffice) -> None:
    ask(resources, people.add().email)
    key = key_in(post_office.mails()[0])
    reset_password(resources, NOBODY, key=key, new_password=FRESH)
    with pytest.raises(Gone):
        reset_password(resources, NOBODY, key=key, new_password="another good password")
    with pytest.raises(Gone), resources.read() as work:
        holder(work, NOBODY, key)


def test_using_one_link_uses_up_the_others(people: People, resources: Resources, post_office: PostOffice) -> None:
    lin = people.add()
    ask(resources, lin.email)
    ask(resources, lin.email)
    first, second = (key_in(mail) for mail in post_office.mails())
    assert first != second
    reset_password(resources, NOBODY, key=second, new_password=FRESH)
    with pytest.raises(Gone):
        reset_password(resources, NOBODY, key=first, new_password="another good password")


def test_of_two_who_use_a_link_at_once_one_sets_the_password(
    people: People, resources: Resources, post_office: PostOffice
) -> None:
    lin = people.add()
    ask(resources, lin.email)
    key = key_in(post_office.mails()[0])

    def use(new: str) -> str | None:
        try:
            reset_password(resources, NOBODY, key=key, new_password=new)
        except Gone:
            return None
        return new

    with ThreadPoolExecutor(4) as pool:
        set_to = [new for new in pool.map(use, [f"good password {n}" for n in range(4)]) if new]
    assert len(set_to) == 1
    assert people.sign_in(lin, set_to[0])


def test_a_link_ends_after_an_hour(
    people: People, resources: Resources, post_office: PostOffice, clock: FixedClock
) -> None:
    ask(resources, people.add().email)
    key = key_in(post_office.mails()[0])
    clock.advance(minutes=59)
    with resources.read() as work:
        assert holder(work, NOBODY, key).name == "Lin Xiaolan"
    clock.advance(minutes=1)
    with pytest.raises(Gone):
        reset_password(resources, NOBODY, key=key, new_password=FRESH)


def test_what_never_was_a_link_is_gone(people: People, resources: Resources) -> None:
    people.add()
    for key in ("", "x", "é", "' OR 1=1 --", "A" * 10_000):
        with pytest.raises(Gone):
            reset_password(resources, NOBODY, key=key, new_password=FRESH)


def test_a_link_of_a_closed_account_is_gone(people: People, resources: Resources, post_office: PostOffice) -> None:
    lin = people.add()
    ask(resources, lin.email)
    key = key_in(post_office.mails()[0])
    with resources.write() as work:
        work.session.get_one(type(people.row(lin.id)), lin.id).closed_at = work.now
    with pytest.raises(Gone):
        reset_password(resources, NOBODY, key=key, new_password=FRESH)


def test_a_bad_password_leaves_the_link_usable(people: People, resources: Resources, post_office: PostOffice) -> None:
    ask(resources, people.add().email)
    key = key_in(post_office.mails()[0])
    for bad in ("short", "lin@songshanlake.example"):
        with pytest.raises(Malformed) as refusal:
            reset_password(resources, NOBODY, key=key, new_password=bad)
        assert [fault.field for fault in refusal.value.fields] == ["new_password"]
    reset_password(resources, NOBODY, key=key, new_password=FRESH)


def test_the_key_lies_in_no_table_and_no_ledger_line(
    people: People, resources: Resources, post_office: PostOffice, ledger: Ledger
) -> None:
    ask(resources, people.add().email)
    key = key_in(post_office.mails()[0])
    with resources.read() as work:
        for table in type(people.row(1)).metadata.sorted_tables:
            for row in work.session.connection().execute(table.select()):
                assert key not in str(row)
    assert key not in str(ledger.lines())


def test_a_job_that_runs_twice_makes_one_link(
    people: People, resources: Resources, post_office: PostOffice, ledger: Ledger
) -> None:
    ask(resources, people.add().email)
    with resources.write() as work:
        [job] = jobs.claim(work.session, "w", work.now, timedelta(seconds=30), kinds=[JOB_KIND])
    for _ in range(2):
        wiring.PLAIN_JOBS[JOB_KIND](resources, job)
    assert len({key_in(mail) for mail in post_office.box.mails}) == 1
    assert [line.act for line in ledger.lines()] == ["account.reset_link"]


def test_a_mail_server_that_is_down_fails_the_job(people: People, resources: Resources) -> None:
    resources.settings.smtp_url = SecretStr("smtp://127.0.0.1:1")
    ask(resources, people.add().email)
    with resources.write() as work:
        [job] = jobs.claim(work.session, "w", work.now, timedelta(seconds=30), kinds=[JOB_KIND])
    with pytest.raises(OSError):
        wiring.PLAIN_JOBS[JOB_KIND](resources, job)


def test_mails_are_limited_for_known_and_unknown_addresses_alike(people: People, resources: Resources) -> None:
    for email in (people.add().email, "nobody@songshanlake.example"):
        for n in range(reset.PER_ACCOUNT.most):
            ask(resources, email, f"198.51.100.{n}")
        with pytest.raises(TooMany) as refusal:
            ask(resources, email, "198.51.100.99")
        assert refusal.value.headers["Retry-After"] == "3600"


def test_one_internet_address_asks_for_a_few_mails_only(people: People, resources: Resources) -> None:
    for n in range(reset.PER_ADDRESS.most):
        ask(resources, f"p{n}@songshanlake.example")
    with pytest.raises(TooMany):
        ask(resources, people.add().email)


def test_what_is_no_address_is_said_so(resources: Resources) -> None:
    for email in ("", "lin", "lin@x"):
        with pytest.raises(Malformed) as refusal:
            ask(resources, email)
        assert [fault.field for fault in refusal.value.fields] == ["email"]


def test_who_locked_themselves_out_gets_in_with_the_new_password(
    people: People, resources: Resources, post_office: PostOffice
) -> None:
    resources.settings.sign_in_attempts = 1
    lin = people.add()
    with pytest.raises(SignInNeeded):
        people.sign_in(lin, "forgotten it all")
    with pytest.raises(TooMany):
        people.sign_in(lin)
    ask(resources, lin.email)
    reset_password(resources, NOBODY, key=key_in(post_office.mails()[0]), new_password=FRESH)
    people.visitor = Visitor("198.51.100.1")
    assert people.sign_in(lin, FRESH)
