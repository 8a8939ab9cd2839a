"""Who learns what at an event: names of demanders that hide, before suppliers, the host and the display; calendar addresses."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from leaderboard.accounts.models import Membership, Organization
from leaderboard.core.errors import NotFound, Refused
from leaderboard.events import calendar, desk_pages, preference_pages, registering, wishes
from leaderboard.events import naming as namings
from leaderboard.events import seats as parties
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.showing import access_log, note
from tests.events import fair as fairs
from tests.events.test_registering import seats
from tests.seasons.factories import session_of


@pytest.fixture
def blind(resources, clock):
    return fairs.made(resources, clock, blind=True)


def called(fair, who, row):
    with fair.resources.read() as work:
        event = fair.event()
        return namings.names(work, who, event, parties.parties(work, event))[row.id].said("en")


def verify(fair, name, level):
    with fair.resources.write() as work:
        work.session.get_one(Organization, fair.units[name].id).verified = level


# Names


def test_a_blind_demander_is_a_number_to_all_but_those_it_meets(blind):
    rows = blind.published()
    hidden = rows["d1"]
    partners = {one.supplier_id for one in blind.meetings() if one.demander_id == hidden.id}
    assert partners
    for who in (None, *(unit.actor for unit in blind.units.values()), blind.host):
        own = who is not None and blind.units["d1"].id in who.organization_ids
        meets = any(rows[name].id in partners and blind.units[name].actor == who for name in blind.units)
        assert called(blind, who, hidden) == ("Unit d1" if own or meets else "Demander 1"), who


def test_before_publication_no_supplier_knows_a_blind_demander(blind):
    blind.move("registration")
    row = blind.register("d1", "demander", reveal="public")
    assert called(blind, blind.units["s1"].actor, row) == "Demander 1"


@pytest.mark.parametrize(("reveal", "name"), [("partners", "Demander 1"), ("host", "Unit d1"), ("public", "Unit d1")])
def test_the_host_knows_a_blind_demander_only_where_it_may(blind, reveal, name):
    blind.move("registration")
    row = blind.register("d1", "demander", reveal=reveal)
    assert called(blind, blind.host, row) == name
    with blind.resources.read() as work:
        (party,) = desk_pages.desk(work, blind.host, blind.slug).parties
    assert party.participants == (("d1 demander",) if name == "Unit d1" else ())


def test_the_check_in_desk_does_not_find_a_blind_demander_by_its_people(blind):
    rows = blind.published()
    with blind.resources.read() as work:
        assert desk_pages.check_in(work, blind.host, blind.slug, "d1 dem").parties == ()
        assert desk_pages.check_in(work, blind.host, blind.slug, "Unit d1").parties == ()
        (found,) = desk_pages.check_in(work, blind.host, blind.slug, rows["d1"].code).parties
    assert found.name.said("en") == "Demander 1"


def test_a_demander_for_verified_suppliers_is_a_number_to_all_others(fair):
    with fair.resources.write() as work:
        work.session.get_one(DemandRow, fair.units["d1"].need).visibility = "verified"
    verify(fair, "s1", 1)
    fair.move("registration")
    row = fair.register("d1", "demander")
    assert called(fair, fair.units["s1"].actor, row) == "Unit d1"
    for who in (None, fair.units["s2"].actor, fair.host):
        assert called(fair, who, row) == "Demander 1"


def test_who_loses_its_verification_is_a_stranger_again(blind):
    for name in blind.units:
        verify(blind, name, 1)
    seats(blind, verified=1)
    rows = blind.published()
    meeting = next(one for one in blind.meetings() if one.demander_id == rows["d1"].id)
    name = next(name for name, row in rows.items() if row.id == meeting.supplier_id)
    assert called(blind, blind.units[name].actor, rows["d1"]) == "Unit d1"
    verify(blind, name, 0)
    assert called(blind, blind.units[name].actor, rows["d1"]) == "Demander 1"
    with blind.resources.read() as work:
        flags = {row.id: row.too_low for row in desk_pages.desk(work, blind.host, blind.slug).parties}
    assert [id for id, too_low in flags.items() if too_low] == [rows[name].id]


def test_who_is_no_longer_verified_far_enough_ranks_nobody(fair):
    verify(fair, "s1", 1)
    seats(fair, verified=1)
    fair.move("registration")
    row = fair.register("s1", "supplier")
    verify(fair, "d1", 1)
    other = fair.register("d1", "demander")
    fair.move("preference")
    verify(fair, "s1", 0)
    with fair.resources.write() as work, pytest.raises(Refused, match="yours has level 0"):
        wishes.say(work, fair.units["s1"].actor, row.id, {other.id: "1"})
    with fair.resources.read() as work:
        page = preference_pages.preferences_page(work, fair.units["s1"].actor, row.id)
        assert (page.open, page.too_low) == (False, True)
    with fair.resources.write() as work:
        registering.withdraw(work, fair.units["s1"].actor, row.id)
    with fair.resources.write() as work, pytest.raises(Refused, match="yours has level 0"):
        registering.rejoin(work, fair.units["s1"].actor, row.id)


def test_a_blind_card_on_the_page_of_preferences_is_in_the_access_log(resources, clock, start_server):
    fair = fairs.made(resources, clock, blind=True)
    with resources.write() as work:
        for name in ("d2", "d3"):
            work.session.get_one(DemandRow, fair.units[name].need).visibility = "blind"
    fair.move("registration")
    row = fair.register("s1", "supplier")
    fair.register("d1", "demander")
    fair.move("preference")
    actor, owner = fair.units["s1"].actor, fair.units["d1"].actor
    with resources.read() as work:
        page = preference_pages.preferences_page(work, actor, row.id)
        assert page.seen == (("demand-d1", "card"),)
    with start_server(resources).client() as client:
        with resources.write() as work:
            client.cookies.update(session_of(work, actor))
        for _ in range(2):
            assert client.get(f"/en/events/registrations/{row.id}/preferences").status_code == 200
    note(resources, owner, page.seen)
    with resources.read() as work:
        (line,) = access_log(work, owner, "demand-d1")
    assert line[1:4] == ("card", "member", "Unit s1")


# Calendar addresses


def address(fair, name, row):
    with fair.resources.write() as work:
        registering.new_feed(work, fair.units[name].actor, row.id)
    with fair.resources.read() as work:
        return calendar.feed_key(work.settings, registering.own_feed(work, fair.units[name].actor, row))


def opens(fair, row, key):
    with fair.resources.read() as work:
        try:
            return registering.feed_for(work, row.id, key)[1].id == row.id
        except NotFound:
            return False


def test_an_address_opens_one_party_and_a_new_one_ends_it(fair):
    rows = fair.published()
    key = address(fair, "s1", rows["s1"])
    assert opens(fair, rows["s1"], key)
    assert not opens(fair, rows["s2"], key)
    newer = address(fair, "s1", rows["s1"])
    assert (opens(fair, rows["s1"], key), opens(fair, rows["s1"], newer)) == (False, True)


def test_colleagues_have_addresses_of_their_own(fair):
    rows = fair.published()
    first = address(fair, "s1", rows["s1"])
    unit, stranger = fair.units["s1"].id, fair.units["s2"].actor
    colleague = replace(stranger, organization_ids=stranger.organization_ids | {unit})
    with fair.resources.write() as work:
        work.session.add(Membership(organization_id=unit, person_id=colleague.person_id, joined_at=work.now))
        registering.new_feed(work, colleague, rows["s1"].id)
    assert opens(fair, rows["s1"], first), "a colleague's new address ends none but theirs"


def test_an_address_ends_with_the_membership_and_does_not_come_back_with_it(fair):
    rows = fair.published()
    key, unit = address(fair, "s1", rows["s1"]), fair.units["s1"]
    mine = select(Membership).where(Membership.person_id == unit.actor.person_id)
    with fair.resources.write() as work:
        work.session.delete(work.session.exec(mine).one())
    assert not opens(fair, rows["s1"], key)
    with fair.resources.write() as work:
        later = work.now + timedelta(days=1)
        work.session.add(Membership(organization_id=unit.id, person_id=unit.actor.person_id, joined_at=later))
    assert not opens(fair, rows["s1"], key)


def test_an_address_ends_with_the_verification_that_the_event_asks_for(fair):
    rows = fair.published()
    key = address(fair, "s1", rows["s1"])
    seats(fair, verified=1)
    assert not opens(fair, rows["s1"], key)
