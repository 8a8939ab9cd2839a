"""Five honest baselines for "Which flights will be late?". Any team could make them from public/ alone.

    python baseline/baselines.py --data public --out my-submissions             # all of them, one CSV file each
    python baseline/baselines.py --data public --out my-submissions --only boosted-trees
    python baseline/baselines.py --list                                         # names and titles as JSON

Needs pandas, pyarrow and scikit-learn. Each baseline is a function from (train, test) to the probability of being late, one
number per row of test. Seeds are fixed; another version of scikit-learn may still move the last digits.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

SEED = 20131001
WEATHER = [
    "temperature_f", "dew_point_f", "humidity_pct", "wind_direction_deg", "wind_speed_mph", "wind_gust_mph",
    "precipitation_in", "pressure_hpa", "visibility_mi",
]  # fmt: skip


def features(flights):
    """Adds what every model below uses: hour, weekday, and how long the flight is planned to take (airport clocks)."""
    return flights.assign(
        hour=flights.departs // 60,
        weekday=pd.to_datetime(flights.date).dt.day_of_week,
        planned=(flights.arrives - flights.departs) % 1440,
        wind_gust_mph=flights.wind_gust_mph.fillna(0),
    )


def shrunk_rate(train, test, columns, weight=50):
    """The late share of each group in train, pulled towards the overall share as if `weight` average flights were added."""
    overall = train.late.mean()
    groups = train.groupby(columns, observed=True).late.agg(["sum", "size"])
    rate = (groups["sum"] + weight * overall) / (groups["size"] + weight)
    keys = pd.MultiIndex.from_frame(test[columns]) if len(columns) > 1 else pd.Index(test[columns[0]])
    return rate.reindex(keys).fillna(overall).to_numpy()


def constant(train, test):
    return np.full(len(test), train.late.mean())


def past_rates(train, test):
    train, test = features(train), features(test)
    overall = train.late.mean()
    parts = [["carrier", "origin"], ["origin", "hour"], ["destination"]]
    return np.clip(overall + sum(shrunk_rate(train, test, part) - overall for part in parts), 0.01, 0.99)


def logistic_regression(train, test):
    train, test = features(train), features(test)
    words = ["carrier", "origin", "destination", "hour", "weekday"]
    numbers = ["distance_mi", "planned", "scheduled_departures", *WEATHER]
    model = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore", min_frequency=50), words),
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ),
        LogisticRegression(C=0.1, tol=1e-3, max_iter=200),
    )
    return model.fit(train, train.late).predict_proba(test)[:, 1]


def boosted_trees(train, test):
    train, test = features(train), features(test)
    columns = ["hour", "departs", "arrives", "weekday", "planned", "distance_mi", "scheduled_departures", *WEATHER]
    words = ["carrier", "origin", "destination"]
    both = pd.concat([train, test])[words].astype("category")
    codes = both.apply(lambda column: column.cat.codes).to_numpy()
    model = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=100, early_stopping=False,
        categorical_features=range(len(columns), len(columns) + len(words)), random_state=SEED,
    )  # fmt: skip
    model.fit(np.hstack([train[columns], codes[: len(train)]]), train.late)
    return model.predict_proba(np.hstack([test[columns], codes[len(train) :]]))[:, 1]


def nearest_neighbours(train, test):
    train, test = features(train), features(test)
    some = train.sample(8_000, random_state=SEED)
    columns = ["departs", "scheduled_departures", "distance_mi", "humidity_pct", "visibility_mi", "precipitation_in"]
    table = [part[columns].assign(carrier=10 * shrunk_rate(train, part, ["carrier"])) for part in (some, test)]
    model = make_pipeline(SimpleImputer(), StandardScaler(), KNeighborsRegressor(n_neighbors=80))
    return model.fit(table[0], some.late).predict(table[1])


BASELINES = {
    "constant": constant,
    "past-rates": past_rates,
    "logistic-regression": logistic_regression,
    "boosted-trees": boosted_trees,
    "nearest-neighbours": nearest_neighbours,
}
TITLES = {
    "constant": {"en": "Baseline: the same probability for all", "zh": "基线：统一概率"},
    "past-rates": {"en": "Baseline: past delay rates", "zh": "基线：历史晚点率"},
    "logistic-regression": {"en": "Baseline: logistic regression", "zh": "基线：逻辑回归"},
    "boosted-trees": {"en": "Baseline: boosted trees", "zh": "基线：梯度提升树"},
    "nearest-neighbours": {"en": "Baseline: nearest neighbours", "zh": "基线：最近邻"},
}


def submission(name, data):
    """One baseline as a table that can be submitted: id, late."""
    train = pd.read_parquet(Path(data) / "train.parquet")
    test = pd.read_parquet(Path(data) / "test.parquet")
    return pd.DataFrame({"id": test.id, "late": np.round(BASELINES[name](train, test), 5)})


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
