"""The wheel, installed far from the checkout, has everything that it needs: templates, styles, migrations, challenges."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built without a network: the backend is part of the development environment."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", out, ROOT]
    subprocess.run(command, check=True, timeout=300)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A fresh environment with the wheel; the libraries are those of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    # uv, since pip would first remove this checkout from the environment that runs the tests.
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", folder / "bin" / "python", wheel]
    subprocess.run(command, check=True, timeout=300)
    # After the wheel's own folder, so that the checkout, which is installed there for editing, is never reached first.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def run(program: Path, *arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=cwd,
        env={**kept, "HOME": str(cwd), "JIEBANG_LANG": "en", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


def test_it_holds_what_is_needed_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"leaderboard", "scoring", "challenges"}
    for needed in (
        "leaderboard/ui/templates/base.html",
        "leaderboard/ui/static/",
        "leaderboard/migrations/versions/",
        "leaderboard/translations/zh_Hans/ui.po",
        "challenges/shipped/flight-delays/challenge.toml",
        "leaderboard/cli/demo_exchange/listings.toml",
    ):
        assert any(name.startswith(needed) for name in names), needed
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_the_code_is_the_wheels(installed, tmp_path):
    found = run(installed / "python", "-c", "import leaderboard; print(leaderboard.__file__)", cwd=tmp_path)
    assert Path(found.stdout.strip()).is_relative_to(installed.parent), found.stdout + found.stderr


def test_a_shipped_challenge_is_sound(installed, tmp_path):
    script = "import challenges; from pathlib import Path; print(Path(challenges.__file__).parent / 'shipped')"
    shipped = Path(run(installed / "python", "-c", script, cwd=tmp_path).stdout.strip())
    checked = run(installed / "jiebang", "challenge", "check", shipped / "flight-delays", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_it_serves_pages_and_styles_from_anywhere(installed, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "JIEBANG_DATA_DIR": str(tmp_path / "var")}
    command = [installed / "jiebang", "serve", "--port", str(port), "--workers", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
                page = until_it_answers(client, server)
                assert page.status_code == 200
                styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
                assert styles
                assert client.get(styles[0]).headers["content-type"].startswith("text/css")
                assert client.get("/zh/help/scoring").status_code == 200
        finally:
            server.terminate()
            server.wait(120)


def until_it_answers(client: httpx.Client, server: subprocess.Popen[bytes]) -> httpx.Response:
    for _ in range(2400):
        with contextlib.suppress(httpx.TransportError):
            return client.get("/en/")
        assert server.poll() is None
        time.sleep(0.1)
    raise AssertionError("the server did not start")
