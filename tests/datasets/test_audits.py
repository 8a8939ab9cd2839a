"""Audits: recorded by whom the operator trusts, about one file, taken back by whoever recorded them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from leaderboard.accounts.actor import NOBODY
from leaderboard.accounts.models import Membership, Organization, Person
from leaderboard.core.errors import Forbidden, Malformed, NotFound, Refused, SignInNeeded
from leaderboard.core.jobs import Job
from leaderboard.core.ledger import LedgerLine
from leaderboard.datasets import audits, making, pages
from leaderboard.datasets.audits import Finding
from leaderboard.datasets.fields import Changelog
from leaderboard.datasets.models import DatasetAudit
from tests.conftest import NOON
from tests.datasets.test_service import FILE, WORDS, card, create, publish, refer, withdraw
from tests.seasons import factories as seasons

PASSED = Finding(matter="source", outcome="passed", text_zh="授权书齐全。", audited_on=date(2026, 12, 1))


def auditor(dock):
    """Somebody of an organization whose audits the operator takes for evidence."""
    with dock.resources.write() as work:
        person, unit = seasons.organizer(work)
        work.session.get_one(Organization, unit).audits = True
    return replace(person, auditing_ids=frozenset({unit}))


def record(dock, actor, slug, finding=PASSED, *, number=1):
    with dock.resources.write() as work:
        unit = next(iter(actor.auditing_ids), 0)
        return audits.record(work, actor, slug, number, finding, organization_id=unit).id


def published(dock):
    slug = create(dock)
    publish(dock, slug)
    return slug


def take_back(dock, actor, slug, id):
    with dock.resources.write() as work:
        return audits.withdraw(work, actor, slug, id)


def distrust(dock, actor):
    """The operator takes this auditor's word no longer."""
    with dock.resources.write() as work:
        work.session.get_one(Organization, next(iter(actor.auditing_ids))).audits = False


def next_version(dock, slug):
    with dock.resources.write() as work:
        making.add_submission(work, dock.captain, slug, dock.hand_in(), consent=True, changelog=Changelog())


def mails(dock):
    with dock.resources.read() as work:
        jobs = work.session.exec(select(Job).where(Job.kind == "mail").order_by(Job.id)).all()
    return [job.payload for job in jobs if "#evidence" in job.payload["text"]]


def person(dock, actor, **changes):
    with dock.resources.write() as work:
        row = work.session.get_one(Person, actor.person_id)
        for name, value in changes.items():
            setattr(row, name, value)
        return row.email


def shown(dock, slug, actor=NOBODY, locale="en"):
    return card(dock, slug, actor, locale).audits


def test_an_audit_is_shown_to_everybody_with_the_hash_of_its_file(dock):
    slug, who = published(dock), auditor(dock)
    record(dock, who, slug)
    (row,) = shown(dock, slug)
    newest = card(dock, slug, NOBODY).newest
    assert (row.matter_key, row.outcome_key, row.sha256, row.stale) == ("source", "passed", newest.sha256, False)
    assert (row.text.text, row.text.other, row.withdraw) == ("授权书齐全。", True, None)
    assert shown(dock, slug, who)[0].withdraw == f"/datasets/{slug}/audits/{row.id}/withdraw"


def test_another_version_makes_it_stale(dock):
    slug, who = published(dock), auditor(dock)
    record(dock, who, slug)
    next_version(dock, slug)
    (old,) = shown(dock, slug)
    assert (old.version, old.stale) == (1, True)
    record(dock, who, slug, number=2)
    assert [(row.version, row.stale) for row in shown(dock, slug)] == [(2, False), (1, True)]
    with pytest.raises(NotFound):
        record(dock, who, slug, number=3)


def test_the_same_audit_twice_is_one_and_another_finding_needs_the_first_taken_back(dock):
    slug, who = published(dock), auditor(dock)
    first = record(dock, who, slug)
    assert record(dock, who, slug) == first
    worse = replace(PASSED, outcome="failed")
    with pytest.raises(Refused) as refusal:
        record(dock, who, slug, worse)
    assert refusal.value.id == "datasets.audited"
    record(dock, who, slug, replace(PASSED, matter="personal"))
    take_back(dock, who, slug, first)
    second = record(dock, who, slug, worse)
    assert [row.outcome_key for row in shown(dock, slug) if row.matter_key == "source"] == ["failed"]
    with dock.resources.read() as work:
        kept = work.session.exec(select(DatasetAudit).order_by(DatasetAudit.id)).all()
        deeds = [line for line in work.session.exec(select(LedgerLine)).all() if "audit" in line.act]
    assert [(one.id, one.withdrawn_by) for one in kept if one.matter == "source"] == [
        (first, who.person_id), (second, None),
    ]  # fmt: skip
    assert [line.act for line in deeds].count("dataset.withdraw_audit") == 1
    assert deeds[0].detail["sha256"] == card(dock, slug).newest.sha256


