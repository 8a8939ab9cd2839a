"""Time two sides in one run, in turn, and print how they compare. Every program in this folder uses it.

    options = measure.options(__doc__)              # --quick, --runs
    spent = measure.in_turn({"ours": f, "peer": g}, runs=options.runs)
    measure.ratio("score.auc", ours=spent["ours"], peer=spent["peer"], goal=">= 4")

A goal ">= 4" says how many times less we spend than the peer (peer / ours); "<= 1.5" how many times more than a limit
(ours / peer). Time is CPU seconds of all threads, because machines are shared; the median of at least five runs.
"""

import argparse
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

FEWEST_RUNS = 5
_SHORTEST = 0.02  # seconds: a shorter piece of work is repeated until it takes this long


def options(description: str | None) -> argparse.Namespace:
    """The command line that all benchmarks share: `quick` (smaller data), `runs` (at least five)."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller data: seconds, not minutes")
    parser.add_argument("--runs", type=int, default=FEWEST_RUNS, help=f"runs of each side, at least {FEWEST_RUNS}")
    found = parser.parse_args()
    found.runs = max(found.runs, FEWEST_RUNS)
    return found


def in_turn(
    sides: Mapping[str, Callable[[], object]],
    *,
    runs: int = FEWEST_RUNS,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Seconds of each side: the median over `runs` rounds, in each of which every side runs. One round warms up."""
    repeats = {name: _repeats(work, clock) for name, work in sides.items()}
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, work in sides.items():
            start = clock()
            for _ in range(repeats[name]):
                work()
            spent[name].append((clock() - start) / repeats[name])
    return {name: statistics.median(times) for name, times in spent.items()}


def _repeats(work: Callable[[], object], clock: Callable[[], float]) -> int:
    work()
    start = clock()
    work()
    return max(1, round(_SHORTEST / max(clock() - start, 1e-7)))


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process cost, its own children included: CPU and wall seconds, peak memory in MB; and what it printed."""

    cpu: float
    wall: float
    memory: float
    output: str


def process(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Spent:
    """Run a process to its end; RuntimeError if it fails."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **(environment or {})}) as running:
        assert running.stdout is not None
        output = running.stdout.read().decode()
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"{command[0]} ended with {running.returncode}")
    return Spent(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024, output)


def processes_in_turn(commands: Mapping[str, Sequence[str]], *, runs: int = FEWEST_RUNS) -> dict[str, Spent]:
    """What each command costs: medians over `runs` rounds, in each of which every command runs; the last output."""
    spent: dict[str, list[Spent]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            spent[name].append(process(command))
    return {
        name: Spent(
            statistics.median(one.cpu for one in all_),
            statistics.median(one.wall for one in all_),
            statistics.median(one.memory for one in all_),
            all_[-1].output,
        )
        for name, all_ in spent.items()
    }


def ratio(name: str, *, ours: float, peer: float, goal: str, unit: str = "CPU-s") -> float:
    """Print the line that `make bench` collects, and return the ratio."""
    against_a_limit = goal.startswith("<=")
    found = ours / peer if against_a_limit else peer / ours
    side = "limit" if against_a_limit else "peer"
    print(f"RATIO {name} = {found:.3g} (goal {goal}; ours {ours:.3g} {unit}, {side} {peer:.3g} {unit})", flush=True)
    return found
