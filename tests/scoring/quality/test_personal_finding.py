"""Personal information is found where it is, as what it is, and almost-valid numbers are left alone."""

import random
import re
from datetime import date
from ipaddress import IPv4Address, IPv6Address, IPv6Network

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn, numdb
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError
from stdnum.us import ssn

from scoring.quality.personal import KINDS, count, find, plans
from scoring.quality.personal.finding import search
from scoring.quality.personal.reading import readings

CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REGIONS = ["110105", "441900", "320583", "542621", "810000", "130229", "659001", "440524"]


def found(text: str, **asked) -> list[tuple[str, str]]:
    """The kinds and the strings found in one text."""
    return [(kind, text[start:stop]) for _, kind, start, stop in find(pl.Series([text]), **asked).rows()]


def kinds(text: str, **asked) -> list[str]:
    return [kind for kind, _ in found(text, **asked)]


# Makers of sound numbers, by other formulas than those under test where there are others.


def identity(draw: random.Random) -> str:
    body = (
        f"{draw.choice(REGIONS)}{draw.randint(1930, 2019)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
        f"{draw.randint(0, 999):03}"
    )
    return body + ric.calc_check_digit(body + "0")


def old_identity(draw: random.Random) -> str:
    return f"{draw.choice(REGIONS[:4])}{draw.randint(30, 99)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}{draw.randint(0, 999):03}"


def card(draw: random.Random, prefix: str, length: int) -> str:
    body = prefix + "".join(str(draw.randint(0, 9)) for _ in range(length - 1 - len(prefix)))
    return body + luhn.calc_check_digit(body)


def credit_code(draw: random.Random) -> str:
    body = f"9{draw.randint(1, 3)}{draw.choice(REGIONS[:4])}M" + "".join(draw.choice(CREDIT) for _ in range(8))
    return body + uscc.calc_check_digit(body)


MAKERS = {
    "email": lambda draw: f"a{draw.randint(0, 10**6)}.b@mail-{draw.randint(0, 99)}.example.com",
    "ipv6": lambda draw: str(IPv6Address((0x2A << 120) | draw.getrandbits(120))),
    "iban": lambda draw: "DE" + iban.calc_check_digits("DE00" + (b := f"{draw.randint(0, 10**18 - 1):018}")) + b,
    "identity": identity,
    "credit_code": credit_code,
    "mobile": lambda draw: f"{draw.choice(['130', '155', '166', '177', '189', '199'])}{draw.randint(0, 10**8 - 1):08}",
    "landline": lambda draw: f"0{draw.choice(['755', '311', '10', '21'])}-{draw.randint(2 * 10**7, 9 * 10**7 - 1)}",
    "identity_15": old_identity,
    "bank_card": lambda draw: card(draw, draw.choice(["622202", "621700", "95588"]), 19),
    "payment_card": lambda draw: card(draw, draw.choice(["4", "51", "2221", "3528"]), 16),
    "social_security_us": lambda draw: f"{draw.randint(1, 665):03}-{draw.randint(1, 99):02}-{draw.randint(1, 9999):04}",
    "plate": lambda draw: f"{draw.choice('京粤琼新')}{draw.choice('ABC')}{draw.randint(0, 99999):05}",
    "ipv4": lambda draw: f"61.{draw.randint(32, 255)}.{draw.randint(32, 255)}.{draw.randint(0, 255)}",
    "coordinates": lambda draw: f"{draw.uniform(20, 50):.6f},{draw.uniform(100, 130):.6f}",
    "international_phone": lambda draw: f"+44 20 {draw.randint(1000, 9999)} {draw.randint(1000, 9999)}",
}
NAMED = {  # kinds that a word must announce
    "military": ("军字第", lambda draw: f"{draw.randint(10**6, 10**7 - 1)}"),
    "passport": ("护照：", lambda draw: f"E{draw.choice('ABCDE')}{draw.randint(10**6, 10**7 - 1)}"),
    "wechat": ("加微信 ", lambda draw: f"wx_{draw.randint(10**3, 10**9)}k"),
    "qq": ("QQ号：", lambda draw: f"{draw.randint(2 * 10**8, 10**10)}"),
}
ALL_MAKERS = {**{kind: ("", make) for kind, make in MAKERS.items()}, **NAMED}


