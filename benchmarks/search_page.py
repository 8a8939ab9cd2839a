"""The whole page of a search, asked of a real server over HTTP, and what a supplier's page compares: part of `search_speed`."""

import os
import socket
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

import measure
import numpy as np
from filled_exchange import SUPPLIER, build
from pages import SERVE, Running, ask, serving

from leaderboard.core.settings import Settings
from leaderboard.exchange.matches import index, search, standing, supplier
from leaderboard.exchange.relevance import Text

CHOSEN = {"sector": "energy", "modality": "table"}


def measured(said: Sequence[Text], needs: Sequence[str], by_database: Callable[[str, search.Asked], object]) -> None:
    """Prints what pages cost with and without words and facets, and how the dearest compares with the database alone."""
    with tempfile.TemporaryDirectory() as folder:
        resources = build(Settings(_env_file=None, data_dir=Path(folder)), said)
        with resources.read() as work:
            cpu = time.process_time()
            index.refresh(work)
            print(f"{len(said)} listings: the worker reads them and saves its index in {_since(cpu):.1f} CPU-s  ")
        resources.database.dispose()
        arguments = ("serve", "--port", "{port}", "--workers", "0")
        with serving(SERVE, *arguments, JIEBANG_DATA_DIR=folder, JIEBANG_LOG_LEVEL="WARNING") as server:
            _begin(server, len(said))
            words = [{"q": need} for need in needs]
            _told(server, "no words, no facets", [{}] * len(needs))
            _told(server, "two facets", [CHOSEN] * len(needs))
            _told(server, "words", words)
            ours = _told(server, "words and two facets", [one | CHOSEN for one in words])
            print(f"{len(said)} listings: the server holds {_memory(server):.0f} MB  ")
            server.process.kill()  # it only read, and would take long to let go of all that
    asked = search.Asked.of(CHOSEN)
    peer = []
    for need in needs:
        cpu = time.process_time()
        by_database(need, asked)
        peer.append(_since(cpu))
    measure.ratio(f"search_speed.page_{len(said)}", ours=ours, peer=float(np.median(peer)), goal=">= 1")


def supplied(said: Sequence[Text], needs: Sequence[Text]) -> None:
    """Prints what it costs to say which of so many open demands a supplier's listings fit. Peer: a search for every text."""
    with tempfile.TemporaryDirectory() as folder:
        resources = build(Settings(_env_file=None, data_dir=Path(folder)), said, needs)
        with resources.read() as work:
            shelf = index.refresh(work)
            own = [one for one in shelf.entries.values() if one.offer.organization_id in SUPPLIER.organization_ids]

            def fit(entry: index.Entry) -> list[supplier.Fit]:
                return list(supplier.fits(work, SUPPLIER, shelf, entry, blind=True))

            def each(entry: index.Entry) -> None:
                for one in standing.read(work, standing.others(work, entry.offer.organization_id)).values():
                    shelf.relevances(one.texts, among=[entry.offer.key])

            first, every = _spent(lambda: fit(own[0])), _spent(lambda: [fit(one) for one in own])
            told = f"{len(needs)} demands, {len(said)} listings: the first listing {first:.2f} CPU-s"
            print(
                f"{told}, then all {len(own)} of a supplier {every:.2f}, again {_spent(lambda: list(map(fit, own))):.2f}  "
            )
            ours = float(np.median([_spent(lambda: fit(own[0])) for _ in range(measure.FEWEST_RUNS)]))
            measure.ratio("search_speed.supplier", ours=ours, peer=_spent(lambda: each(own[0])), goal=">= 10")
        resources.database.dispose()


def _spent(work: Callable[[], object]) -> float:
    cpu = time.process_time()
    work()
    return _since(cpu)


def _since(cpu: float) -> float:
    return time.process_time() - cpu


def _begin(server: Running, size: int) -> None:
    """The first page makes the process read all listings."""
    cpu, wall = server.cpu(), time.perf_counter()
    _get(server, {})
    print(
        f"{size} listings: the first page of a server that has just started {time.perf_counter() - wall:.1f} s,"
        f" {server.cpu() - cpu:.1f} CPU-s  "
    )


def _told(server: Running, name: str, queries: Sequence[Mapping[str, str]]) -> float:
    """Prints how long pages took, each read once before; the server's mean CPU seconds."""
    for query in queries:
        _get(server, query)
    spent, cpu = [], server.cpu()
    for query in queries:
        wall = time.perf_counter()
        _get(server, query)
        spent.append((time.perf_counter() - wall) * 1000)
    each = (server.cpu() - cpu) / len(queries)
    print(
        f"page with {name}: p50 {np.percentile(spent, 50):.0f} ms, p95 {np.percentile(spent, 95):.0f} ms of wall time;"
        f" {each * 1000:.0f} ms of the server's CPU, {len(queries)} pages  "
    )
    return each


def _get(server: Running, query: Mapping[str, str]) -> None:
    request = f"GET /en/exchange?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        ask(connection, f"{request}Cookie: jiebang_session=nobody\r\n\r\n".encode(), 200)


def _memory(server: Running) -> float:
    """MB that the server's process holds."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20
