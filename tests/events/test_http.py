"""Events over HTTP: every page in both languages through the real server, forms that say what is wrong, files for machines."""

import csv
import io
import re

import pytest
from icalendar import Calendar
from sqlmodel import select

from leaderboard.accounts.models import Membership
from leaderboard.events import pages
from leaderboard.events.models import Registration
from leaderboard.events.states import MeetingState
from tests.events import fair as fairs
from tests.seasons.factories import session_of

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)

FORM = {
    "title_en": "Autumn fair", "summary_zh": "供需对接。", "place_en": "Hall 2", "zone": "Asia/Shanghai", "days": "2026-12-21",
    "starts": "09:00, 09:30 10:00", "breaks": "", "minutes": "30", "tables": "4", "most": "3", "supplier_seats": "5",
    "demander_seats": "5", "verified": "0", "both_sides": "yes", "ranks": "3",
}  # fmt: skip


def sound(client, path):
    """Both languages of a page; the English one is given."""
    for locale in ("zh", "en"):
        answer = client.get(f"/{locale}{path}")
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-2000:])
        html = answer.text
        assert html.count("<h1") == 1, path
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), (path, "an id twice")
        named = set(re.findall(r'\sfor="([^"]+)"', html))
        assert named <= set(ids), (path, named - set(ids))
        assert "None" not in re.sub(r"<[^>]*>", "", html), path
    return html


def test_a_host_makes_an_event_and_is_told_what_is_missing(fair, browser_of):
    host = browser_of(fair.host)
    sound(host, "/events/new")
    wrong = host.post(
        "/en/events/new", data={**FORM, "organization": "1", "starts": "9", "tables": "many", "zone": "Moon"}
    )
    assert wrong.status_code == 422
    for field in ("tables", "zone"):
        assert f'id="{field}-error"' in wrong.text
    unit = next(iter(fair.host.posting_ids))
    made = host.post("/en/events/new", data={**FORM, "organization": unit, "place_en": ""})
    assert made.headers["location"] == "/en/events/autumn-fair/desk"
    missing = host.post("/en/events/autumn-fair/state", data={"to": "call"})
    assert missing.status_code == 422
    assert 'id="place_zh-error"' in missing.text
    assert browser_of().get("/en/events/autumn-fair").status_code == 404, "a draft is its host's"
    assert host.post("/en/events/autumn-fair/edit", data=FORM).status_code == 303
    assert host.post("/en/events/autumn-fair/state", data={"to": "call"}).status_code == 303
    assert "Autumn fair" in sound(browser_of(), "/events")
    assert host.post("/en/events/autumn-fair/state", data={"to": "closed"}).status_code == 409
    assert browser_of(fair.units["s1"].actor).get("/en/events/autumn-fair/desk").status_code == 404


def test_the_whole_way_of_a_party(fair, browser_of):
    host, public = browser_of(fair.host), browser_of()
    party, other = browser_of(fair.units["s1"].actor), browser_of(fair.units["d1"].actor)
    base = f"/events/{fair.slug}"
    assert "Registration has not opened yet" in sound(public, base)
    unit = fair.units["s1"]
    early = sound(party, f"{base}/register?organization={unit.id}&side=supplier")
    assert "Registration for this event is not open" in early
    assert "<textarea" not in early
    host.post(f"/en{base}/state", data={"to": "registration"})
    assert "Sign in to register" in sound(public, base)
    assert "Register Unit s1 as supplier" in sound(party, base)
    sound(party, f"{base}/register?organization={unit.id}&side=supplier")
    form = {"organization": unit.id, "side": "supplier", "least": "0", "most": "3"}
    wrong = party.post(f"/en{base}/register", data=form)
    assert wrong.status_code == 422
    for field in ("things", "participants", "languages", "free"):
        assert f'id="{field}-error"' in wrong.text
    right = {
        **form, f"thing-{unit.thing}": "yes", "participants": "Lin Xiaolan", "language-zh": "yes", "free-0": "yes", "free-1": "yes",
        "free-3": "yes",
    }  # fmt: skip
    assert party.post(f"/en{base}/register", data=right).headers["location"] == f"/en{base}/mine"
    assert "has a seat" in sound(party, f"{base}/mine")
    fair.register("d1", "demander")
    assert "Unit s1" in sound(host, f"{base}/desk")
    host.post(f"/en{base}/state", data={"to": "preference"})
    with fair.resources.read() as work:
        mine, theirs = (fair_id(work, fair, name) for name in ("s1", "d1"))
    address = f"/events/registrations/{mine}/preferences"
    html = sound(party, address)
    (need,) = re.findall(r'href="(/en/demands/[^"]+)"', html)
    assert "Need of d1" in party.get(need).text
    html = sound(other, f"/events/registrations/{theirs}/preferences")
    (listing,) = re.findall(r'href="(/en/listings/[^"]+)"', html)
    assert "Data of s1" in other.get(listing).text
    refused = party.post(f"/en{address}", data={f"place-{theirs}": "77"})
    assert refused.status_code == 422
    assert f'id="place-{theirs}-error"' in refused.text
    saved = party.post(f"/en{address}", data={f"place-{theirs}": "1"})
    assert "Saved. You can change it" in party.get(saved.headers["location"]).text
    assert other.get(f"/en{address}").status_code == 404
    assert party.post(f"/en/events/registrations/{mine}/withdraw").status_code == 303
    assert "Come back" in party.get(f"/en{base}/mine").text
    assert party.post(f"/en/events/registrations/{mine}/rejoin").status_code == 303
    sound(party, f"/events/registrations/{mine}")
    assert party.post(f"/en/events/registrations/{mine}", data={**right, "most": "2"}).status_code == 303


