"""What every shipped package must be: sound by our own check, small, reproducible, and made for people."""

import ast
import json
import re
import zipfile
from pathlib import Path

import polars as pl

import challenges
from challenges.findings import Finding

MOST_BYTES = 6_000_000
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def readmes(folder) -> tuple[str, str]:
    return tuple((folder / f"README.{language}.md").read_text() for language in ("en", "zh"))


def shape(text: str) -> list[str]:
    """The outline of a Markdown text: heading levels, rows of tables with their first cell, fences, list items, pictures."""
    fenced, outline = False, []
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
            outline.append(line)
        elif not fenced and (start := re.match(r"#+ |- |> |!\[", line)):
            outline.append(start[0])
        elif not fenced and line.startswith("|"):
            outline.append("|" * line.count("|"))
    return outline


def test_there_is_one_from_each_of_three_sectors_and_tasks(folders):
    definitions = [challenges.load(folder).definition for folder in folders]
    assert len(folders) >= 3
    assert len({one.sector for one in definitions}) == len({one.task for one in definitions}) == len(folders)


def test_check_finds_nothing_and_the_baselines_score_as_expected(folder):
    report = challenges.check(folder)
    assert [one for one in report.findings if one.level != "note"] == [], said(report.findings)
    assert report.ok
    assert len(report.baselines) >= 2


def said(findings: tuple[Finding, ...]) -> str:
    return "\n".join(f"{one.level} {one.id} {one.file}:{one.line} {one.params}" for one in findings)


def test_it_is_small(folder):
    assert sum(path.stat().st_size for path in folder.rglob("*") if "__pycache__" not in path.parts) <= MOST_BYTES


def test_the_readmes_say_the_same_in_both_languages(folder):
    english, chinese = readmes(folder)
    assert shape(english) == shape(chinese)
    numbers = [set(re.findall(r"\d+[.,]\d[\d.,]*\d|\d{3,}", text)) for text in (english, chinese)]
    assert numbers[0] == numbers[1]


def test_the_readmes_explain_every_column_and_every_class(folder):
    names = set()
    for path in folder.joinpath("public").glob("*.parquet"):
        names |= set(pl.read_parquet_schema(path))
    columns = challenges.load(folder).definition.submission.columns
    names |= {word for column in columns for word in (column.name, *column.classes)}
    for text in readmes(folder):
        known = set(re.findall(r"`([^`\n]+)`", text))
        spans = re.findall(r"`v(\d)` … `v(\d)`", text)
        known |= {f"v{number}" for low, high in spans for number in range(int(low), int(high) + 1)}
        assert names - known == set()


def test_the_code_in_both_readmes_is_the_same_program(folder):
    english, chinese = ([body for kind, body in FENCE.findall(text) if kind == "python"] for text in readmes(folder))
    assert [wordless(body) for body in english] == [wordless(body) for body in chinese] != []


def wordless(program: str) -> str:
    """A program without comments, layout, and the sentences that it prints."""
    tree = ast.parse(program)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and str(node.value).endswith((":", "：")):
            node.value = ""
    return ast.dump(tree)


def test_the_readme_names_licence_and_source(folder):
    data = challenges.load(folder).definition.data
    name = {"CC0-1.0": "CC0 1.0", "CC-BY-4.0": "CC BY 4.0", "MIT": "MIT"}[data.licence]
    for text in readmes(folder):
        assert name in text
        for address in re.findall(r"https?://[^\s,;:]+", data.source):
            assert address.rstrip(".") in text or "licence" in (folder / "public/LICENSE.txt").read_text()


def test_every_committed_baseline_has_a_title_and_a_maker(folder, script):
    baselines = script(folder.name, "baseline/baselines.py")
    expected = json.loads((folder / "expected.json").read_text())["baselines"]
    assert {one["path"] for one in expected} == {f"baseline/{path.name}" for path in folder.glob("baseline/*.csv")}
    assert {one["path"][len("baseline/") : -len(".csv")] for one in expected} <= set(baselines.BASELINES)
    assert list(baselines.TITLES) == list(baselines.BASELINES)
    assert all(titles["en"] and titles["zh"] for titles in baselines.TITLES.values())
    assert len(baselines.BASELINES) >= 4


def test_the_readmes_show_the_scores_of_the_committed_baselines(folder, script):
    titles = script(folder.name, "baseline/baselines.py").TITLES
    for language, text in zip(("en", "zh"), readmes(folder), strict=True):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "–" in line]
        shown = {row[0].casefold(): row[1::2] for row in rows}
        for one in json.loads((folder / "expected.json").read_text())["baselines"]:
            title = re.sub(r"^.*?[:：]\s*", "", titles[Path(one["path"]).stem][language])
            assert shown[title.casefold()] == [f"{both['public']:.4f}" for both in one["scores"].values()]


def test_teams_get_neither_answers_nor_the_way_they_were_drawn(folder, tmp_path):
    with zipfile.ZipFile(challenges.pack(folder, tmp_path).public) as archive:
        names = archive.namelist()
    assert "public/train.parquet" in "".join(names)
    assert [name for name in names if "answers" in name or "build.py" in name or "expected" in name] == []
