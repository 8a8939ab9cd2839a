"""Names of columns: what is understood, what is only suggested."""

import pytest

IDS = range(101, 113)


def table(heading, *, cells="{id},0.5"):
    return heading + "\n" + "".join(cells.format(id=i) + "\n" for i in IDS)


def found(report):
    return {finding.id: finding for finding in report.findings}


@pytest.mark.parametrize("heading", ["Flight,Delayed", " flight , delayed ", "ｆlight,DELAYED", "flight,\u200bdelayed"])
def test_spelling_is_understood_and_said(flights, heading):
    report = flights.hand_in(table(heading))
    assert report.outcome == "scored"
    assert {f.level for f in report.findings} == {"warning"}
    assert set(found(report)) == {"intake.column_spelling"}


@pytest.mark.parametrize("heading", ["flight,delay", "flight,prediction", "flght,delayed", "flight,delaied"])
def test_another_name_is_an_error_with_a_suggestion_and_the_cells_are_checked_too(flights, heading):
    report = flights.hand_in(table(heading, cells="{id},1.5"))
    assert report.outcome == "refused"
    assert set(found(report)) == {"intake.column_misnamed", "intake.out_of_range"}
    (example,) = found(report)["intake.column_misnamed"].examples
    assert (example.value, example.column) in {
        ("delay", "delayed"),
        ("prediction", "delayed"),
        ("flght", "flight"),
        ("delaied", "delayed"),
    }


def test_missing_and_extra_columns(flights):
    report = flights.hand_in(table("flight,a,b", cells="{id},1,2"))
    assert set(found(report)) == {"intake.column_missing", "intake.column_extra"}
    missing, extra = found(report)["intake.column_missing"], found(report)["intake.column_extra"]
    assert [one.column for one in missing.examples] == ["delayed"]
    assert missing.params == {"found": "flight, a, b"}
    assert (extra.level, [one.value for one in extra.examples]) == ("warning", ["a", "b"])


def test_a_missing_id_column_hides_no_other_finding(flights):
    report = flights.hand_in(table("x,y,delayed", cells="1,2,nan"))
    assert set(found(report)) == {"intake.column_missing", "intake.column_extra", "intake.not_finite"}


def test_the_same_name_twice(flights):
    report = flights.hand_in(table("flight,delayed,delayed", cells="{id},0.5,0.6"))
    assert "intake.column_twice" in found(report)
    assert report.outcome == "refused"


def test_an_index_column_without_a_name_does_no_harm(flights):
    report = flights.hand_in(table(",flight,delayed", cells="7,{id},0.5"))
    assert report.outcome == "scored"
    assert found(report)["intake.column_extra"].examples[0].params == {"place": 1}


def test_a_first_row_of_data_is_recognised(flights):
    finding = found(flights.hand_in("101,0.5\n102,0.25\n"))["intake.heading_none"]
    assert finding.params == {"found": "101, 0.5", "expected": "flight, delayed"}


def test_a_table_of_other_columns_is_no_missing_heading(flights):
    assert set(found(flights.hand_in(table("a,b", cells="1,2")))) == {"intake.column_missing", "intake.column_extra"}


def test_examples_are_the_first_twenty_and_the_list_has_all(flights):
    report = flights.hand_in("flight,delayed\n" + "".join(f"{i},x\n" for i in range(500, 700)))
    finding = found(report)["intake.not_a_number"]
    assert (finding.count, len(finding.examples), finding.column) == (200, 20, "delayed")
    assert [one.row for one in finding.examples] == list(range(1, 21))
    listed = [one for one in flights.listed() if one["finding"] == "intake.not_a_number"]
    assert [(int(one["row"]), int(one["line"])) for one in listed] == [(i, i + 1) for i in range(1, 201)]


def test_nothing_is_scored_in_a_dry_run(flights):
    assert flights.check(table("flight,delayed")).outcome == "accepted"
    assert flights.check(table("flight,delayed")).scores == ()
    assert flights.check(table("flight,delayed", cells="{id},2")).outcome == "refused"