def fair_id(work, fair, name):
    return work.session.exec(select(Registration.id).where(Registration.organization_id == fair.units[name].id)).one()


def test_the_whole_way_of_a_host(fair, browser_of):
    host = browser_of(fair.host)
    base = f"/events/{fair.slug}"
    sound(host, f"{base}/timetables")
    fair.move("registration")
    rows = {name: fair.register(name, "supplier" if name[0] == "s" else "demander") for name in fair.units}
    fair.move("preference")
    for name, row in rows.items():
        others = [one for key, one in rows.items() if key[0] != name[0]]
        fair.prefer(row, {one.id: str(place) for place, one in enumerate(others, 1)})
    fair.move("scheduled")
    wrong = host.post(f"/en{base}/timetables", data={"method": "plan", "fairness": "a lot"})
    assert wrong.status_code == 422
    assert 'id="fairness-error"' in wrong.text
    for form in ({"method": "plan", "fairness": "1"}, {"method": "stable", "longest_run": "2"}):
        assert host.post(f"/en{base}/timetables", data=form).status_code == 303
    assert "being made" in sound(host, f"{base}/timetables")
    sound(host, f"{base}/timetables/1")
    for number in (1, 2):
        fair.compute(number)
    assert "Parties with a meeting" in sound(host, f"{base}/timetables")
    sound(host, f"{base}/timetables/1")
    assert host.post(f"/en{base}/timetables/1/publish").headers["location"] == f"/en{base}/programme"
    late = host.post(f"/en{base}/timetables/2/publish")
    assert late.status_code == 409
    assert "Timetable 1 has been published already" in late.text
    sound(host, f"{base}/programme")
    table = list(csv.DictReader(io.StringIO(host.get(f"/en{base}/programme.csv").content.decode("utf-8-sig"))))
    assert len(table) == len(fair.meetings())
    assert {row["start"] for row in table} <= {"09:00", "09:20", "10:00"}
    sound(host, f"{base}/check-in")
    assert "Nobody is called so" in host.get(f"/en{base}/check-in?q=zzz").text
    done = host.post(f"/en{base}/check-in", data={"code": rows["s1"].code})
    assert "Unit s1 is checked in" in host.get(done.headers["location"]).text
    assert host.post(f"/en{base}/check-in", data={"code": "WRONG"}).status_code == 422
    back = host.post(f"/en{base}/check-in", data={"registration": rows["s1"].id, "arrived": "no"})
    assert back.status_code == 303
    sound(host, f"{base}/repair")
    preview = host.post(f"/en{base}/repair", data={f"gone-{rows['s1'].id}": "yes", "loss": "0.1"})
    assert preview.headers["location"] == f"/en{base}/timetables/3"
    sound(host, f"{base}/timetables/3")
    fair.compute(3)
    assert "A party has left" in sound(host, f"{base}/timetables/3")
    assert host.post(f"/en{base}/timetables/3/publish").status_code == 303
    cancelled = [one for one in fair.meetings() if one.state == MeetingState.CANCELLED]
    assert cancelled
    assert "cancelled" in sound(browser_of(fair.units["s1"].actor), f"{base}/mine")


def test_reasons_are_told_in_words_in_both_languages(fair, browser_of):
    fair.move("registration")
    fair.register("s1", "supplier", free=(0,), least=2)
    fair.register("d1", "demander")
    fair.move("preference")
    fair.move("scheduled")
    fair.compute(fair.ask())
    host = browser_of(fair.host)
    address = f"/events/{fair.slug}/timetables/1"
    assert "Nobody is to meet it" in sound(host, address)
    assert "timetable." not in re.sub(r"<[^>]*>", "", host.get(f"/zh{address}").text)


