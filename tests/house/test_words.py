"""Both languages, everywhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from leaderboard.core.settings import Settings
from leaderboard.translations.__main__ import faults

ROOT = Path(__file__).parents[2]


def test_every_sentence_is_in_both_languages():
    assert [str(fault) for fault in faults()] == []


def test_chinese_sentences_of_pages_have_no_typed_spaces_before_latin_words():
    """Browsers put that space there themselves; a terminal does not, so its sentences type it."""
    typed = re.compile(r"[\u4e00-\u9fff] [A-Za-z0-9{]|[A-Za-z0-9}] [\u4e00-\u9fff]")
    for path in (ROOT / "leaderboard" / "translations" / "zh_Hans").glob("*.po"):
        if path.stem != "cli":
            said = [line for line in path.read_text().splitlines() if line.startswith(("msgstr", '"'))]
            assert [line for line in said if typed.search(line)] == [], path.name


@pytest.mark.system
def test_the_reference_pages_are_those_of_the_code():
    done = subprocess.run(
        [sys.executable, "-m", "leaderboard.cli", "docs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_is_documented_and_they_are_few():
    page = (ROOT / "docs/reference/settings.md").read_text()
    fields = Settings.model_fields
    assert len(fields) <= 40
    assert [
        name for name, field in fields.items() if not field.description or f"JIEBANG_{name.upper()}`" not in page
    ] == []


def test_links_in_the_documents_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, target) for page in pages for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())]
    assert links
    assert [f"{page.name}: {to}" for page, to in links if "://" not in to and not (page.parent / to).exists()] == []
