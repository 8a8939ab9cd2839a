"""What the house promises about its own code, held by machine."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("scoring", "challenges", "leaderboard")
PRIVATE_READERS = {
    "leaderboard/submissions/models.py",
    "leaderboard/submissions/recording.py",
    "leaderboard/rankings/final.py",
}
"""Who may name private scores: where the table is, where they are written, and the final standing."""


def modules() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if "versions" not in parts and "shipped" not in parts and "starter" not in parts:
                yield path


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_rooms_keep_their_order():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_modules_and_functions_stay_readable():
    long = []
    for path in modules():
        text = path.read_text()
        lines = text.count("\n")
        if lines > 600:
            long.append(f"{named(path)}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > 80:
                    long.append(f"{named(path)}:{node.lineno} {node.name}: {length} lines")
    assert long == []


def test_private_scores_are_named_in_three_modules_only():
    readers = {named(path) for path in modules() if re.search(r"\bPrivateScore\b|private_score\b", path.read_text())}
    assert readers == PRIVATE_READERS


@pytest.mark.slow
def test_nobody_commits_but_the_edge():
    edge = {"leaderboard/core/database.py", "leaderboard/migrations/env.py"}
    found = [
        f"{named(path)}:{node.lineno}"
        for path in modules()
        if named(path) not in edge
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert found == []


def test_colours_are_in_the_tokens_only():
    hexes = re.compile(r"#[0-9A-Fa-f]{3,8}\b")
    css = (ROOT / "leaderboard/ui/static/app.css").read_text()
    tokens = css[css.index("@layer tokens {") :]
    tokens = tokens[: tokens.index("@layer base {")]
    outside = css.replace(tokens, "")
    assert [found for found in hexes.findall(outside) if len(found) in {4, 7, 9}] == []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = re.sub(r"""(href|id|for)="[^"]*"|&#\d+;|['"]#[^'"]*['"]""", "", path.read_text())
        assert hexes.findall(text) == [], path


def test_no_promises_are_left_in_the_code():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    found = [
        f"{named(path)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def test_no_module_is_a_grab_bag():
    bad = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [named(path) for path in modules() if path.stem in bad] == []


@pytest.mark.system
def test_the_web_process_starts_without_what_scoring_needs():
    heavy = {"pandas", "sklearn", "polars", "pyarrow", "scipy", "numpy"}
    program = (
        "import sys\n"
        "from leaderboard import wiring\n"
        "from leaderboard.app import create_app\n"
        "from leaderboard.core.settings import Settings\n"
        "import tempfile, pathlib\n"
        "held = wiring.build(Settings(_env_file=None, data_dir=pathlib.Path(tempfile.mkdtemp())))\n"
        "app = create_app(held)\n"
        "app.openapi()\n"
        f"print(sorted({heavy!r} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.system
def test_importing_a_room_does_nothing():
    """No output, no threads, no files: importing is reading."""
    program = (
        "import threading, os, sys\n"
        "before = set(os.listdir('.'))\n"
        "import leaderboard.app, leaderboard.worker, leaderboard.cli, challenges, scoring\n"
        "print(threading.active_count(), set(os.listdir('.')) - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], cwd=ROOT / "docs", capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("1 set()", "")
