"""Random strings pass as often as the records say, so that the test of a column is right; and other data stays clean."""

import base64
import random
import uuid
from datetime import date, datetime, timedelta
from math import comb

import numpy as np
import polars as pl
import pytest
from scipy.special import betainc

from scoring.quality.personal import KINDS, Tally, count, find, judge, plans
from scoring.quality.personal.counting import at_least

ROWS = 40_000
NUMBERS = np.random.default_rng(20)


def digits(length: int, rows: int = ROWS) -> list[str]:
    table = NUMBERS.integers(48, 58, (rows, length), dtype=np.uint8)
    return table.view(f"S{length}").ravel().astype(str).tolist()


def chosen(alphabet: str, length: int, rows: int = ROWS) -> list[str]:
    table = np.array(list(alphabet))[NUMBERS.integers(0, len(alphabet), (rows, length))]
    return ["".join(row) for row in table.tolist()]


PRINTABLE = "".join(map(chr, range(32, 127)))
IDEOGRAPHS = "".join(map(chr, range(0x4E00, 0xA000)))
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def in_three_groups() -> list[str]:
    cuts = [sorted(random.Random(row).sample(range(1, 9), 2)) for row in range(ROWS)]
    return [
        f"{number[:low]}-{number[low:high]}-{number[high:]}"
        for number, (low, high) in zip(digits(9), cuts, strict=True)
    ]


def joined(*columns: list[str]) -> list[str]:
    return ["".join(parts) for parts in zip(*columns, strict=True)]


def whole_numbers() -> list[str]:
    """Of one, two and three digits equally often, without leading zeros."""
    length = NUMBERS.integers(0, 3, ROWS)
    return NUMBERS.integers(np.array([0, 10, 100])[length], np.array([10, 100, 1000])[length]).astype(str).tolist()


def repeated(text: str, rows: int = ROWS) -> list[str]:
    return [text] * rows


