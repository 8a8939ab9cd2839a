"""Files of a package: named and there, briefs whose links lead somewhere, a digest that depends on nothing else."""

import hashlib
import os
import shutil
import subprocess
import sys

import pytest

import challenges
from challenges import contents
from challenges.findings import PackageRefused
from challenges.package import examine


def found(folder, level="error"):
    try:
        challenges.load(folder)
    except PackageRefused as refused:
        return [(finding.id, finding.file, finding.line) for finding in refused.findings if finding.level == level]
    return []


def test_a_sound_package_loads(package):
    loaded = challenges.load(package)
    assert loaded.definition.slug == "late-trains"
    assert loaded.readme("zh").startswith("# 列车")
    assert loaded.digest == challenges.load(package).digest
    assert len(loaded.digest) == 64


def test_the_digest_is_what_sha256sum_makes_of_it(package):
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(package).as_posix()}\n"
        for path in sorted(package.rglob("*"), key=lambda path: path.relative_to(package).as_posix())
        if path.is_file()
    ]
    assert challenges.load(package).digest == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_digest_depends_on_bytes_and_names_only(package, tmp_path):
    before = challenges.load(package).digest
    copy = tmp_path / "copied in another order"
    copy.mkdir()
    for path in sorted(package.rglob("*"), reverse=True):
        target = copy / path.relative_to(package)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            shutil.copyfile(path, target)
            os.utime(target, (1, 1))
    (copy / ".git").mkdir()
    (copy / ".git/config").write_text("not part of it")
    (copy / "__pycache__").mkdir()
    assert challenges.load(copy).digest == before
    (copy / "public/test.csv").rename(copy / "public/tests.csv")
    assert contents.survey(copy).digest() != before
    (copy / "public/tests.csv").rename(copy / "public/test.csv")
    with (copy / "public/test.csv").open("a") as file:
        file.write(" ")
    assert challenges.load(copy).digest != before


@pytest.mark.parametrize(
    ("path", "message", "key"),
    [
        ("public/test.csv", "package.file_missing", "data.files[1].path"),
        ("answers/arrivals.csv", "package.file_missing", "answers.path"),
    ],
)
def test_a_file_that_is_named_must_be_there(package, path, message, key):
    (package / path).unlink()
    with pytest.raises(PackageRefused) as refused:
        challenges.load(package)
    (finding,) = [finding for finding in refused.value.findings if finding.level == "error"]
    assert (finding.id, finding.key) == (message, key)
    assert path in (package / "challenge.toml").read_text().split("\n")[finding.line - 1]


def test_an_empty_file_is_no_file(package):
    (package / "public/test.csv").write_text("")
    assert [message for message, *_ in found(package)] == ["package.file_empty"]


def test_a_folder_of_files_counts_when_something_is_in_it(package):
    text = (package / "challenge.toml").read_text("utf-8").replace('"public/test.csv"', '"public/raw/"')
    (package / "challenge.toml").write_text(text, "utf-8")
    assert [message for message, *_ in found(package)] == ["package.folder_missing"]
    (package / "public/raw").mkdir()
    (package / "public/raw/a.bin").write_bytes(b"1")
    assert found(package) == []


def test_there_must_be_a_package(tmp_path):
    assert found(tmp_path / "nowhere")[0][0] == "package.no_folder"
    assert found(tmp_path) == [("package.no_definition", "challenge.toml", None)]
    (tmp_path / "challenge.toml").write_bytes(b"#" * 300_000)
    assert found(tmp_path) == [("package.toml_too_large", "challenge.toml", None)]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_and_pipes_are_no_part_of_a_package(package, tmp_path):
    (tmp_path / "secret").write_text("x")
    (package / "public/link.csv").symlink_to(tmp_path / "secret")
    (package / "public/folder").symlink_to(tmp_path)
    os.mkfifo(package / "public/pipe")
    assert found(package) == [
        ("package.file_is_link", "public/folder", None),
        ("package.file_is_link", "public/link.csv", None),
        ("package.file_is_special", "public/pipe", None),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="the names cannot be made elsewhere")
