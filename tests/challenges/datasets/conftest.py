"""Small datasets made on the spot, handed in as a folder and as a zip; every finding that comes up must have its sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from challenges.datasets import Bundle, DatasetRefused, Limits, open_dataset
from challenges.findings import Finding
from tests.challenges.datasets.handed import Counter, as_bytes, checked


@pytest.fixture(params=["folder", "zip"])
def counter(request: pytest.FixtureRequest, tmp_path: Path) -> Counter:
    return Counter(tmp_path, request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Counter:
    return Counter(tmp_path, "folder")


@pytest.fixture
def open_file(tmp_path: Path) -> Callable[..., Bundle]:
    """Opens a single file."""

    def open_it(name: str, data: bytes | str, limits: Limits | None = None) -> Bundle:
        path = tmp_path / "upload"
        path.write_bytes(as_bytes(data))
        bundle = open_dataset(path, name=name, limits=limits)
        checked(bundle.findings)
        return bundle

    return open_it


@pytest.fixture
def refuse_file(tmp_path: Path) -> Callable[..., tuple[Finding, ...]]:
    """A single file that must not be opened: why."""

    def refuse(name: str, data: bytes | str, limits: Limits | None = None) -> tuple[Finding, ...]:
        path = tmp_path / "upload"
        path.write_bytes(as_bytes(data))
        with pytest.raises(DatasetRefused) as refusal:
            open_dataset(path, name=name, limits=limits)
        return checked(refusal.value.findings)

    return refuse