OUTER = {
    "email": lambda: joined(chosen(PRINTABLE, 8), repeated("@"), chosen(PRINTABLE, 16)),
    "ipv6": lambda: [text for length in range(9, 40, 5) for text in chosen("0123456789abcdef:", length, ROWS // 4)],
    "iban": lambda: joined(repeated("DE"), digits(20)),
    "credit_code": lambda: joined(chosen(CREDIT, 2), digits(6), chosen(CREDIT, 10)),
    "mobile": lambda: digits(11),
    "landline": lambda: joined(repeated("0"), digits(10)),
    "identity_15": lambda: digits(15, 2 * ROWS),
    "bank_card": lambda: joined(repeated("6222"), digits(15)),
    "payment_card": lambda: joined(repeated("4"), digits(15)),
    "social_security_us": in_three_groups,
    "military": lambda: joined(chosen(IDEOGRAPHS, 1), repeated("字第"), digits(7)),
    "plate": lambda: joined(
        chosen(IDEOGRAPHS, 1), chosen("ABCDEFGH", 1), digits(3), chosen("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", 2)
    ),
    "passport": lambda: joined(chosen(IDEOGRAPHS + PRINTABLE, 4), repeated(" E"), digits(8)),
    "ipv4": lambda: [".".join(four) for four in zip(*(whole_numbers() for _ in range(4)), strict=True)],
    "coordinates": lambda: joined(
        whole_numbers(), repeated("."), digits(5), repeated(" "), whole_numbers(), repeated("."), digits(6)
    ),
    "wechat": lambda: joined(chosen(IDEOGRAPHS + PRINTABLE, 4), repeated(" a"), digits(8)),
    "qq": lambda: joined(chosen(IDEOGRAPHS + PRINTABLE, 4), repeated(" 7"), digits(8)),
    "international_phone": lambda: joined(chosen(PRINTABLE, 1), digits(12)),
}
BOUNDS = {"passport", "wechat", "qq", "credit_code", "plate"}  # whose chance is said to be an upper bound


def no_more_than(chance: float, tally: Tally) -> bool:
    """Whether so many hits are not too many for a chance: P(X ≥ passed) > 1e-4."""
    return bool(betainc(max(tally.passed, 1), tally.formed - tally.passed + 1, chance) > 1e-4)


@pytest.mark.parametrize("kind", OUTER)
def test_random_strings_pass_as_often_as_is_said(kind):
    texts = OUTER[kind]()
    tally = count(pl.DataFrame({"c": texts})).tallies.get(("c", kind))
    if kind == "wechat":
        assert tally is None or tally.passed / len(texts) <= KINDS[kind].chance
        return
    assert tally.formed > 0.3 * len(texts) or kind in {"ipv6", "email", "international_phone"}
    chance = KINDS[kind].chance
    assert no_more_than(chance, tally), (tally, chance)
    if kind not in BOUNDS:
        assert tally.passed / tally.formed > chance / 3, (tally, chance)


def test_the_chance_of_identity_numbers_is_too_small_to_measure_and_is_counted():
    days = (date(2100, 1, 1) - date(1880, 1, 1)).days
    exact = plans.regions().sum() / 1e6 * days / 1e8 / 11
    assert exact <= KINDS["identity"].chance < 1.5 * exact


def test_digits_alone_make_a_credit_code_seldom_enough():
    tally = count(pl.DataFrame({"c": digits(18, 3 * ROWS)})).tallies["c", "credit_code"]
    assert tally.formed > 2.9 * ROWS
    assert no_more_than(KINDS["credit_code"].chance, tally)


def test_every_kind_is_measured():
    assert set(OUTER) | {"identity"} == set(KINDS)


# Columns of numbers that people really have.


DRAW = random.Random(21)
CLEAN = {
    "uuid": lambda: str(uuid.UUID(int=DRAW.getrandbits(128))),
    "sha-256": lambda: f"{DRAW.getrandbits(256):064x}",
    "md5": lambda: f"{DRAW.getrandbits(128):032X}",
    "base64": lambda: base64.urlsafe_b64encode(DRAW.randbytes(33)).decode(),
    "time": lambda: (datetime(2000, 1, 1) + timedelta(seconds=DRAW.random() * 8e8)).isoformat(" "),  # noqa: DTZ001
    "digits of a time": lambda: f"{datetime(2000, 1, 1) + timedelta(seconds=DRAW.random() * 8e8):%Y%m%d%H%M%S}",  # noqa: DTZ001
    "milliseconds": lambda: str(DRAW.randint(10**12, 2 * 10**12)),
    "floats": lambda: " ".join(repr(DRAW.random() * 10 ** DRAW.randint(-2, 1)) for _ in range(5)),
    "ISBN": lambda: f"978-7-{DRAW.randint(0, 999):03}-{DRAW.randint(0, 99999):05}-{DRAW.randint(0, 9)}",
    "EAN": lambda: f"69{DRAW.randint(0, 10**11):011}",
    "version": lambda: ".".join(str(DRAW.randint(0, 31)) for _ in range(4)),
    "hour": lambda: f"{DRAW.randint(0, 23):02}:{DRAW.randint(0, 59):02}:{DRAW.randint(0, 59):02}",
    "MAC": lambda: ":".join(f"{DRAW.randint(0, 255):02x}" for _ in range(6)),
    "stock-keeping unit": lambda: DRAW.choice("ABEGPS") + f"{DRAW.randint(0, 10**8 - 1):08}",
    "private address": lambda: f"192.168.{DRAW.randint(0, 255)}.{DRAW.randint(0, 255)}",
    "table row": lambda: ",".join(str(DRAW.randint(0, 10 ** DRAW.randint(1, 8))) for _ in range(8)),
}


@pytest.mark.parametrize("what", CLEAN)
def test_other_data_holds_nothing(what):
    hits = find(pl.Series([CLEAN[what]() for _ in range(2000)]))
    assert hits.is_empty()


@pytest.mark.parametrize(("length", "kind"), [(11, "mobile"), (16, "payment_card"), (19, "bank_card")])
def test_a_column_of_order_numbers_is_judged_to_be_chance(length, kind):
    low = 10 ** (length - 1)
    column = pl.Series(NUMBERS.integers(low, min(10 * low, 2**63 - 1), ROWS), dtype=pl.Int64)
    findings = {finding.kind: finding for finding in judge(count(pl.DataFrame({"order": column})))}
    assert {finding.verdict for finding in findings.values()} == {"chance"}
    assert kind in findings or kind == "bank_card"  # 19 digits in 63 bits do not begin with 62


def test_running_numbers_with_an_issuer_prefix_pass_once_in_ten_and_are_chance():
    column = [f"62{number:014}" for number in range(20_000)]
    (finding,) = judge(count(pl.DataFrame({"order": column})))
    assert (finding.kind, finding.passed, finding.formed, finding.verdict) == ("bank_card", 2000, 20_000, "chance")


@pytest.mark.parametrize(("passed", "formed", "chance"), [(1, 1, 0.1), (3, 20, 0.05), (20, 20, 0.3), (0, 5, 0.1)])
def test_the_tail_is_that_of_the_binomial_distribution(passed, formed, chance):
    chance_taken = 1.5 * chance
    tail = sum(
        comb(formed, k) * chance_taken**k * (1 - chance_taken) ** (formed - k) for k in range(passed, formed + 1)
    )
    assert at_least(passed, formed, chance) == pytest.approx(tail, rel=1e-12)