def test_names_that_other_systems_cannot_hold_are_refused(package):
    (package / "public/a:b.csv").write_text("x")
    (package / "public/TEST.csv").write_text("x")
    assert [(message, file) for message, file, _ in found(package)] == [
        ("package.file_name", "public/a:b.csv"),
        ("package.file_same_name", "public/test.csv"),
    ]


def test_files_that_nobody_asked_for_are_worth_a_word(package):
    (package / "public/notes.txt").write_text("x")
    (package / "answers/old.csv").write_text("x")
    (package / "metric.py").write_text("def metric(): ...")
    _, findings = examine(package)
    warnings = {(finding.id, finding.file) for finding in findings if finding.level == "warning"}
    assert warnings == {
        ("package.file_unlisted", "public/notes.txt"),
        ("package.answers_unread", "answers/old.csv"),
        ("package.no_expected", "expected.json"),
    }
    assert found(package) == [("package.metric_py_not_yet", "metric.py", None)]


BRIEF = """\
# Trains

[site](https://example.org/a.csv), [mail](mailto:a@b.c), [below](#data), [the other](README.zh.md)
![picture](public/%E5%9B%BE.png) and <img src="public/missing.png">

| file |
| --- |
| [data](public/tset.csv) |

[ref]

```
[not a link](public/none.csv)
```

[ref]: answers/arrivals.csv
"""


def test_links_lead_to_what_teams_can_see(package):
    (package / "public/图.png").write_bytes(b"png")
    (package / "README.en.md").write_text(BRIEF, "utf-8")
    assert found(package) == [
        ("package.link_broken", "README.en.md", 4),
        ("package.link_broken_near", "README.en.md", 8),
        ("package.link_not_public", "README.en.md", 10),
    ]


@pytest.mark.parametrize(
    "link", ["../outside.md", "/etc/passwd", "public/../answers/arrivals.csv", "baseline/constant.csv"]
)
def test_links_cannot_leave_what_is_public(package, link):
    (package / "README.en.md").write_text(f"# Trains\n\n[x]({link})\n", "utf-8")
    assert found(package) == [("package.link_not_public", "README.en.md", 3)]


def test_briefs_are_there_and_readable_in_both_languages(package):
    (package / "README.zh.md").unlink()
    (package / "README.en.md").write_bytes(b"ok\n\xff\n")
    assert found(package) == [
        ("package.not_utf8", "README.en.md", 2),
        ("package.readme_missing", "README.zh.md", None),
    ]
    (package / "README.zh.md").write_text(" \n", "utf-8")
    (package / "README.en.md").write_text("x" * (1 << 20) + "xx")
    assert found(package) == [
        ("package.readme_too_long", "README.en.md", None),
        ("package.readme_blank", "README.zh.md", None),
    ]


def test_showing_definitions_loads_no_table_library():
    code = (
        "import sys, challenges, challenges.definition, challenges.report, challenges.messages, challenges.reading, "
        "challenges.rules, challenges.writing, challenges.package; challenges.load; "
        "print([m for m in ('numpy', 'polars', 'pandas', 'pyarrow', 'sklearn', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_exported_is_there():
    assert sorted(challenges.__all__, key=str.lower) == sorted(set(challenges.__all__), key=str.lower)
    for name in challenges.__all__:
        assert getattr(challenges, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = challenges.nothing
    for verb in challenges._HOME:
        assert not hasattr(sys.modules.get(f"challenges.{verb}"), "__file__"), f"a module hides the verb {verb}"


def test_the_shipped_packages_are_those_in_the_folder():
    folder = contents.Path(challenges.__file__).parent / "shipped"
    assert {*challenges.SHIPPED, *challenges.BUILT} == {path.parent.name for path in folder.glob("*/challenge.toml")}