def test_two_at_once_make_one(dock):
    slug, who = published(dock), auditor(dock)
    with ThreadPoolExecutor(4) as pool:
        made = {*pool.map(lambda _: record(dock, who, slug), range(4))}
    assert len(made) == 1
    assert len(mails(dock)) == 2, "one to each of the team"


def test_the_owners_are_told_once_in_their_language(dock):
    slug, who = published(dock), auditor(dock)
    english, chinese = person(dock, dock.captain, locale="en"), person(dock, dock.member, locale="zh")
    id = record(dock, who, slug, replace(PASSED, outcome="remarks"))
    record(dock, who, slug, replace(PASSED, outcome="remarks"))
    told = {mail["to"]: mail for mail in mails(dock)}
    assert (len(mails(dock)), set(told)) == (2, {english, chinese})
    title = card(dock, slug).title.text
    assert told[english]["subject"] == f"Audited: {title}"
    for says in ("Lawful source: Passed with remarks", "version 1", PASSED.text_zh, f"/en/datasets/{slug}#evidence"):
        assert says in told[english]["text"]
    assert told[chinese]["subject"].startswith("数据集已审计：")
    for says in ("来源合法：有保留通过", "第1版", PASSED.text_zh, f"/zh/datasets/{slug}#evidence"):
        assert says in told[chinese]["text"]
    for _ in range(2):
        take_back(dock, who, slug, id)
    again = {mail["to"]: mail for mail in mails(dock)[2:]}
    assert (len(mails(dock)), set(again)) == (4, {english, chinese})
    assert again[english]["subject"] == f"Audit taken back: {title}"
    assert again[chinese]["subject"].startswith("审计已撤回：")


def test_a_refused_audit_tells_nobody_and_a_closed_account_is_told_nothing(dock):
    slug, who = published(dock), auditor(dock)
    with pytest.raises(Malformed):
        record(dock, who, slug, replace(PASSED, matter="weather"))
    assert mails(dock) == []
    person(dock, dock.captain, closed_at=NOON)
    record(dock, who, slug)
    assert [mail["to"] for mail in mails(dock)] == [person(dock, dock.member)]


def test_everybody_of_an_owning_organization_is_told(dock):
    slug = refer(dock, actor=dock.organizer, owner=f"organization:{dock.unit}")
    publish(dock, slug, dock.organizer)
    record(dock, auditor(dock), slug)
    with dock.resources.read() as work:
        theirs = select(Person.email).join(Membership).where(Membership.organization_id == dock.unit)
        members = {*work.session.exec(theirs)}
    assert members
    assert {mail["to"] for mail in mails(dock)} == members


def test_who_owns_a_dataset_does_not_audit_it(dock):
    with dock.resources.write() as work:
        work.session.get_one(Organization, dock.unit).audits = True
    own = replace(dock.organizer, auditing_ids=frozenset({dock.unit}))
    slug = refer(dock, actor=own, owner=f"organization:{dock.unit}", words=replace(WORDS, title_en="Own"))
    publish(dock, slug, own)
    with pytest.raises(Refused) as refusal:
        record(dock, own, slug)
    assert refusal.value.id == "datasets.own_audit"
    assert not card(dock, slug, own).may_audit
    of_team = published(dock)
    assert card(dock, of_team, own).may_audit
    member = replace(dock.member, auditing_ids=frozenset({dock.unit}))
    with pytest.raises(Refused):
        record(dock, member, of_team)


@pytest.mark.parametrize(("who", "error"), [("rival", Forbidden), ("captain", Forbidden), ("nobody", SignInNeeded)])
def test_only_organizations_of_the_operators_trust_audit(dock, who, error):
    slug = published(dock)
    with pytest.raises(error):
        record(dock, NOBODY if who == "nobody" else getattr(dock, who), slug)
    assert shown(dock, slug) == ()