def test_the_day_at_the_tables(fair, browser_of):
    rows = fair.published()
    public, party = browser_of(), browser_of(fair.units["s1"].actor)
    base = f"/events/{fair.slug}"
    assert "Coming up" in sound(public, f"{base}/now")
    meeting = next(one for one in fair.meetings() if one.supplier_id == rows["s1"].id)
    assert party.post(f"/en/events/meetings/{meeting.id}/answer", data={"comes": "yes"}).status_code == 303
    fair.go_live(minutes=1)
    html = sound(public, f"{base}/now")
    assert "09:01" in html
    assert 'data-live="/en' in html
    assert "Unit s1" in html
    assert "Person of" not in html
    assert "s1 supplier" not in html, "no names of people"
    sound(party, f"{base}/mine")
    now = next(one for one in fair.meetings() if one.slot == 0 and one.supplier_id == rows["s1"].id)
    wrong = party.post(f"/en/events/meetings/{now.id}/outcome", data={"outcome": ""})
    assert wrong.status_code == 422
    assert party.post(f"/en/events/meetings/{now.id}/outcome", data={"outcome": "none"}).status_code == 303
    assert "held" in sound(party, f"{base}/mine")
    assert party.post(f"/en/events/meetings/{now.id}/outcome", data={"outcome": "intent"}).status_code == 303
    (deal,) = re.findall(r'href="(/en/deals/[^"]+)"', party.get(f"/en{base}/mine").text)
    assert party.get(deal).status_code == 200
    marked = browser_of(fair.host).post(f"/en{base}/meetings/{now.id}", data={"held": "no"})
    assert marked.status_code == 303
    assert public.get(f"/en{base}/report").status_code == 404
    fair.move("closed")
    assert "not given" in sound(public, f"{base}/report") or "Statements" in sound(public, f"{base}/report")
    out = public.get(f"/api/v1/events/{fair.slug}/report").json()
    assert out["planned"] == len(fair.meetings())
    rows = list(csv.DictReader(io.StringIO(public.get(f"/en{base}/report.csv").content.decode("utf-8-sig"))))
    assert {"figure": "planned", "value": str(out["planned"])} in rows
    assert "Past events" in sound(public, "/events")
    assert public.get("/api/v1/events").json()["past"][0]["slug"] == fair.slug


def test_calendars_by_cookie_and_by_secret_address(fair, browser_of):
    fair.published()
    party, public = browser_of(fair.units["s1"].actor), browser_of()
    html = party.get(f"/en/events/{fair.slug}/mine").text
    assert "/feeds/" not in html, "nobody has an address that they did not ask for"
    (make,) = re.findall(r'action="(/en/events/registrations/\d+/feed)"', html)
    assert party.post(make).status_code == 303
    html = sound(party, f"/events/{fair.slug}/mine")
    (feed,) = set(re.findall(r"http://[^<\"\s]*/en/events/feeds/[^<\"\s]*\.ics", html))
    path = feed[feed.index("/en/") :]
    answer = public.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    subscribed = {str(one["uid"]) for one in Calendar.from_ical(answer.content).walk("VEVENT")}
    own = party.get(f"/en/events/{fair.slug}/mine.ics")
    assert {str(one["uid"]) for one in Calendar.from_ical(own.content).walk("VEVENT")} == subscribed != set()
    assert "sign-in" in public.get(f"/en/events/{fair.slug}/mine.ics").headers["location"]
    assert public.get(path.replace(".ics", "x.ics")).status_code == 404
    withdraw = make.removesuffix("feed") + "withdraw"
    assert party.post(withdraw).status_code == 303
    assert Calendar.from_ical(public.get(path).content).walk("VEVENT") == [], "who withdrew has no meetings any more"
    assert party.post(make).status_code == 303
    assert public.get(path).status_code == 404, "the old address ends"


def test_a_blind_demand_is_a_number_and_its_words_are_nowhere(resources, clock, start_server):
    fair = fairs.made(resources, clock, blind=True)
    fair.move("registration")
    supplier = fair.register("s1", "supplier")
    fair.register("d1", "demander")
    fair.move("preference")
    with start_server(resources).client() as client:
        with resources.write() as work:
            client.cookies.update(session_of(work, fair.units["s1"].actor))
        html = client.get(f"/en/events/registrations/{supplier.id}/preferences").text
    assert "Demander 1" in html
    for secret in ("Unit d1", "Need of d1", "Secret words", "d1 demander", "demand-d1"):
        assert secret not in html


