"""What a challenge lists or declares: unsafe words, sectors, raw data, gates."""

from dataclasses import replace

import polars as pl
import pytest

from scoring.quality.assessment import assess
from scoring.quality.check import Measured
from scoring.quality.checks import CHECKS
from scoring.quality.evidence import SAMPLE, Evidence, Roles
from scoring.quality.gates import POSSIBLE, held
from scoring.quality.measures.sector import FEWEST, MOST
from scoring.quality.measures.unsafe import STEPS
from scoring.quality.origin import Origin
from scoring.quality.reference import Reference, UnsafeWords
from scoring.quality.sectors import vocabulary
from scoring.quality.text.safety import Word
from tests.laws.filed_checks import cities, documented, generated

WORDS = (Word("赌资", "gambling"), Word("wildcat", "betting"), Word("wildcat", "animals"))


def measured(key: str, seen: Evidence) -> Measured:
    found = CHECKS[key].load()(seen)
    assert found is not None
    return found


def told(rows: int, bad: int, word: str = "赌资", **more) -> Evidence:
    """Records of which some hold a word."""
    texts = [f"记录{row}：{word if row < bad else '平安'}" for row in range(rows)]
    return Evidence(
        pl.DataFrame({"note": texts, "n": range(rows)}), reference=Reference(unsafe=UnsafeWords(WORDS, **more))
    )


# Gates


def test_gates_hold_unless_they_are_moved():
    assert held({}) == {"Q2": 0.99, "Q4": 0.02, "Q5": 0.0001, "A9": 0.0, "A11": 0.1, "G7": 0.99}
    moved = held({"Q5": None, "Q4": 0.1, "G8": 1})
    assert "Q5" not in moved
    assert (moved["Q4"], moved["G8"], moved["Q2"]) == (0.1, 1, 0.99)
    assert {"G3", "G8", "A10"} <= set(POSSIBLE)


@pytest.mark.parametrize(("key", "limit", "error"), [("Q13", 0.1, KeyError), ("Q99", None, KeyError), ("Q5", 1.1, ValueError), ("Q5", -0.1, ValueError), ("Q5", float("nan"), ValueError)])  # fmt: skip
def test_what_can_be_no_gate_is_refused(key: str, limit: float | None, error: type[Exception]):
    with pytest.raises(error):
        held({key: limit})


def test_an_assessment_holds_the_dataset_against_the_moved_gates():
    seen = documented("D2", 4)
    assert assess(seen).failed == ()
    asking = assess(replace(seen, reference=Reference(gates={"G8": 1.0})))
    assert asking.failed == ("G8",)
    assert asking.gates["G8"] == 1
    assert asking.result.weights.get("G8", 0) == 0
    assert assess(replace(seen, reference=Reference(gates={"G8": 0.95}))).failed == ()
    reached = assess(told(100, 3))
    assert reached.failed == ("Q4",)
    off = replace(told(100, 3), reference=replace(told(100, 3).reference, gates={"Q4": None}))
    assert assess(off).failed == ()


# Unsafe words


def test_a_record_counts_once_whatever_it_holds_and_wherever():
    table = pl.DataFrame(
        {"a": ["赌资", "a wildcat", "fine", "fine"], "b": ["w.i.l.d.c.a.t", "no", None, "又见赌 资"], "c": [1, 2, 3, 4]}
    )
    found = measured("Q4", Evidence(table, reference=Reference(unsafe=UnsafeWords(WORDS))))
    assert (found.value, found.low, found.high, found.checked, found.bad) == (0.75, 0.75, 0.75, 4, 3)
    assert found.details["categories"] == {"animals": 2, "betting": 2, "gambling": 2}
    assert sorted(found.issues.select("row", "column", "value").rows()) == [
        (0, "a", "赌资 (gambling)"), (0, "b", "wildcat (animals), wildcat (betting)"),
        (1, "a", "wildcat (animals), wildcat (betting)"), (3, "b", "赌资 (gambling)"),
    ]  # fmt: skip


