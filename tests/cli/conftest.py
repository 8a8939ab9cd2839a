"""The command ``jiebang`` as people run it: a process of its own, nothing shared with the test but files and ports."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.client.conftest import site, token
from tests.submissions.conftest import executor, real_time, stage, start_worker

__all__ = ["executor", "real_time", "site", "stage", "start_worker", "token"]

COMMAND = Path(sys.executable).with_name("jiebang")


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


@dataclass(frozen=True)
class Jiebang:
    """Runs verbs in a folder of the test's own."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: object, **environment: str) -> Said:
        done = subprocess.run(
            [COMMAND, *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            env={**self.environment, **environment},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**self.environment, **environment},
            cwd=self.folder,
        )


@pytest.fixture
def jiebang(tmp_path: Path) -> Jiebang:
    folder = tmp_path / "cli"
    folder.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    environment = {
        **kept,
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "JIEBANG_LANG": "en",
        "JIEBANG_DATA_DIR": str(folder / "var"),
        "PYTHONUTF8": "1",
        "COLUMNS": "160",
    }
    return Jiebang(folder, environment)