def test_there_is_a_maker_for_every_kind():
    assert set(ALL_MAKERS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_sound_numbers_are_found(kind):
    draw = random.Random(kind)
    word, make = ALL_MAKERS[kind]
    numbers = [make(draw) for _ in range(300)]
    hits = find(pl.Series([f"一{word}{number}。" for number in numbers]))
    assert hits.rows() == [
        (row, kind, 1 + len(word), 1 + len(word) + len(number)) for row, number in enumerate(numbers)
    ]


# Positions are those of the text as it is, whatever characters stand around.

around = st.text(st.sampled_from("的，。！？\n\t;{}~ é́̈🙂👨‍👩‍👧ß漢字㍿"), max_size=12)


@settings(max_examples=60)
@given(before=around, between=around, after=around, seed=st.integers(0, 999), wide=st.booleans(), data=st.data())
def test_positions_in_any_surroundings(before, between, after, seed, wide, data):
    picked = data.draw(st.lists(st.sampled_from(sorted(ALL_MAKERS)), min_size=2, max_size=2))
    text, expected = before, []
    for kind in picked:
        word, make = ALL_MAKERS[kind]
        number = make(random.Random(seed))
        number = full_width(number) if wide else number
        text += "、" + word
        expected.append((kind, len(text), len(text) + len(number)))
        text += number + "、" + between
    text += after
    hits = find(pl.Series([None, "", text, "没有"]))
    assert hits.rows() == [(2, *one) for one in expected]


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)


# What is written in other ways.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13800138000", [("mobile", "13800138000")]),
        ("+86 138-0013-8000", [("mobile", "138-0013-8000")]),
        ("86-138-0013-8000", [("mobile", "138-0013-8000")]),
        ("8613800138000", [("mobile", "13800138000")]),
        ("008613800138000", [("mobile", "13800138000")]),
        ("138 0013 8000", [("mobile", "138 0013 8000")]),
        ("138.0013.8000", [("mobile", "138.0013.8000")]),
        ("138\u200b0013\u200b8000", [("mobile", "138\u200b0013\u200b8000")]),  # zero-width spaces
        ("１３８　００１３　８０００", [("mobile", "１３８　００１３　８０００")]),
        ("138—0013—8000", [("mobile", "138—0013—8000")]),
        ("1 3 8 0 0 1 3 8 0 0 0", [("mobile", "1 3 8 0 0 1 3 8 0 0 0")]),
        ("13800138000.0", [("mobile", "13800138000")]),  # a float column written out
        ("电话13800138000QQ609909965", [("mobile", "13800138000"), ("qq", "609909965")]),
        ("13800138000 13900139000", [("mobile", "13800138000"), ("mobile", "13900139000")]),
        ("iPhone13800138000", [("mobile", "13800138000")]),
        ("（0755）26888888", [("landline", "0755）26888888")]),
        ("(010) 5123-6699", [("landline", "010) 5123-6699")]),
        ("0791-2878108", [("landline", "0791-2878108")]),
        ("010-51236699-8001", [("landline", "010-51236699")]),
        ("01051236699", [("landline", "01051236699")]),
        ("110105 19491231 002X", [("identity", "110105 19491231 002X")]),
        ("11010519491231002x", [("identity", "11010519491231002x")]),
        ("11010519491231002X13800138000", [("mobile", "13800138000")]),  # X ends no identity number in a longer word
        ("6222 0212 3456 7890 128", [("bank_card", "6222 0212 3456 7890 128")]),
        ("3782 822463 10005", [("payment_card", "3782 822463 10005")]),
        ("4111-1111-1111-1111", [("payment_card", "4111-1111-1111-1111")]),
        ("GB82 WEST 1234 5698 7654 32", [("iban", "GB82 WEST 1234 5698 7654 32")]),
        ("京A·12345", [("plate", "京A·12345")]),
        ("粤BD12345", [("plate", "粤BD12345")]),
        ("粤B12345D", [("plate", "粤B12345D")]),
        ("粤Z1234港", [("plate", "粤Z1234港")]),
        ("京A1234警", [("plate", "京A1234警")]),
        ("sarah.liuhui@qq.com.", [("email", "sarah.liuhui@qq.com")]),
        ("<o'x@a.co>,b@c.de", [("email", "x@a.co"), ("email", "b@c.de")]),
        ("a@b.com可以", [("email", "a@b.com")]),
        ("QQ/微信同号：609909965", [("wechat", "609909965")]),
        ("qq群：8757013", []),
        ("用QQ聊了12345次", []),
        ("QQ 0123456", []),
        ("VX600上网本", []),
        ("vx: abc_12345", [("wechat", "abc_12345")]),
        ("passport no. E12345678", [("passport", "E12345678")]),
        ("E12345678", []),
        ("军字第2001988号", [("military", "2001988")]),
        ("京房权证朝字第123456号", []),
        ("+1 (415) 555 2671", []),  # a bracket behind the country code is not read
        ("+1 415 555 2671", [("international_phone", "+1 415 555 2671")]),
        ("SSN 123456789", [("social_security_us", "123456789")]),
        ("123456789", []),
        ("lat: 48.85837, lng: 2.29448", [("coordinates", "48.85837"), ("coordinates", "2.29448")]),
        ("坐标48.85837,2.29448", [("coordinates", "48.85837,2.29448")]),
        ("48.85837,2.29448", []),  # a pair that is not in China says nothing by itself
        ("116.397,39.908", []),  # a hundred metres
        ("地址：2001:da8:8000:1::80。", [("ipv6", "2001:da8:8000:1::80")]),
        ("icon@2x.png", []),
        ("12.4.10.5", []),
        ("v61.135.169.121", []),
        ("61.135.169.121.5", []),
    ],
)
def test_as_it_is_written(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "3f13800138000",  # a piece of a hash
        "a1b2c3d4-e5f6-4a7b-8c9d-013800138000",
        "0.13800138000",
        "13800138000.25",
        "138001380001",
        "99-138-0013-8000-1",
        "15 138 0013 8000 7",
        "10800138000",
        "15438001380",  # 154 is no prefix
        "400-711-6699",
        "8009908888",
        "02800923158",  # a local number does not begin with 0
        "9787111054252",
        "1111111111111111111111111",
        "2024-01-31 12:30:45.123456",
        "12:30:45",
        "00:1A:2B:3C:4D:5E",
        "192.168.100.200",
        "~@～@ 累@～",
        "北京A级12345",
        "云A4纸",
    ],
)
def test_what_only_looks_like_it(text):
    assert found(text) == []


