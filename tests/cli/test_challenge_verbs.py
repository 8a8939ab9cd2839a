"""``jiebang challenge …``: offline, from a table to a package that is sound."""

import json
import shutil
from pathlib import Path

import pytest

import challenges

ANSWERS = (
    "--title-en",
    "Late?",
    "--title-zh",
    "晚点?",
    "--sector",
    "transport",
    "--licence",
    "CC0-1.0",
    "--source",
    "made for a test",
    "--target",
    "late",
    "--id",
    "flight",
    "--yes",
)


@pytest.fixture
def table(jiebang):
    path = jiebang.folder / "flights.csv"
    rows = "".join(f"f{n},{n % 24},{'UA' if n % 3 else 'DL'},{int(n % 24 > 16)}\n" for n in range(400))
    path.write_text("flight,hour,carrier,late\n" + rows)
    return path


@pytest.fixture
def package(jiebang, table):
    made = jiebang("challenge", "new", "late", "--data", table, *ANSWERS)
    assert made.code == 0, made.err + made.out
    return jiebang.folder / "late"


def test_from_a_table_to_a_score(jiebang, package):
    checked = jiebang("challenge", "check", package, "--json")
    assert checked.json["ok"], checked.out
    shown = jiebang("challenge", "show", package)
    assert 'slug = "late"' in shown.out
    sample = next(package.rglob("*sample*"))
    scored = jiebang("challenge", "score", package, sample, "--json")
    assert scored.code == 0, scored.err
    assert scored.json["outcome"] == "scored"
    packed = jiebang("challenge", "pack", package, "--out", jiebang.folder / "dist", "--json").json
    assert Path(packed["full"]).is_file()
    assert Path(packed["public"]).stat().st_size < Path(packed["full"]).stat().st_size
    again = jiebang("challenge", "pack", package, "--out", jiebang.folder / "dist2", "--json").json
    assert packed["digest"] == again["digest"]


def test_a_broken_package_is_refused_with_everything_at_once_in_both_languages(jiebang, package):
    toml = package / "challenge.toml"
    toml.write_text(toml.read_text().replace('sector = "transport"', 'sector = "transprot"\nunknown_key = 1'))
    english, chinese = (jiebang("challenge", "check", package, JIEBANG_LANG=lang) for lang in ("en", "zh"))
    assert english.code == chinese.code == 1
    for said in (english.out, chinese.out):
        assert "challenge.toml" in said
        assert "unknown_key" in said
        assert "transprot" in said
    assert english.out != chinese.out
    assert "Not sound" in english.out


def test_a_bad_file_is_refused_with_its_rows(jiebang, package):
    bad = jiebang.folder / "bad.csv"
    bad.write_text("flight,late\nf1,maybe\n")
    scored = jiebang("challenge", "score", package, bad, "--json")
    assert scored.code == 1
    assert scored.json["outcome"] == "refused"
    assert jiebang("challenge", "score", package, bad).code == 1  # its findings have sentences, too


def test_asking_nothing_says_what_is_missing(jiebang, table):
    done = jiebang("challenge", "new", "late", "--data", table, "--yes")
    assert done.code == 2
    assert "Missing: Title in English" in done.err
    assert not (jiebang.folder / "late").exists()


def test_what_is_there_is_not_written_over(jiebang, package, table):
    marker = package / "README.en.md"
    marker.write_text("mine")
    assert jiebang("challenge", "new", "late", "--data", table, *ANSWERS).code == 1
    assert marker.read_text() == "mine"


def test_missing_folders_and_files_are_two(jiebang):
    assert jiebang("challenge", "check", "nowhere").code == 2
    assert jiebang("challenge", "new", "x", "--data", "nowhere.csv", *ANSWERS).code == 2


def test_the_schema_is_json(jiebang):
    out = jiebang.folder / "schema.json"
    assert jiebang("challenge", "schema", "--out", out).code == 0
    assert "properties" in json.loads(out.read_text())


@pytest.mark.slow
def test_a_shipped_challenge_is_sound(jiebang):
    shipped = Path(challenges.__file__).parent / "shipped" / "flight-delays"
    copy = jiebang.folder / "copy"
    shutil.copytree(shipped, copy)
    checked = jiebang("challenge", "check", copy, "--no-baselines", "--json")
    assert checked.json["ok"], checked.out