def test_an_auditor_speaks_in_the_name_of_its_own_organization_only(dock):
    slug, who = published(dock), auditor(dock)
    with pytest.raises(Malformed) as refusal, dock.resources.write() as work:
        audits.record(work, who, slug, 1, PASSED, organization_id=dock.unit)
    assert [fault.field for fault in refusal.value.fields] == ["organization"]


def test_a_draft_is_no_auditors_business(dock):
    slug, who = create(dock), auditor(dock)
    with pytest.raises(NotFound):
        record(dock, who, slug)


def test_whoever_recorded_an_audit_takes_it_back_and_nobody_else(dock):
    slug, who = published(dock), auditor(dock)
    id = record(dock, who, slug)
    for other in (dock.captain, dock.organizer, NOBODY, auditor(dock)):
        with pytest.raises(NotFound):
            take_back(dock, other, slug, id)
    withdraw(dock, slug)
    untrusted = replace(who, auditing_ids=frozenset())
    for _ in range(2):
        assert take_back(dock, untrusted, slug, id).withdrawn_by == who.person_id
    publish(dock, slug)
    assert shown(dock, slug) == ()
    with pytest.raises(NotFound):
        take_back(dock, who, refer(dock, replace(FILE, sha256="cd" * 32)), id)


def test_an_audit_of_one_who_lost_the_operators_trust_says_so(dock):
    slug, who = published(dock), auditor(dock)
    record(dock, who, slug)
    distrust(dock, who)
    assert [row.trusted for row in shown(dock, slug)] == [False]


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({}, {"matter", "outcome", "audited_on"}),
        ({"matter": "weather", "outcome": "good", "audited_on": "2026-12-01"}, {"matter", "outcome"}),
        ({"matter": "source", "outcome": "failed", "audited_on": "2026-12-01"}, {"text_zh"}),
        ({"matter": "source", "outcome": "passed", "audited_on": "yesterday"}, {"audited_on"}),
        ({"matter": "source", "outcome": "passed", "audited_on": "2030-01-01"}, {"audited_on"}),
        (
            {"matter": "source", "outcome": "passed", "audited_on": "2026-12-01", "report_sha256": "ab"},
            {"report_sha256"},
        ),
        ({"matter": "source", "outcome": "passed", "audited_on": "2026-12-01", "text_en": "x" * 2_001}, {"text_en"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(dock, form, fields):
    slug, who = published(dock), auditor(dock)
    with pytest.raises(Malformed) as refusal:
        record(dock, who, slug, Finding.typed(form))
    assert {fault.field for fault in refusal.value.fields} == fields


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_an_auditor_records_and_takes_back_in_the_browser(dock, browser_of):
    slug, who = published(dock), auditor(dock)
    theirs, public = browser_of(who), browser_of()
    form = f"/en/datasets/{slug}/versions/1/audit"
    assert f'href="{form}"' in theirs.get(f"/en/datasets/{slug}").text
    assert f'href="{form}"' not in public.get(f"/en/datasets/{slug}").text
    refused = theirs.post(form, data={"organization": str(next(iter(who.auditing_ids)))})
    assert refused.status_code == 422
    assert 'id="outcome-error"' in refused.text
    sent = {"organization": str(next(iter(who.auditing_ids))), "matter": "security", "outcome": "remarks",
            "audited_on": "2026-12-01", "text_en": "<b>One</b> key is shared.", "report_sha256": "AB" * 32}  # fmt: skip
    assert theirs.post(form, data=sent).headers["location"] == f"/en/datasets/{slug}#evidence"
    html = public.get(f"/en/datasets/{slug}").text
    assert "Passed with remarks" in html
    assert "&lt;b&gt;One&lt;/b&gt; key is shared." in html
    assert "有保留通过" in public.get(f"/zh/datasets/{slug}").text
    (found,) = public.get(f"/api/v1/datasets/{slug}").json()["audits"]
    assert (found["matter"], found["outcome"], found["report_sha256"]) == ("security", "remarks", "ab" * 32)
    assert found["sha256"] == public.get(f"/api/v1/datasets/{slug}").json()["versions"][0]["sha256"]
    (back,) = [row.withdraw for row in shown(dock, slug, who)]
    assert theirs.post(f"/en{back}").status_code == 303
    assert "No audit yet." in public.get(f"/en/datasets/{slug}").text
    assert browser_of(dock.rival).get(form).status_code == 403


def test_pages_know_every_outcome():
    assert set(pages.audit_pages.VERDICTS) == set(audits.OUTCOMES)
