"""Six honest baselines for "What is in the picture?". Any team could make them from public/ alone.

    python baseline/baselines.py --data public --out my-submissions             # all of them, one CSV file each
    python baseline/baselines.py --data public --out my-submissions --only random-forest
    python baseline/baselines.py --list                                         # names and titles as JSON

Needs pandas, pyarrow and scikit-learn. Each baseline is a model with fit and predict for images (n, 784) between 0 and 1.
Seeds are fixed; another version of scikit-learn may still change a few labels.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

SEED = 28

BASELINES = {
    "constant": lambda: DummyClassifier(strategy="constant", constant="t-shirt"),
    "nearest-average": NearestCentroid,
    "nearest-neighbours": lambda: make_pipeline(
        PCA(50, random_state=SEED), KNeighborsClassifier(5, weights="distance")
    ),
    "support-vectors": lambda: make_pipeline(PCA(60, random_state=SEED), SVC(C=5)),
    "logistic-regression": lambda: LogisticRegression(C=0.02, tol=1e-3),
    "random-forest": lambda: RandomForestClassifier(60, random_state=SEED),
}
TITLES = {
    "constant": {"en": "Baseline: always the same class", "zh": "基线：始终同一类别"},
    "nearest-average": {"en": "Baseline: nearest average image", "zh": "基线：最近类均值图像"},
    "nearest-neighbours": {"en": "Baseline: nearest neighbours", "zh": "基线：最近邻"},
    "support-vectors": {"en": "Baseline: support vector machine", "zh": "基线：支持向量机"},
    "logistic-regression": {"en": "Baseline: logistic regression", "zh": "基线：逻辑回归"},
    "random-forest": {"en": "Baseline: random forest", "zh": "基线：随机森林"},
}


def images(table):
    """The image column as one array (n, 784) of numbers between 0 (background) and 1."""
    return np.stack(table.image.to_numpy()) / np.float32(255)


def submission(name, data):
    """One baseline as a table that can be submitted: id, label."""
    train = pd.read_parquet(Path(data) / "train.parquet")
    test = pd.read_parquet(Path(data) / "test.parquet")
    model = BASELINES[name]().fit(images(train), train.label.to_numpy(dtype=str))
    return pd.DataFrame({"id": test.id, "label": model.predict(images(test))})


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
