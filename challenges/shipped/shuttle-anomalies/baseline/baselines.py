"""Five honest baselines for "Which radiator readings are out of the ordinary?". Any team could make them from public/ alone.

    python baseline/baselines.py --data public --out my-submissions             # all of them, one CSV file each
    python baseline/baselines.py --data public --out my-submissions --only isolation-forest
    python baseline/baselines.py --list                                         # names and titles as JSON

Needs pandas, pyarrow and scikit-learn. Each baseline is a function from (train, test), tables of v1 to v9, to a score per row of
test: the higher, the more out of the ordinary. Seeds are fixed; another version of scikit-learn may still move the last digits.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from threadpoolctl import threadpool_limits

SEED = 148
CHANNELS = [f"v{number}" for number in range(1, 10)]


def constant(train, test):
    return np.zeros(len(test))


def principal_components(train, test):
    """A linear model of routine readings: the squared distance from their mean along the whitened components."""
    model = make_pipeline(StandardScaler(), PCA(n_components=6, whiten=True, random_state=SEED)).fit(train)
    return (model.transform(test) ** 2).sum(axis=1)


def isolation_forest(train, test):
    return -IsolationForest(n_estimators=200, random_state=SEED).fit(train).score_samples(test)


def distance_to_neighbours(scale, train, test):
    """How far the fifth nearest routine reading is, once every channel is on the given scale."""
    scale.fit(train)
    nearest = NearestNeighbors(n_neighbors=5).fit(scale.transform(train))
    return nearest.kneighbors(scale.transform(test))[0][:, -1]


def nearest_neighbours(train, test):
    return distance_to_neighbours(StandardScaler(), train, test)


def nearest_neighbours_on_ranks(train, test):
    ranks = QuantileTransformer(output_distribution="normal", subsample=None, random_state=SEED)
    return distance_to_neighbours(ranks, train, test)


BASELINES = {
    "constant": constant,
    "principal-components": principal_components,
    "isolation-forest": isolation_forest,
    "nearest-neighbours": nearest_neighbours,
    "nearest-neighbours-on-ranks": nearest_neighbours_on_ranks,
}
TITLES = {
    "constant": {"en": "Baseline: the same score for all", "zh": "基线：统一分数"},
    "principal-components": {"en": "Baseline: principal components", "zh": "基线：主成分距离"},
    "isolation-forest": {"en": "Baseline: isolation forest", "zh": "基线：孤立森林"},
    "nearest-neighbours": {"en": "Baseline: nearest neighbours", "zh": "基线：最近邻距离"},
    "nearest-neighbours-on-ranks": {"en": "Baseline: nearest neighbours on ranks", "zh": "基线：秩变换后的最近邻距离"},
}


def submission(name, data):
    """One baseline as a table that can be submitted: id, score."""
    train = pd.read_parquet(Path(data) / "train.parquet")[CHANNELS].astype(float)
    test = pd.read_parquet(Path(data) / "test.parquet")
    return pd.DataFrame({"id": test.id, "score": np.round(BASELINES[name](train, test[CHANNELS].astype(float)), 5)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=Path("public"), help="the folder with train.parquet and test.parquet"
    )
    parser.add_argument("--out", type=Path, default=Path("submissions"), help="where the CSV files go")
    parser.add_argument("--only", choices=BASELINES, metavar="NAME", help="make this one only")
    parser.add_argument("--list", action="store_true", help="print names and titles as JSON and stop")
    options = parser.parse_args()
    if options.list:
        print(json.dumps(TITLES, ensure_ascii=False, indent=2))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for name in [options.only] if options.only else BASELINES:
        started = time.perf_counter()
        path = options.out / f"{name}.csv"
        with threadpool_limits(1):  # the same numbers on every machine, and no fight over its cores
            submission(name, options.data).to_csv(path, index=False, lineterminator="\n")
        print(f"{name}: {path} ({time.perf_counter() - started:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