def test_an_event_is_called_off_and_everybody_reads_why(fair, browser_of):
    fair.published()
    host, public, party = browser_of(fair.host), browser_of(), browser_of(fair.units["s1"].actor)
    base = f"/events/{fair.slug}"
    assert "6 parties that are registered" in sound(host, f"{base}/desk")
    wrong = host.post(f"/en{base}/call-off", data={"reason_en": " "})
    assert wrong.status_code == 422
    assert 'id="reason_zh-error"' in wrong.text
    assert '<details class="confirm" open>' in wrong.text
    assert public.get(f"/api/v1{base}").json()["called_off"] is None
    for _ in range(2):
        done = host.post(f"/en{base}/call-off", data={"reason_en": "A storm.", "reason_zh": "台风。"})
        assert done.headers["location"] == f"/en{base}"
    for reader, path in (
        (public, ""), (public, "/now"), (party, "/mine"), (host, "/desk"), (host, "/programme"), (host, "/timetables/1"),
        (host, "/check-in"), (host, "/report"),
    ):  # fmt: skip
        assert "A storm." in sound(reader, base + path), path
    assert "台风。" in party.get(f"/zh{base}/mine").text
    html = sound(public, "/events")
    assert "Called off" in html
    assert "A storm." in html
    assert "Call the event off" not in host.get(f"/en{base}/desk").text
    found = public.get(f"/api/v1{base}").json()
    assert (found["state"], found["called_off"], found["registration_open"]) == (
        "called-off", {"en": "A storm.", "zh": "台风。"}, False,
    )  # fmt: skip
    (item,) = public.get("/api/v1/events").json()["called_off"]
    assert (item["slug"], item["called_off"]["en"]) == (fair.slug, "A storm.")
    (row,) = csv.DictReader(io.StringIO(public.get("/en/events.csv").content.decode("utf-8-sig")))
    assert (row["state"], row["called_off"]) == ("called-off", "A storm.")
    entries = Calendar.from_ical(party.get(f"/en{base}/mine.ics").content).walk("VEVENT")
    assert {str(one["status"]) for one in entries} == {"CANCELLED"}
    assert public.get(f"/en{base}/report").status_code == 404, "nothing took place"
    refused = host.post(f"/en{base}/state", data={"to": "live"})
    assert refused.status_code == 409
    assert "This event was called off" in refused.text


def test_a_draft_is_deleted_from_its_desk(fair, browser_of):
    host = browser_of(fair.host)
    host.post("/en/events/new", data={**FORM, "organization": min(fair.host.posting_ids)})
    assert "Delete the draft" in sound(host, "/events/autumn-fair/desk")
    assert "Autumn fair" in sound(host, "/events?hosted=1")
    assert host.post("/en/events/autumn-fair/delete").headers["location"] == "/en/events?hosted=1"
    assert host.get("/en/events/autumn-fair/desk").status_code == 404
    refused = host.post(f"/en/events/{fair.slug}/delete")
    assert refused.status_code == 409
    assert "Only drafts are deleted" in refused.text


def test_the_list_has_pages(fair, browser_of, monkeypatch):
    monkeypatch.setattr(pages, "PAGE_SIZE", 1)
    host, public = browser_of(fair.host), browser_of()
    host.post("/en/events/new", data={**FORM, "organization": min(fair.host.posting_ids)})
    host.post("/en/events/autumn-fair/state", data={"to": "call"})
    first, second, none = (sound(public, f"/events?page={number}") for number in (1, 2, 3))
    assert ("Data fair" in first, "Autumn fair" in first) == (True, False)
    assert ("Data fair" in second, "Autumn fair" in second) == (False, True)
    assert "?page=2" in first
    assert "Page 2 of 2" in second
    assert "No event to come is on this page" in none
    assert public.get("/api/v1/events?page=2").json()["upcoming"][0]["slug"] == "autumn-fair"
    assert public.get("/en/events?page=0").status_code == 422


def test_who_belongs_to_both_sides_answers_for_each(fair, browser_of):
    rows = fair.published()
    meeting = next(one for one in fair.meetings() if one.supplier_id == rows["s1"].id)
    demander = next(name for name, row in rows.items() if row.id == meeting.demander_id)
    with fair.resources.write() as work:
        both = Membership(
            organization_id=fair.units[demander].id, person_id=fair.units["s1"].actor.person_id, role="member",
            joined_at=work.now,
        )  # fmt: skip
        work.session.add(both)
    reader = browser_of(fair.units["s1"].actor)
    html = sound(reader, f"/events/{fair.slug}/mine")
    for side in ("supplier", "demander"):
        assert f'id="{side}-{meeting.id}"' in html
        done = reader.post(f"/en/events/meetings/{meeting.id}/answer", data={"comes": "yes", "side": side})
        assert done.headers["location"] == f"/en/events/{fair.slug}/mine#{side}-{meeting.id}"
    (after,) = (one for one in fair.meetings() if one.id == meeting.id)
    assert after.state == MeetingState.CONFIRMED
    assert reader.post(f"/en/events/meetings/{meeting.id}/answer", data={"comes": "no"}).status_code == 422
    entries = Calendar.from_ical(reader.get(f"/en/events/{fair.slug}/mine.ics").content).walk("VEVENT")
    assert len({str(one["uid"]) for one in entries}) == len(entries), "a meeting of both is one"
