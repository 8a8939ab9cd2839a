"""The real check and compilation of packages, as the child runs it; the hostile ones are archives that anyone might send."""

import json
import stat
import zipfile
from pathlib import Path

import pytest

import challenges
from challenges.admission import Admission, definition_from_json
from challenges.run_package import check_and_compile
from leaderboard.accounts.actor import SYSTEM
from leaderboard.core.errors import Malformed, Refused
from leaderboard.core.work import Resources
from leaderboard.seasons import service, shelf, states
from tests.seasons import factories

SHIPPED = Path(challenges.__file__).parent / "shipped"
LIMITS = {"max_bytes": 100_000_000, "max_files": 500}

TOML = """
format = "jiebang/1"
slug = "coins"
version = "1.0.0"
kind = "prediction"
sector = "finance"
task = "binary-classification"
modality = ["table"]
[title]
en = "Coins"
zh = "硬币"
[summary]
en = "Heads or tails."
zh = "正面还是反面。"
[data]
licence = "CC0-1.0"
source = "Tossed by hand for this test."
personal = "{personal}"
[[data.files]]
path = "public/train.csv"
role = "train"
[[data.files]]
path = "public/test.csv"
role = "test"
[submission]
id = "toss"
[[submission.columns]]
name = "heads"
type = "probability"
[answers]
path = "answers/truth.csv"
truth = "heads"
split = {{ public = 0.5, seed = {seed} }}
[[scores]]
key = "auc"
metric = "roc_auc"
digits = {digits}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return coins(tmp_path / "coins")


def coins(folder: Path, *, personal: str = "none", seed: int = 1, digits: int = 4) -> Path:
    for name in ("public", "answers", "baseline"):
        (folder / name).mkdir(parents=True)
    (folder / "challenge.toml").write_text(TOML.format(personal=personal, seed=seed, digits=digits))
    (folder / "README.en.md").write_text("# Coins\n\nHeads or tails? See [the data](public/train.csv).\n")
    (folder / "README.zh.md").write_text("# 硬币\n\n正面还是反面?\n")
    rows = [(n, n * 7919 % 101, (n * 31 // 7) % 2) for n in range(200)]
    (folder / "public/train.csv").write_text("toss,spin,heads\n" + "".join(f"{n},{s},{h}\n" for n, s, h in rows[:100]))
    (folder / "public/test.csv").write_text("toss,spin\n" + "".join(f"{n},{s}\n" for n, s, _ in rows[100:]))
    (folder / "answers/truth.csv").write_text("toss,heads\n" + "".join(f"{n},{h}\n" for n, _, h in rows[100:]))
    baseline = "toss,heads\n" + "".join(f"{n},0.5\n" for n, _, _ in rows[100:])
    (folder / "baseline/constant.csv").write_text(baseline)
    expected = {
        "format": "jiebang-expected/1",
        "baselines": [{"path": "baseline/constant.csv", "scores": {"auc": {"public": 0.5, "private": 0.5}}}],
    }
    (folder / "expected.json").write_text(json.dumps(expected))
    return folder


def zipped(folder: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return to


def admitted(zip_path: Path, out: Path, **limits: int) -> Admission:
    out.mkdir()
    said = check_and_compile(zip_path, out, **{**LIMITS, **limits})
    assert Admission.parse((out / "report.json").read_bytes()) == said
    return said


def test_a_sound_package_is_compiled_and_its_public_part_taken_out(folder: Path, tmp_path: Path):
    said = admitted(zipped(folder, tmp_path / "a.zip"), tmp_path / "out")
    assert said.outcome == "ready", said.findings
    assert said.content is not None
    files = {file.path: file for file in said.content.files}
    assert sorted(files) == ["public/test.csv", "public/train.csv"]
    train = files["public/train.csv"]
    assert (train.role, train.rows) == ("train", 100)
    assert (tmp_path / "out" / train.stored).read_bytes() == (folder / "public/train.csv").read_bytes()
    assert train.preview is not None
    assert (train.preview.columns, len(train.preview.rows)) == (("toss", "spin", "heads"), 20)
    with zipfile.ZipFile(tmp_path / "out/public.zip") as archive:
        assert sorted(archive.namelist()) == ["README.en.md", "README.zh.md", "public/test.csv", "public/train.csv"]
    assert said.content.baselines[0].scores == {"auc": {"public": 0.5, "private": 0.5}}
    assert definition_from_json(said.content.definition) == challenges.load(folder).definition
    assert "plan.json" in said.content.prepared


def test_data_about_people_has_no_preview(tmp_path: Path):
    said = admitted(zipped(coins(tmp_path / "c", personal="personal"), tmp_path / "a.zip"), tmp_path / "out")
    assert said.content is not None
    assert all(file.preview is None and file.rows is None for file in said.content.files)


def test_the_scoring_digest_follows_what_scores_and_places_come_from(tmp_path: Path):
    def digest(name: str, change=lambda _folder: None, **said: int) -> str:
        folder = coins(tmp_path / name, **said)
        change(folder)
        content = admitted(zipped(folder, tmp_path / f"{name}.zip"), tmp_path / f"{name}-out").content
        assert content is not None
        return content.scoring_digest

    same = digest("a")
    assert digest("b", lambda f: (f / "README.en.md").write_text("# Coins\n\nOther words.\n")) == same
    assert digest("c", seed=2) != same
    assert digest("d", digits=3) != same

    def flipped(folder: Path) -> None:
        lines = (folder / "answers/truth.csv").read_text().splitlines()
        lines[7] = lines[7][:-1] + str(1 - int(lines[7][-1]))
        (folder / "answers/truth.csv").write_text("\n".join(lines) + "\n")

    assert digest("e", flipped) != same


def test_all_faults_come_at_once_with_their_places(folder: Path, tmp_path: Path):
    toml = folder / "challenge.toml"
    toml.write_text(toml.read_text().replace('sector = "finance"', 'sector = "finanze"').replace("[title]", "[titel]"))
    said = admitted(zipped(folder, tmp_path / "a.zip"), tmp_path / "out")
    assert said.outcome == "refused"
    assert {(finding.key, finding.line) for finding in said.findings} >= {("titel", 9), ("sector", 6)}
    assert {finding.params.get("nearest") for finding in said.findings} >= {"title", "finance"}


def crafted(path: Path, *entries: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def link(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("challenge.toml")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return path


def bomb(path: Path) -> Path:
    return crafted(path, *((f"public/{n}.bin", b"\0" * 30_000_000) for n in range(5)))


def lying(path: Path) -> Path:
    """Says of a large member that it is small."""
    crafted(path, ("challenge.toml", b"\0" * 50_000_000))
    data = bytearray(path.read_bytes())
    for marker, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = data.index(marker) + at
        data[place : place + 4] = (10).to_bytes(4, "little")
    path.write_bytes(data)
    return path


HOSTILE = {
    "not a zip": lambda path: path.write_bytes(b"GIF89a") and path,
    "empty": lambda path: path.write_bytes(b"") or path,
    "cut short": lambda path: (
        path.write_bytes(crafted(path, ("challenge.toml", b"x" * 5000)).read_bytes()[:-30]) and path
    ),
    "climbs out": lambda path: crafted(path, ("../../evil.txt", b"x"), ("challenge.toml", b"")),
    "absolute": lambda path: crafted(path, ("/tmp/evil.txt", b"x"), ("challenge.toml", b"")),
    "backslashes": lambda path: crafted(path, ("..\\evil.txt", b"x"), ("challenge.toml", b"")),
    "link": link,
    "bomb": bomb,
    "lies about size": lying,
    "many files": lambda path: crafted(path, *((f"public/{n}", b"") for n in range(600))),
    "no definition": lambda path: crafted(path, ("README.md", b"hello")),
    "definition is no text": lambda path: crafted(path, ("challenge.toml", b"\xff\xfe\x00")),
    "definition nests deep": lambda path: crafted(path, ("challenge.toml", b"a = " + b"[" * 50_000)),
    "pickle": lambda path: crafted(path, ("challenge.toml", b"cos\nsystem\n(S'touch /tmp/pwned'\ntR.")),
}


@pytest.mark.hostile
@pytest.mark.parametrize("attack", HOSTILE, ids=list(HOSTILE))
def test_a_hostile_archive_is_refused_with_a_sentence(attack: str, tmp_path: Path):
    path = HOSTILE[attack](tmp_path / "a.zip")
    said = admitted(path, tmp_path / "out", max_bytes=40_000_000)
    assert said.outcome == "refused"
    assert all(finding.id in challenges.messages.MESSAGES for finding in said.findings)
    assert not (tmp_path / "evil.txt").exists()
    assert not (tmp_path / "out/public.zip").exists()


# Posting from a folder


def test_a_folder_is_posted_the_way_every_package_goes(resources: Resources, folder: Path):
    with resources.write() as work:
        _, unit = factories.organizer(work)
        span = shelf.Span(work.now, work.now.replace(year=2027))
        posted = shelf.post_from_folder(work, SYSTEM, folder, organization_id=unit, span=span)
        assert posted.state == "posted"
        assert service.status_of(work, posted, work.now) in states.ACCEPTING
        package = service.package_in_force(work, posted)
        assert (service.prepared_folder(work, package) / "plan.json").is_file()
        (phase,) = service.phases(work, posted.id or 0)
        assert (phase.opens_at, phase.closes_at) == (span.opens_at, span.closes_at)


def test_a_folder_with_errors_is_refused_with_all_findings(resources: Resources, folder: Path):
    (folder / "answers/truth.csv").write_text("toss,heads\n1,1\n")
    with resources.write() as work:
        _, unit = factories.organizer(work)
        with pytest.raises(Malformed) as refused:
            shelf.post_from_folder(work, SYSTEM, folder, organization_id=unit)
        assert refused.value.findings


def test_posting_a_folder_twice_is_refused(resources: Resources, folder: Path):
    with resources.write() as work:
        _, unit = factories.organizer(work)
        shelf.post_from_folder(work, SYSTEM, folder, organization_id=unit)
        with pytest.raises(Refused, match="slug_taken"):
            shelf.post_from_folder(work, SYSTEM, folder, organization_id=unit)