# Almost valid: the other check characters, dates and regions are all refused.


def having(kind: str, texts: list[str]) -> list[bool]:
    """In which of the texts the kind is found."""
    hits = find(pl.Series(texts))
    rows = set(hits.filter(pl.col("kind") == kind)["row"])
    return [row in rows for row in range(len(texts))]


def test_only_one_check_character_in_eleven_is_right():
    draw = random.Random(1)
    numbers = [identity(draw) for _ in range(100)]
    changed = [number[:17] + check for number in numbers for check in "0123456789X"]
    assert having("identity", changed) == [number in numbers for number in changed]


def spoiled(number: str, draw: random.Random, characters: str) -> str:
    """The number with none, one or two characters changed."""
    changed = list(number)
    for _ in range(draw.randint(0, 2)):
        changed[draw.randrange(len(changed))] = draw.choice(characters)
    return "".join(changed)


def in_region_list(code: str) -> bool:
    return any("county" in properties for _, properties in numdb.get("cn/loc").info(code)) or code == "830000"


def test_identity_numbers_agree_with_an_oracle():
    """Of the peer only the check digit, the date and the list of regions are taken: its `is_valid` also wants the region to have
    existed at birth, though a number names that of the registration, and fails for some unknown ones."""
    draw = random.Random(5)
    numbers = []
    for _ in range(3000):
        body = spoiled(identity(draw)[:17], draw, "0123456789")
        numbers.append(body + (ric.calc_check_digit(body + "0") if draw.random() < 0.8 else draw.choice("0123456789X")))
    ours = having("identity", numbers)
    for number, accepted in zip(numbers, ours, strict=True):
        assert accepted == sound_identity(number), number
    assert 800 < sum(ours) < 2900


def sound_identity(number: str) -> bool:
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        return False
    in_time = 1880 <= born.year < 2100
    return in_time and number[17] == ric.calc_check_digit(number) and in_region_list(number[:6])


def test_birth_dates_in_the_future_are_none():
    body = "11010520250601001"
    number = body + ric.calc_check_digit(body + "0")
    assert kinds(number) == ["identity"]
    assert kinds(number, today=date(2025, 6, 1)) == ["identity"]
    assert "identity" not in kinds(number, today=date(2025, 5, 31))


def test_dates_are_those_of_the_calendar():
    years, months, days = (axis.ravel() for axis in np.mgrid[1880:2101, 0:14, 0:33])
    for year, month, day, ours in zip(
        years.tolist(), months.tolist(), days.tolist(), plans.valid_date(years, months, days).tolist(), strict=True
    ):
        try:
            date(year, month, day)
        except ValueError:
            assert not ours, (year, month, day)
        else:
            assert ours, (year, month, day)


