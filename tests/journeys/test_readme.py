"""Every command of both READMEs is executed, in the order in which a reader would, against a real demo."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ADDRESS = "http://127.0.0.1:8000"

SHOWN = ("flight-delays", "shuttle-anomalies", "fashion-items", "review-annotation", "low-flight-weather")
"""One challenge of each kind, and those that the READMEs name; all of them would take many minutes on a small machine."""

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def commands(name: str) -> list[str]:
    text = (ROOT / name).read_text()
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@dataclass
class Demo:
    url: str
    folder: Path
    output: Path
    environment: dict[str, str]

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """As typed into a shell, with the demo's address for the usual one."""
        return subprocess.run(
            ["bash", "-c", command.replace(ADDRESS, self.url)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )


def started(folder: Path, port: int, output: Path, *more: str) -> "subprocess.Popen[bytes]":
    command = [str(BIN / "jiebang"), "demo", "--port", str(port), "--data", str(folder / "demo"), *more]
    with output.open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C.UTF-8"})


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("readme")
    port, output = free_port(), folder / "demo.txt"
    process = started(folder, port, output, *(word for slug in SHOWN for word in ("--only", slug)))
    deadline = time.monotonic() + 900
    while "until you press Ctrl-C" not in output.read_text():
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.5)
    accounts = json.loads((folder / "demo" / "demo.json").read_text())
    environment = {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "LC_ALL": "C.UTF-8",
        "JIEBANG_LANG": "en",
        "JIEBANG_PASSWORD": accounts["participant"]["password"],
        "JIEBANG_DATA_DIR": str(folder / "production"),
    }
    yield Demo(f"http://127.0.0.1:{port}", folder, output, environment)
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 0, output.read_text()


def test_both_languages_have_the_same_commands():
    assert commands("README.md") == commands("README.zh.md")
    assert len(commands("README.md")) > 15


def test_the_demo_has_ranked_baselines_on_every_board(demo):
    for slug in SHOWN:
        rows = httpx.get(f"{demo.url}/api/v1/challenges/{slug}/board", timeout=120).json()["rows"]
        assert len(rows) >= 4, slug
        assert [row["place"] for row in rows] == sorted(row["place"] for row in rows)
        assert rows[-1]["score"] < rows[0]["score"]  # the constant is below what has learned
    said = demo.output.read_text()
    assert demo.url in said
    for name in ("operator", "organizer", "participant"):
        assert f"{name}@demo.example" in said


def test_the_demo_offers_what_its_own_teams_have_made_with_measured_quality(demo):
    made = json.loads((demo.folder / "demo" / "exchange.json").read_text())
    offered = httpx.get(
        f"{demo.url}/api/v1/listings/{made['listings']['season:low-flight-weather']}", timeout=120
    ).json()
    assert offered["state"] == "listed"
    (found,) = offered["document"]["evidence"]
    assert found["version"] == offered["document"]["version"]
    assert found["grade"]["value"]
    card = httpx.get(f"{demo.url}/api/v1/datasets/{offered['dataset']}", timeout=120)
    assert card.is_success


def test_every_command_does_what_it_says(demo):
    """Those that make or install something are looked at without doing it twice: CI itself runs them."""
    for command in commands("README.md"):
        if command.startswith("make "):
            shown = subprocess.run(
                ["make", "-n", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=True
            )
            assert "jiebang demo" in shown.stdout or "pytest" in shown.stdout
        elif command == "pip install .":
            assert (ROOT / "pyproject.toml").exists()  # tests/packaging builds and installs the wheel
        elif command == "jiebang serve":
            serve(demo)
        elif command.startswith("jiebang login"):
            done = demo.run(f"{command} --email participant@demo.example")
            assert done.returncode == 0, done.stderr
        elif command == "jiebang doctor":
            done = demo.run("jiebang migrate && jiebang doctor")
            assert "✗" not in done.stdout, done.stdout
        else:
            done = demo.run(command)
            assert done.returncode == 0, (command, done.stdout, done.stderr)


def serve(demo: Demo) -> None:
    port = free_port()
    process = subprocess.Popen(
        [str(BIN / "jiebang"), "serve", "--port", str(port)],
        cwd=demo.folder,
        env=demo.environment,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 240
        while True:
            try:
                assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
                break
            except httpx.TransportError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    assert process.returncode == 0


def test_a_second_demo_on_a_taken_port_is_refused(demo, tmp_path):
    output = tmp_path / "second.txt"
    process = started(tmp_path, int(demo.url.rsplit(":", 1)[1]), output)
    assert process.wait(120) == 1
    assert "is in use" in output.read_text()


def test_a_demo_never_clears_a_folder_that_is_not_its_own(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("precious")
    output = tmp_path / "out.txt"
    assert started(tmp_path, free_port(), output, "--fresh").wait(60) == 1
    assert (tmp_path / "demo" / "thesis.txt").read_text() == "precious"
