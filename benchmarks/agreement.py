"""A million labels: agreement with its interval, and consensus by Dawid and Skene, against plain ways to the same numbers.

Peers: the `krippendorff` package on its smallest input, the table of items × classes (items × annotators would not fit), for the
bare α; a bootstrap over items with it (two resamples are run and scaled up to a thousand, which is said) for the interval;
the consensus as the paper has it, written plainly with pandas (join and group by) and with dense NumPy (`np.add.at`), same rounds.
Limit: one stable sort of a million keys. Then, untimed, what the numbers are worth: planted truth, copies and coverage.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: one thread for both sides

import krippendorff
import measure
import numpy as np
import pandas as pd

from scoring.agreement.annotators import profile
from scoring.agreement.coefficients import krippendorff_alpha
from scoring.agreement.collusion import shared_mistakes
from scoring.agreement.consensus import dawid_skene, majority
from scoring.agreement.labels import Labels
from scoring.agreement.simulate import (
    average,
    biased,
    careful,
    constant,
    copying,
    guessing,
    hasty,
    simulate,
)

CLASSES, PER_ITEM, ROUNDS, RESAMPLES = 10, 5, 5, 1000
NEARLY_NONE = 1e-3  # labels added to every cell of a confusion matrix, so that none is impossible
Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def draw(items: int, annotators: int) -> tuple[np.ndarray, Rows]:
    """Annotators who are right with 40 to 95 %; each item goes to five, rows in random order."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, CLASSES, items)
    item = np.repeat(np.arange(items), PER_ITEM)
    start = rng.integers(0, annotators, items)
    who = (
        (start[:, None] + np.arange(PER_ITEM) * rng.integers(1, annotators // PER_ITEM, items)[:, None]) % annotators
    ).ravel()
    right = rng.random(len(item)) < rng.uniform(0.4, 0.95, annotators)[who]
    label = np.where(right, truth[item], rng.integers(0, CLASSES, len(item)))
    order = rng.permutation(len(item))
    return truth, (item[order], who[order], label[order])


def value_counts(item: np.ndarray, label: np.ndarray) -> np.ndarray:
    return np.bincount(item * CLASSES + label, minlength=(item.max() + 1) * CLASSES).reshape(-1, CLASSES)


def compare_alpha(rows: Rows, runs: int) -> None:
    item, _, label = rows
    counts = value_counts(item, label)
    picks = np.random.default_rng(5).integers(0, len(counts), (2, len(counts)))

    def resample_twice() -> None:
        for pick in picks:
            krippendorff.alpha(value_counts=counts[pick], level_of_measurement="nominal")

    def peer() -> float:
        return krippendorff.alpha(value_counts=value_counts(item, label), level_of_measurement="nominal")

    ours = krippendorff_alpha(Labels.from_rows(*rows))
    assert abs(ours.value - peer()) < 1e-12
    keys = item * 2000 + rows[1]
    spent = measure.in_turn(
        {
            "ours": lambda: krippendorff_alpha(Labels.from_rows(*rows)),
            "peer": peer,
            "bootstrap": resample_twice,
            "sort": lambda: np.argsort(keys, kind="stable"),
        },
        runs=runs,
    )
    print(
        f"α of {len(item)} labels: {ours.value:.5f} from {ours.low:.5f} to {ours.high:.5f}; checks and sorting of rows included"
    )
    measure.ratio("agreement.alpha.point", ours=spent["ours"], peer=spent["peer"], goal=">= 1")
    loop = spent["bootstrap"] / len(picks) * RESAMPLES
    measure.ratio("agreement.alpha.bootstrap", ours=spent["ours"], peer=loop, goal=">= 500")
    measure.ratio("agreement.alpha.sort", ours=spent["ours"], peer=spent["sort"], goal="<= 5")


def dense_consensus(rows: Rows, annotators: int) -> np.ndarray:
    """Dawid and Skene with dense confusion matrices and one pass over the labels for each step."""
    item, who, label = rows
    posterior = value_counts(item, label) / PER_ITEM
    for _ in range(ROUNDS):
        counts = np.full((annotators, CLASSES, CLASSES), NEARLY_NONE)  # annotator, said, true
        np.add.at(counts, (who, label), posterior[item])
        confusion = np.log(counts / counts.sum(axis=1, keepdims=True))
        logs = np.tile(np.log(posterior.mean(axis=0)), (len(posterior), 1))
        np.add.at(logs, item, confusion[who, label])
        posterior = np.exp(logs - logs.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


def frame_consensus(rows: Rows, _annotators: int) -> np.ndarray:
    """The same with data frames: join, then group by."""
    data = pd.DataFrame(dict(zip(("item", "who", "label"), rows, strict=True)))
    classes = list(range(CLASSES))
    posterior = pd.DataFrame(value_counts(rows[0], rows[2]) / PER_ITEM, columns=classes)
    for _ in range(ROUNDS):
        counts = data.join(posterior, on="item").groupby(["who", "label"])[classes].sum() + NEARLY_NONE
        evidence = np.log(counts / counts.groupby("who").transform("sum"))
        logs = data.join(evidence, on=["who", "label"]).groupby("item")[classes].sum() + np.log(posterior.mean())
        posterior = np.exp(logs.sub(logs.max(axis=1), axis=0))
        posterior = posterior.div(posterior.sum(axis=1), axis=0)
    return posterior.to_numpy()


def plain(rows: Rows, rounds: int, tolerance: float):
    """Our way to the estimate of the paper: hardly any smoothing."""
    return dawid_skene(
        Labels.from_rows(*rows), CLASSES, smoothing=NEARLY_NONE * CLASSES, iterations=rounds, tolerance=tolerance
    )


def compare_consensus(truth: np.ndarray, rows: Rows, annotators: int, runs: int) -> None:
    found = plain(rows, ROUNDS, 1e-30).label
    for peer in (dense_consensus, frame_consensus):
        assert (peer(rows, annotators).argmax(axis=1) == found).mean() > 0.999, peer
    spent = measure.in_turn(
        {
            "ours": lambda: plain(rows, ROUNDS, 1e-30),
            "dense": lambda: dense_consensus(rows, annotators),
            "frame": lambda: frame_consensus(rows, annotators),
        },
        runs=runs,
    )
    size = f"{len(rows[0])} labels, {annotators} annotators, {CLASSES} classes"
    print(f"Dawid and Skene, {size}, {ROUNDS} rounds; checks and sorting of rows included")
    measure.ratio("agreement.dawid_skene.pandas", ours=spent["ours"], peer=spent["frame"], goal=">= 5")
    measure.ratio("agreement.dawid_skene.numpy", ours=spent["ours"], peer=spent["dense"], goal=">= 2")
    show_stages(truth, rows)


def show_stages(truth: np.ndarray, rows: Rows) -> None:
    labels = Labels.from_rows(*rows)
    consensus = dawid_skene(labels, CLASSES)
    spent = measure.in_turn(
        {
            "whole": lambda: dawid_skene(Labels.from_rows(*rows), CLASSES),
            "profiles": lambda: profile(labels, consensus),
            "shared": lambda: shared_mistakes(labels, consensus),
        },
        runs=1,
    )
    print(f"to the end: profiles {spent['profiles']:.2f} CPU-s, shared mistakes {spent['shared']:.2f} CPU-s")
    measure.ratio("agreement.dawid_skene.whole", ours=spent["whole"], peer=10.0, goal="<= 1")
    paper = plain(rows, 200, 1e-5)
    for name, one in (("ours", consensus), ("as the paper has it", paper)):
        right = (one.label == truth).mean()
        believed = one.certainty.mean()
        print(
            f"right items, {name}: {right:.4f}, believed {believed:.4f}, rounds {one.iterations}, at rest {one.converged}"
        )
    print(f"right items, majority: {(majority(labels).label == truth).mean():.4f}")


def show_worth(worlds: int) -> None:
    """Crowds of thirteen, one of whom copies another: what is recovered, who is accused."""
    print(
        "crowd of 13 (careful 2, average 4, hasty 2, biased 2, constant, guessing, copy), 5 labels an item, 2,000 items"
    )
    print("classes hard_items right_consensus right_majority believed copies_found falsely_accused worlds")
    for classes in (2, 5):
        crowd = [careful(classes)] * 2 + [average(classes)] * 4 + [hasty(classes)] * 2
        crowd += [biased(classes, 0)] * 2 + [constant(classes, 1), guessing(classes), copying(classes, 3)]
        for hard in (0.0, 0.3):
            consensus, votes, certain, found, accused = [], [], [], 0, 0
            for seed in range(worlds):
                truth = np.random.default_rng(seed).integers(0, classes, 2000)
                drawn = simulate(truth, crowd, per_item=5, seed=seed, hard_share=hard)
                labels = Labels.from_rows(drawn.items, drawn.annotators, drawn.labels)
                model = dawid_skene(labels, classes)
                pairs = shared_mistakes(labels, model)
                named = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
                found += (3, 12) in named
                accused += len(named - {(3, 12)})
                consensus.append((model.label == truth).mean())
                votes.append((majority(labels).label == truth).mean())
                certain.append(model.certainty.mean())
            means = " ".join(f"{np.mean(column):.3f}" for column in (consensus, votes, certain))
            print(f"{classes} {hard} {means} {found} {accused} {worlds}")


def show_coverage(worlds: int) -> None:
    """How often the 95 % interval of α holds the value of 200,000 items of the same kind."""

    def world(rng: np.random.Generator, items: int, shares: list[float]) -> Labels:
        truth = rng.choice(len(shares), items, p=shares)
        right = np.where(rng.random(items) < 0.2, 0.5, 0.9)[:, None]
        label = np.where(rng.random((items, 3)) < right, truth[:, None], rng.integers(0, len(shares), (items, 3)))
        item, who = np.nonzero(rng.random((items, 3)) < 0.9)
        return Labels.from_rows(item, who, label[item, who])

    print("interval of α, held of 0.95: items, shares of the classes")
    for shares in ([0.5, 0.5], [0.9, 0.1], [0.4, 0.3, 0.2, 0.1]):
        true = krippendorff_alpha(world(np.random.default_rng(0), 200_000, shares)).value
        rng = np.random.default_rng(1)
        for items in (20, 60, 300):
            held = total = 0
            for _ in range(worlds):
                try:
                    one = krippendorff_alpha(world(rng, items, shares))
                except ValueError:  # all labels the same
                    continue
                held, total = held + (one.low <= true <= one.high), total + 1
            print(f"{items} {shares}: {held / total:.3f} of {total}")


def main() -> None:
    asked = measure.options(__doc__)
    items, annotators = (20_000, 200) if asked.quick else (200_000, 1000)
    truth, rows = draw(items, annotators)
    compare_alpha(rows, asked.runs)
    compare_consensus(truth, rows, annotators, asked.runs)
    show_worth(5 if asked.quick else 20)
    show_coverage(100 if asked.quick else 500)


if __name__ == "__main__":
    main()
