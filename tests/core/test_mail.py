"""Mails through a real SMTP server; kept and tried again while it is down."""

import io
import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from leaderboard import wiring
from leaderboard.core import jobs, mail
from leaderboard.core.settings import Settings

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
LEASE = timedelta(seconds=30)


class Box:
    def __init__(self):
        self.taken = []

    async def handle_DATA(self, _server, _session, envelope):
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def box():
    return Box()


@pytest.fixture
def smtp(box):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


def post(resources):
    with resources.write() as work:
        mail.post(work, to="lin@example.org", name="林小兰", subject="密码已更改\nBcc: x@x", text="您好,\n再见。\n")


def claimed(resources):
    with resources.write() as work:
        (job,) = jobs.claim(work.session, "w", work.now, LEASE, kinds=[mail.JOB_KIND])
    return job


def test_a_chinese_mail_arrives_whole(resources, smtp, box):
    resources.settings.smtp_url = SecretStr(smtp)
    post(resources)
    wiring.PLAIN_JOBS[mail.JOB_KIND](resources, claimed(resources))
    (envelope,) = box.taken
    assert envelope.rcpt_tos == ["lin@example.org"]
    from email import message_from_bytes, policy

    message = message_from_bytes(envelope.content, policy=policy.default)
    assert message["Subject"] == "密码已更改 Bcc: x@x"  # one line: nobody adds a header
    assert message["Bcc"] is None
    assert message["To"].addresses[0].display_name == "林小兰"
    assert message["From"].addresses[0].addr_spec == "jiebang@localhost"
    assert message["Date"]
    assert message["Message-ID"]
    assert message.get_content().replace("\r\n", "\n") == "您好,\n再见。\n"


def test_the_address_that_ends_such_mails_arrives_as_it_is(resources, smtp, box):
    resources.settings.smtp_url = SecretStr(smtp)
    address = f"https://jiebang.example.org/zh/exchange/watches/{'aB3_-' * 20}/stop"
    with resources.write() as work:
        mail.post(work, to="lin@example.org", name="林", subject="新供给" * 30, text="您好。\n", unsubscribe=address)
    wiring.PLAIN_JOBS[mail.JOB_KIND](resources, claimed(resources))
    lines = box.taken[0].content.splitlines()
    assert f"List-Unsubscribe: <{address}>".encode() in lines, "neither folded nor encoded"
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert max(len(line) for line in lines if b"utf-8?" in line) <= 78, "everything else is folded as ever"


def test_a_mail_that_nobody_subscribed_to_has_no_such_address(resources):
    post(resources)
    assert mail.compose(claimed(resources).payload, resources.settings)["List-Unsubscribe"] is None
    with pytest.raises(ValueError, match="linefeed"):
        mail.compose(
            {"to": "a@b.c", "name": "", "subject": "", "text": "", "unsubscribe": "x\nBcc: y"}, resources.settings
        )


def test_a_mail_that_is_sent_again_is_the_same_mail(resources):
    post(resources)
    job = claimed(resources)
    first, second = (mail.compose(job.payload, resources.settings)["Message-ID"] for _ in range(2))
    assert first == second


def test_while_the_server_is_down_a_mail_waits_and_then_goes(resources, smtp, box):
    resources.settings.smtp_url = SecretStr("smtp://127.0.0.1:1")
    post(resources)
    job = claimed(resources)
    with pytest.raises(OSError) as fault:
        wiring.PLAIN_JOBS[mail.JOB_KIND](resources, job)
    with resources.write() as work:
        assert jobs.retry(work.session, job, work.now, str(fault.value), 5) == jobs.WAITING
    resources.settings.smtp_url = SecretStr(smtp)
    resources.clock.advance(seconds=5)
    wiring.PLAIN_JOBS[mail.JOB_KIND](resources, claimed(resources))
    assert len(box.taken) == 1


def test_a_mail_is_written_with_what_caused_it(resources):
    post(resources)
    assert resources.job_added.is_set()  # the worker of this process need not wait for its next look
    with resources.read() as work:
        assert jobs.counts(work.session) == {(mail.JOB_KIND, jobs.WAITING): 1}


def test_without_a_server_mails_are_printed(resources):
    out = io.StringIO()
    message = mail.compose({"to": "a@x.cn", "name": "A", "subject": "S", "text": "body\n"}, resources.settings)
    mail.ConsoleMailer(out).send(message)
    assert out.getvalue() == "--- mail to A <a@x.cn>: S\nbody\n---\n"
    assert isinstance(mail.mailer(resources.settings), mail.ConsoleMailer)


@pytest.mark.parametrize("url", ["mail.example.org", "http://x", "smtp://", "smtp:///x"])
def test_an_address_that_is_none_is_refused(url, database_address):
    with pytest.raises(ValueError, match="JIEBANG_SMTP_URL"):
        mail.mailer(Settings(_env_file=None, smtp_url=url))
