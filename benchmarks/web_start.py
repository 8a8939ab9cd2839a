"""What the web process costs to start: the libraries of scoring must not be in it.

Ours imports the application and builds it; the peer does the same after importing what a platform commonly has at the top
of its modules (pandas and scikit-learn's metrics). The limit is the web stack alone: FastAPI, SQLModel, Jinja2, uvicorn.
That none of the heavy libraries is loaded is checked, not only timed.
"""

import sys

import measure

HEAVY = ("pandas", "sklearn", "polars", "pyarrow", "scipy", "numpy")
BUILD = """
import sys, tempfile
from pathlib import Path
from leaderboard import wiring
from leaderboard.app import create_app
from leaderboard.core.settings import Settings
with tempfile.TemporaryDirectory() as folder:
    resources = wiring.build(Settings(_env_file=None, data_dir=Path(folder)))
    create_app(resources)
    resources.database.dispose()
"""
LOADED = f"print(' '.join(sorted(set({HEAVY!r}) & set(sys.modules))))"
STACK = "import fastapi, sqlmodel, jinja2, uvicorn, uvloop, httptools, alembic.command, babel.messages.pofile, nh3, structlog"


def main() -> None:
    asked = measure.options(__doc__)
    commands = {
        "ours": [sys.executable, "-c", BUILD + LOADED],
        "eager": [sys.executable, "-c", f"import pandas, sklearn.metrics\n{BUILD}"],
        "stack": [sys.executable, "-c", STACK],
    }
    spent = measure.processes_in_turn(commands, runs=asked.runs)
    loaded = spent["ours"].output.split()
    print(f"heavy libraries loaded by the web process: {', '.join(loaded) or 'none'} (looked for: {', '.join(HEAVY)})")
    if loaded:
        sys.exit("the web process loads what only scoring needs")
    ours, eager, stack = spent["ours"], spent["eager"], spent["stack"]
    measure.ratio("web_start.cpu", ours=ours.cpu, peer=eager.cpu, goal=">= 1.5")
    measure.ratio("web_start.memory", ours=ours.memory, peer=eager.memory, goal=">= 1.5", unit="MB")
    measure.ratio("web_start.cpu_against_stack", ours=ours.cpu, peer=stack.cpu, goal="<= 2")


if __name__ == "__main__":
    main()