def test_credit_codes_agree_with_an_oracle():
    draw = random.Random(6)
    codes = [spoiled(credit_code(draw), draw, CREDIT) for _ in range(2000)]
    codes = [code[:17] + uscc.calc_check_digit(code) if draw.random() < 0.5 else code for code in codes]
    expected = [sound_credit_code(code) for code in codes]
    assert having("credit_code", codes) == expected
    assert 500 < sum(expected) < 1800


def sound_credit_code(code: str) -> bool:
    """The peer's `is_valid` refuses the departments A, N and Y, which came after 2015; its check digit is the oracle."""
    department = code[0] in "123456789ANY" and code[1] in "123456789" and code[2:8].isdigit()
    return (
        department and code[17] == uscc.calc_check_digit(code) and (in_region_list(code[2:8]) or code[2:8] == "100000")
    )


@pytest.mark.parametrize("length", [14, 15, 16, 17, 18, 19])
def test_luhn_agrees_with_an_oracle(length):
    digits = np.random.default_rng(length).integers(0, 10, (2000, length)).astype(np.uint8)
    oracle = [luhn.is_valid("".join(map(str, row))) for row in digits.tolist()]
    assert plans.luhn(digits).tolist() == oracle
    assert sum(oracle) > 100


IBANS = ["GR1601101050000010547023795", "BE31435411161155", "GB82WEST12345698765432", "MT84MALT011000012345MTLCAST001S"]


def test_ibans_agree_with_an_oracle():
    draw = random.Random(7)
    numbers = [spoiled(draw.choice(IBANS), draw, "0123456789ABCXZ") for _ in range(1500)]
    numbers = [
        number[:2] + iban.calc_check_digits(number[:2] + "00" + number[4:]) + number[4:]
        if draw.random() < 0.5
        else number
        for number in numbers
    ]
    expected = [iban.is_valid(number, check_country=False) for number in numbers]
    assert having("iban", numbers) == expected
    assert having("iban", [f"账户 {iban.format(number)}。" for number in numbers]) == expected
    assert 500 < sum(expected) < 1400


def test_social_security_numbers_agree_with_an_oracle():
    draw = random.Random(8)
    parts = [
        (draw.choice([0, 1, 665, 666, 667, 899, 900]), draw.choice([0, 1, 99]), draw.choice([0, 1, 9999]))
        for _ in range(500)
    ]
    numbers = [f"{area:03}-{group:02}-{serial:04}" for area, group, serial in parts]
    assert having("social_security_us", numbers) == [ssn.is_valid(number) for number in numbers]


EDGES = [
    *(
        f"{first}.200.200.200"
        for first in (0, 1, 9, 10, 11, 100, 126, 127, 128, 169, 172, 192, 198, 203, 223, 224, 255)
    ),
    *(
        "100.63.99.99",
        "100.64.99.99",
        "100.127.99.99",
        "100.128.99.99",
        "169.254.99.99",
        "172.15.99.99",
        "172.16.99.99",
    ),
    *("172.31.99.99", "172.32.99.99", "192.0.0.99", "192.168.99.99", "198.18.99.99", "198.51.100.99", "203.0.113.99"),
]


def test_ipv4_addresses_agree_with_an_oracle():
    draw = random.Random(9)
    texts = EDGES + [".".join(str(draw.randint(0, 270)) for _ in range(4)) for _ in range(2000)]
    expected = [public_ipv4(text) for text in texts]
    assert having("ipv4", texts) == expected
    assert sum(expected) > 1000


def public_ipv4(text: str) -> bool:
    try:
        address = IPv4Address(text)
    except ValueError:
        return False
    large = sum(octet >= 32 for octet in address.packed)
    return address.is_global and int(address) >> 28 < 14 and large >= 2 and not text.startswith("192.0.0.")


def test_ipv6_addresses_agree_with_an_oracle():
    draw = random.Random(10)
    pieces = ["", "0", "1", "2001", "2a00", "3fff", "db8", "0db8", "ffff"]
    texts = [":".join(draw.choices([*pieces, "12345"], k=draw.randint(1, 9))) for _ in range(3000)]
    texts += [":".join(["2a00", *draw.choices(pieces[1:], k=7)]) for _ in range(100)]
    texts += [
        f"2001:{':'.join(draw.choices(pieces[1:], k=draw.randint(1, 3)))}::{draw.choice(pieces)}" for _ in range(300)
    ]
    expected = [public_ipv6(text) for text in texts]
    assert having("ipv6", [f"（{text}）" for text in texts]) == expected
    assert sum(expected) > 300


