"""The packages with predictions that are shipped; those with datasets and labels are in `tests/challenges/test_shipped_datasets.py`."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

import challenges

SHIPPED = Path(challenges.__file__).parent / "shipped"
SLUGS = sorted(slug for slug in challenges.SHIPPED if challenges.load(SHIPPED / slug).definition.kind == "prediction")


@pytest.fixture
def folders() -> list[Path]:
    """All packages with predictions."""
    return [SHIPPED / slug for slug in SLUGS]


@pytest.fixture(params=SLUGS)
def folder(request) -> Path:
    """Each of them in turn."""
    return SHIPPED / request.param


@pytest.fixture
def table() -> Callable[[str, str], pl.DataFrame]:
    """Reads a data file of a package."""

    def read(slug: str, path: str) -> pl.DataFrame:
        return pl.read_csv(SHIPPED / slug / path) if path.endswith(".csv") else pl.read_parquet(SHIPPED / slug / path)

    return read


@pytest.fixture
def script() -> Callable[[str, str], ModuleType]:
    """Loads a script of a package as a module; its folder is no Python package."""

    def load(slug: str, path: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"shipped_{Path(path).stem}", SHIPPED / slug / path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