def test_without_a_list_or_a_text_it_does_not_apply():
    check = CHECKS["Q4"].load()
    assert check(Evidence(cities())) is None
    assert check(Evidence(cities(), reference=Reference())) is None
    assert check(Evidence(pl.DataFrame({"n": [1, 2]}), reference=Reference(unsafe=UnsafeWords(WORDS)))) is None


def test_of_very_many_records_a_sample_is_read_with_its_interval():
    seen = told(3 * SAMPLE, 3 * SAMPLE // 50)
    found = measured("Q4", seen)
    assert found.checked == SAMPLE
    assert found.low < 0.02 < found.high
    assert found.low < found.value < found.high
    assert found.details["sample"]


def test_hidden_words_are_told_in_steps_that_single_records_do_not_move():
    values = {bad: measured("Q4", told(2000, bad, hidden=True)) for bad in (0, 1, 9, 10, 11, 40, 41, 2000)}
    assert {bad: one.value for bad, one in values.items()} == {
        0: 0.005, 1: 0.005, 9: 0.005, 10: 0.005, 11: 0.01, 40: 0.02, 41: 0.05, 2000: 1.0,
    }  # fmt: skip
    for one in values.values():
        assert (one.bad, one.issues, one.details, one.hidden) == (None, None, {}, True)
        assert one.low == one.value == one.high
    few = measured("Q4", told(10, 5, hidden=True))
    assert few.value == measured("Q4", told(10, 0, hidden=True)).value, "of few records nothing is told"


@pytest.mark.parametrize("limit", [0.001, 0.015, 0.03])
def test_hidden_words_are_still_held_against_a_moved_limit(limit: float):
    for bad in (0, 1, 4, 29, 31, 59, 61):
        seen = told(2000, bad, hidden=True)
        seen = replace(seen, reference=replace(seen.reference, gates={"Q4": limit}))
        assert CHECKS["Q4"].passes(measured("Q4", seen), limit) == (bad / 2000 <= limit)
    assert 0.02 in STEPS


# Sectors

SENTENCES = {
    "scientific-research": ("实验室用质谱测定了蛋白质样品。", "The laboratory repeated each experiment with a control group."),
    "manufacturing": ("这条产线的良品率因焊缝缺陷下降。", "Tool wear on the lathe put the workpiece out of tolerance."),
    "agriculture": ("玉米播种前要测土壤墒情。", "The farmer checked soil moisture before sowing maize."),
    "energy": ("变电站的负荷在傍晚达到高峰。", "The wind farm feeds the power grid through a substation."),
    "transport": ("列车因道路拥堵晚点，旅客改乘地铁。", "Two flights left the airport late because of congestion."),
    "finance": ("借款人逾期未还款，银行下调了信用评分。", "The bank raised the interest rate on each loan."),
    "healthcare": ("患者血压升高，医生调整了用药剂量。", "The patient was given a higher dose after the diagnosis."),
    "education": ("老师在课堂上批改学生的作业。", "Students handed in their homework before the exam."),
    "commerce": ("订单发货很快，客服同意退货。", "The seller gave a refund and a coupon for the next order."),
    "human-resources": ("求职者投递简历后等待面试。", "The recruiter read the resume before the interview."),
    "culture-tourism": ("游客在博物馆门票处排队。", "The museum shows paintings of the dynasty to each visitor."),
    "emergency-management": ("地震后救援队组织疏散。", "Rescue teams began the evacuation after the earthquake."),
    "meteorology": ("受冷锋影响，气温下降并有降雪。", "Humidity and dew point rose before the thunderstorm."),
    "green-low-carbon": ("厂区的碳排放与废水均已达标。", "Waste water and carbon emissions fell last year."),
    "public-safety": ("民警抓获了盗窃案件的嫌疑人。", "Police arrested a suspect after the burglary."),
    "urban-governance": ("居民拨打热线投诉小区井盖破损。", "Residents of the district asked the council to mend a street lamp."),
    "low-altitude-economy": ("无人机在禁飞区外悬停后降落。", "The drone kept to its flight plan and landed at the vertiport."),
    "industrial-internet": ("网关采集传感器的振动数据用于故障诊断。", "The gateway sends telemetry from each plc sensor."),
}  # fmt: skip


@pytest.mark.parametrize("sector", SENTENCES)
def test_every_sector_is_told_from_a_sentence_in_either_language(sector: str):
    """Each sentence was written after the list of words; others may fit as well, none better."""
    for sentence in SENTENCES[sector]:
        texts = pl.DataFrame({"text": [f"{sentence} {row}" for row in range(FEWEST)]})
        found = measured("Q12", Evidence(texts, Roles(text="text"), reference=Reference(sectors=(sector,))))
        assert found.value == 1, (sentence, found.details)
    others = [s for other, said in SENTENCES.items() if other != sector for s in said]
    strange = pl.DataFrame({"text": others})
    found = measured("Q12", Evidence(strange, Roles(text="text"), reference=Reference(sectors=(sector,))))
    assert found.value <= 0.1, found.details


def test_every_sector_has_words_enough_in_both_languages():
    assert vocabulary().keys() == SENTENCES.keys()
    for words in vocabulary().values():
        assert len(words) == len(set(words))
        assert min(sum(word.isascii() for word in words), sum(not word.isascii() for word in words)) >= 40


def test_several_sectors_may_be_declared_and_few_votes_tell_nothing():
    mixed = [SENTENCES[sector][0] + str(row) for row in range(15) for sector in ("commerce", "culture-tourism")]
    table = pl.DataFrame({"text": mixed})
    check = CHECKS["Q12"].load()

    def share(*sectors: str, seen: pl.DataFrame = table) -> float | None:
        found = check(Evidence(seen, Roles(text="text"), reference=Reference(sectors=sectors)))
        return None if found is None else found.value

    assert share("commerce") == 0.5
    assert share("commerce", "culture-tourism") == 1
    assert share("energy") == 0
    assert share() is None
    assert share("commerce", seen=table.head(FEWEST - 1)) is None
    assert share("commerce", seen=pl.concat([table.head(FEWEST - 1)] * 5)) is None, "copies have no vote"
    nothing = pl.DataFrame({"text": [f"今天和朋友聊了{row}分钟" for row in range(50)]})
    assert share("commerce", seen=nothing) is None


def test_the_share_has_an_interval_and_only_so_many_texts_are_read():
    rows = [SENTENCES["energy"][0] + str(row) for row in range(MOST)] + [
        SENTENCES["finance"][0] + str(row) for row in range(MOST)
    ]
    found = measured(
        "Q12", Evidence(pl.DataFrame({"text": rows}), Roles(text="text"), reference=Reference(sectors=("energy",)))
    )
    assert found.checked == MOST
    assert found.low < 0.5 < found.high
    assert found.high - found.low < 0.05


def test_of_tables_the_names_of_columns_and_different_values_vote():
    names = [
        "flight_number",
        "departure_delay_min",
        "tail_number",
        "airport",
        "air_time",
        "bus_stop",
        "road",
        "mileage",
        "taxi",
        "cargo",
    ]
    table = pl.DataFrame({name: [row * number for row in range(400)] for number, name in enumerate(names, 1)})
    kinds = [
        "metro",
        "railway line",
        "truck",
        "vessel",
        "container",
        "highway",
        "parking",
        "toll",
        "lane",
        "traffic light",
        "loan",
    ]
    table = table.with_columns(kind=pl.Series([kinds[row % len(kinds)] for row in range(400)]))
    seen = Evidence(table, reference=Reference(sectors=("transport",)))
    found = measured("Q12", seen)
    assert (found.checked, found.bad) == (21, 1)
    assert found.issues.select("row", "column", "value").rows() == [(None, "kind", "finance")]
    codes = table.with_columns(code=pl.Series([f"c{row}" for row in range(400)]))
    again = measured("Q12", replace(seen, table=codes))
    assert again.checked == 21, "many values of one column do not drown the others"


# Novelty


def test_novelty_is_of_different_records_and_does_not_ask_for_ids_or_order():
    raw, more = cities(30), cities(40)
    reference = Reference(raw=raw.sample(fraction=1, shuffle=True, seed=1).with_columns(pl.col("id").str.reverse()))
    seen = Evidence(
        pl.concat([more, more.tail(5).with_columns(pl.lit("x").alias("id"))]), Roles(id="id"), reference=reference
    )
    found = measured("A10", seen)
    assert (found.value, found.checked) == (10 / 40, 40)
    assert found.issues is None
    assert found.details["unchanged_from_raw"] == 30 / 40
    assert "A10" not in assess(seen).result.weights
    assert "A10" not in assess(seen).gates


def test_a_record_of_the_raw_bundle_is_known_by_its_id_as_often_as_it_stands_there():
    raw = pl.concat([cities(30), cities(1)])
    mine = pl.concat([cities(30), cities(2)])
    seen = Evidence(mine, Roles(id="id"), reference=Reference(raw=raw))
    found = measured("G9", seen)
    assert (found.value, found.bad) == (31 / 32, 1)
    assert found.issues.select("row", "column", "code", "value").rows() == [(31, "id", "id_not_in_raw", "c1")]
    assert measured("G9", replace(seen, roles=Roles())).value == 0, "without ids no record is known"
    assert measured("G9", replace(seen, table=mine.drop("id"))).value == 0
    assert measured("G9", replace(seen, reference=Reference(raw=raw.drop("id")))).value == 0
    assert measured("G9", replace(seen, table=mine.with_columns(id=pl.lit(None, pl.String)))).value == 0
    assert CHECKS["G9"].load()(replace(seen, reference=None)) is None


def test_cleaning_may_write_half_of_a_record_anew_and_texts_wholly():
    raw = cities(30)
    seen = Evidence(raw, Roles(id="id"), reference=Reference(raw=raw))
    half = raw.with_columns(pl.lit("x").alias("name"), pl.col("visits") + 1, height=pl.lit(None, pl.Float64))
    assert measured("G9", replace(seen, table=half)).value == 1, "two of five differ, and what is emptied does not"
    more = measured("G9", replace(seen, table=half.with_columns(size=pl.lit("other"))))
    assert (more.value, set(more.issues["code"])) == (0, {"another_in_raw"})
    texts = raw.select("id", "name", "size")
    anew = texts.with_columns(name=pl.lit("another text"), size=pl.lit("other"))
    assert measured("G9", replace(seen, table=anew, reference=Reference(raw=texts))).value == 1


# What must be said


def test_flags_are_held_against_those_of_the_raw_bundle():
    seen = generated(0)
    assert measured("G7", seen).value == 1
    lying = seen.table.with_columns(pl.when(pl.int_range(pl.len()) < 10).then(1).otherwise("flag").alias("flag"))
    found = measured("G7", replace(seen, table=lying))
    assert found.issues["row"].to_list() == list(range(10))
    truly = seen.reference.raw.with_columns(flag=pl.Series([1] * 10 + [0] * 290))
    assert measured("G7", replace(seen, table=lying, reference=Reference(raw=truly))).value == 1
    unsaid = truly.with_columns(flag=pl.Series([None] * 10 + [0] * 290))
    assert measured("G7", replace(seen, table=lying, reference=Reference(raw=unsaid))).value == 1
    against = measured("G7", replace(seen, reference=Reference(raw=truly)))
    assert (against.bad, against.checked) == (10, 340), "records that the raw bundle flags are no finds"
    assert measured("G7", replace(seen, table=lying, reference=None)).value == 1, "alone nothing contradicts them"
    assert CHECKS["G7"].load()(Evidence(cities(), origin=Origin("MIT", "MIT", "x"))) is None


def test_licence_and_source_are_the_worse_of_both_and_the_challenge_says_which_licences():
    said = Origin("MIT", "MIT", "a survey")
    for origin, licences, value in (
        (said, (), 1), (said, ("MIT",), 1), (said, ("CC0-1.0",), 0), (replace(said, source=None), (), 0), (Origin(), (), 0)
    ):  # fmt: skip
        found = measured("G3", Evidence(cities(), origin=origin, reference=Reference(licences=licences)))
        assert (found.value, found.issues.height > 0) == (value, value == 0)
    half = cities().with_columns(source=pl.when(pl.int_range(pl.len()) < 30).then(pl.lit("a survey")))
    found = measured("G3", Evidence(half, origin=replace(said, source=None, columns={"source": "source"})))
    assert found.value == 0.75