def public_ipv6(text: str) -> bool:
    text = re.sub(r"^:(?!:)|(?<!:):$", "", text)  # the colon of a sentence
    try:
        address = IPv6Address(text)
    except ValueError:
        return False
    public = address in IPv6Network("2000::/3") and address not in IPv6Network("2001:db8::/32")
    return public and re.match("[0-9a-f]{4}:", text) is not None


# Priority, independence of rows, columns of numbers.


def test_an_identity_number_is_nothing_else():
    """Of Gansu, 62…, some pass as bank cards too."""
    draw = random.Random(2)
    made = []
    while len(made) < 20:
        body = f"620102{draw.randint(1950, 2000)}0{draw.randint(1, 9)}15{draw.randint(0, 999):03}"
        number = body + ric.calc_check_digit(body + "0")
        if luhn.is_valid(number):
            made.append(number)
    hits = find(pl.Series([f"QQ：{number}" for number in made]))
    assert hits.rows() == [(row, "identity", 3, 21) for row in range(20)]


def test_hits_are_ordered_and_do_not_overlap_and_rows_do_not_matter_to_each_other():
    draw = random.Random(3)
    pieces = [make(draw) for _, make in ALL_MAKERS.values() for _ in range(3)] + list(" -.,:QQ微信86+()@一")
    texts = ["".join(draw.choices(pieces, k=draw.randint(0, 8))) for _ in range(3000)]
    hits = find(pl.Series(texts))
    assert len(hits) > 2000
    assert hits.sort("row", "start").equals(hits)
    same_row = hits["row"].diff() == 0
    assert ((hits["start"].cast(pl.Int64) >= hits["stop"].shift(1)) | ~same_row).drop_nulls().all()
    order = list(range(len(texts)))
    draw.shuffle(order)
    shuffled = find(pl.Series([texts[row] for row in order]))
    back = shuffled.with_columns(row=pl.Series(order, dtype=pl.UInt32).gather(shuffled["row"])).sort("row", "start")
    assert back.equals(hits)


def test_rows_that_are_passed_over_hold_no_candidate(monkeypatch):
    """The quick look at each row misses nothing: the same is found when every row is read."""
    draw = random.Random(4)
    alphabet = "0129１２９abfxXwvWeEcCiIhH@：:.- 京A微信薇加护照QQ的"
    texts = ["".join(draw.choices(alphabet, k=draw.randint(1, 24))) for _ in range(15_000)]
    texts += [full_width(f"{word}{make(draw)}") for word, make in ALL_MAKERS.values()]
    hits = find(pl.Series(texts))
    monkeypatch.setattr("scoring.quality.personal.reading._PROMISING", "(?s:.)")
    assert find(pl.Series(texts)).equals(hits)
    assert len(hits) > len(ALL_MAKERS)


def test_long_texts_are_read_in_pieces(monkeypatch):
    texts = pl.Series(
        [
            "短13800138000",
            "，电话13800138000。" * 50,
            None,
            "".join(f"QQ{number}，" for number in range(10**5, 10**5 + 99)),
        ]
    )
    whole = find(texts)
    assert len(whole) == 1 + 50 + 99
    monkeypatch.setattr("scoring.quality.personal.reading._CHUNK", 40)
    assert find(texts).equals(whole)
    assert count(pl.DataFrame({"t": texts})).tallies["t", "mobile"].cells == 2
    assert find(pl.Series(["13800138000" * 40])).height <= 1


def test_long_columns_are_read_in_parts(monkeypatch):
    texts = pl.Series([f"第{row}行 1380013{row:04}" if row % 3 else None for row in range(200)])
    whole = find(texts)
    monkeypatch.setattr("scoring.quality.personal.reading._CHUNK", 50)
    assert len(list(readings(texts))) > 20
    assert find(texts).equals(whole)
    assert whole["row"].to_list() == [row for row in range(200) if row % 3]


