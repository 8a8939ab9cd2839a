"""Citations."""

from leaderboard.datasets import described
from leaderboard.datasets.models import DatasetVersion
from tests.conftest import NOON


def test_bibtex_escapes_what_tex_would_run():
    version = DatasetVersion(number=1, sha256="ab" * 32, created_at=NOON)
    entry = described.bibtex("a", "\\input{x}", "50% & #1_{x}", "https://a.example/en/datasets/a", version, NOON)
    assert "\\input" not in entry
    assert "50\\% \\& \\#1\\_\\{x\\}" in entry
    assert entry.startswith("@misc{a-v1,")


def test_only_what_spdx_lists_has_an_address():
    assert described.licence_address("CC-BY-4.0") == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert described.licence_address("LicenseRef-OpenSky-Network") is None
    assert described.licence_address("") is None