@pytest.mark.parametrize("dtype", [pl.Int64, pl.UInt64, pl.Int128, pl.Float64, pl.Decimal(20, 0)])
def test_numbers_that_are_stored_as_numbers(dtype):
    column = pl.Series("c", [13800138000, None, 5, 110105194912310038 if dtype != pl.Float64 else 7], dtype=dtype)
    expected = [(0, "mobile", 0, 11)] + ([(3, "identity", 0, 18)] if dtype != pl.Float64 else [])
    assert find(column).rows() == expected


def test_floats_that_are_no_whole_numbers():
    assert find(pl.Series([13800138000.5, float("nan"), float("inf"), -13800138000.0, 1.38e300])).is_empty()
    assert (
        find(pl.Series([13800138000.0]).cast(pl.Float32)).height <= 1
    )  # digits beyond 2^24 are lost before we see them


@pytest.mark.parametrize(
    ("title", "column", "kind"),
    [
        ("客户QQ", pl.Series([10001, 609909965, None]), "qq"),
        ("wechat_id", pl.Series(["abc_12345", "x"]), "wechat"),
        ("护照号码", pl.Series(["E12345678", "123456789"]), "passport"),
        ("lat", pl.Series([39.90872, None, 39.9]), "coordinates"),
        ("pickupLng", pl.Series(["116.39748", "116"]), "coordinates"),
        ("SSN", pl.Series([123456789]), "social_security_us"),
    ],
)
def test_a_title_says_what_its_cells_are(title, column, kind):
    hits = find(column, title=title)
    assert set(hits["kind"]) == {kind}
    assert 0 in hits["row"]
    assert find(column, title="number").is_empty()


def test_a_title_says_nothing_of_longer_texts():
    assert find(pl.Series(["订单 609909965"]), title="QQ").is_empty()
    assert find(pl.Series(["609909965 以后"]), title="QQ").is_empty()


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["13800138000", "没有"])])
def test_categories(dtype):
    assert find(pl.Series(["13800138000", "没有", None], dtype=dtype)).rows() == [(0, "mobile", 0, 11)]


def test_lists_of_texts_are_one_below_the_other():
    assert find(pl.Series([["a", "13800138000"], None, []])).rows() == [(0, "mobile", 2, 13)]


@pytest.mark.parametrize(
    "column", [pl.Series([True]), pl.Series([date(2020, 1, 1)]), pl.Series([None]), pl.Series([3])]
)
def test_columns_that_hold_nothing(column):
    assert find(column).is_empty()


@pytest.mark.parametrize("column", [pl.Series([b"13800138000"]), pl.Series([{"a": "13800138000"}]), pl.Series([[1]])])
def test_columns_that_cannot_be_read(column):
    with pytest.raises(TypeError, match="texts and numbers"):
        find(column)


# Hostile input.


@pytest.mark.parametrize(
    "text",
    [
        "",
        "́",
        "1́" * 11,
        "@",
        ":",
        "+",
        "\x00",
        "\U0010ffff",
        "QQ",
        "京A",
        *(piece * (1_000_000 // len(piece)) for piece in ("1", "1 ", "2001:", "a@")),
        *(piece * 50_000 for piece in ("1-", "1.", "@", ":", "+1", "QQ", "A1 ")),
    ],
    ids=lambda text: f"{text[:8]!r} {len(text)}",
)
def test_hostile_texts_are_read_and_hold_nothing(text):
    assert find(pl.Series([text])).is_empty()


def test_a_megabyte_of_addresses_in_one_cell():
    text = "x@a.io " * 150_000
    hits = find(pl.Series([text, "13800138000"]))
    assert len(hits) == 150_001
    assert hits.row(-1) == (1, "mobile", 0, 11)
    assert hits["start"][149_999] == 7 * 149_999


@pytest.mark.parametrize("values", [[], [None], [None, ""]])
def test_nothing_to_read(values):
    hits = find(pl.Series(values, dtype=pl.String))
    assert hits.is_empty()
    assert hits.columns == ["row", "kind", "start", "stop"]


@settings(max_examples=60)
@given(st.lists(st.text(st.sampled_from("0１2389Xx京A@.:+-() QQ微信号ab"), max_size=40), max_size=6))
def test_any_text_gives_hits_inside_it(texts):
    for row, kind, start, stop in find(pl.Series(texts, dtype=pl.String)).rows():
        assert 0 <= start < stop <= len(texts[row])
        assert kind in KINDS
        assert texts[row][start:stop].strip() == texts[row][start:stop]


def test_every_kind_has_a_seeker():
    ((_, candidates),) = search(pl.Series(["1380013"]))
    assert list(candidates) == list(KINDS)
