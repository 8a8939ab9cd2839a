"""Six submissions to "Put the labels right", from careless to careful to overdone. Any team could make them from public/ alone.

    python baseline/baselines.py --data public --out my-submissions             # all of them
    python baseline/baselines.py --data public --out my-submissions --only rule-cleaned
    python baseline/baselines.py --list                                         # names and titles as JSON

Needs numpy, polars and jiebang, whose label check (scoring.labels) is used as it is. All but the first are a zip with the table, a
README that answers what is asked of a documentation, and a datapackage.json.
"""

import argparse
import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl

LICENCE, SOURCE = "MIT", "Fashion-MNIST, Zalando SE 2017"
SEED = 2017

TITLES = {
    "raw-as-is": {"en": "Baseline: raw as it is", "zh": "基线：原样提交"},
    "deduplicated": {"en": "Baseline: copies removed", "zh": "基线：去重"},
    "rule-cleaned": {"en": "Baseline: cleaned by rules", "zh": "基线：规则清洗"},
    "relabelled": {"en": "Baseline: cleaned, labels corrected", "zh": "基线：清洗并修正标签"},
    "over-zealous": {"en": "Baseline: every doubtful picture dropped", "zh": "基线：凡可疑即删除"},
    "padded": {"en": "Baseline: cleaned, padded with copies", "zh": "基线：清洗后以副本充数"},
}
DONE = {
    "deduplicated": "Of pictures that come twice with one label the first line was kept.",
    "rule-cleaned": "Labels were written in small letters with hyphens, and every picture kept once, none with two different labels.",
    "relabelled": "After cleaning by rules, labels that models who had not seen the picture held for wrong were replaced.",
    "over-zealous": "After cleaning by rules, pictures with a doubtful label, and the tenth of pictures least like their class, were removed.",
    "padded": "After cleaning by rules, every line was written a second time with another number.",
}


def raw(data):
    """The raw bundle."""
    return pl.read_csv(Path(data) / "raw/labels.csv", infer_schema_length=0)


def deduplicated(data):
    return raw(data).unique(["picture", "label"], keep="first", maintain_order=True)


def rule_cleaned(data):
    table = raw(data).with_columns(pl.col("label").str.to_lowercase().str.replace_all(" ", "-"))
    agreed = table.filter(pl.col("label").n_unique().over("picture") == 1)
    return agreed.unique("picture", keep="first", maintain_order=True)


def pixels(data, table):
    """Brightness (n, 784) of the pictures of a table."""
    images = pl.read_parquet(Path(data) / "pixels.parquet")
    return table.join(images, on="id", how="left", maintain_order="left")["image"]


def doubts(data, table):
    """What models that have not seen a picture say of its label: flagged (n,), the likely label (n,), how sure (n,)."""
    from scoring.labels import features_of, find_issues, noise_rate, out_of_fold

    classes = sorted(table["label"].unique())
    codes = table["label"].replace_strict(classes, list(range(len(classes)))).to_numpy()
    features = features_of(pl.DataFrame({"image": pixels(data, table)}), {"image": "image"})
    rate = noise_rate(features, codes, seed=SEED)
    found = find_issues(codes, out_of_fold(features, codes, seed=SEED), confusion=rate.known_confusion)
    return pl.Series(found.flagged), pl.Series(classes).gather(found.suggested), pl.Series(found.confidence)


def relabelled(data, sure=0.7):
    table = rule_cleaned(data)
    flagged, likely, confidence = doubts(data, table)
    wrong = flagged & (confidence > sure)
    return table.with_columns(label=pl.when(wrong).then(likely).otherwise("label"))


def over_zealous(data):
    table = rule_cleaned(data)
    flagged, _, _ = doubts(data, table)
    images, labels = pixels(data, table).to_numpy().astype(float), table["label"].to_numpy()
    far = np.zeros(len(table))
    for label in np.unique(labels):
        own = images[labels == label]
        far[labels == label] = ((own - own.mean(axis=0)) ** 2).sum(axis=1) / own.var(axis=0).sum()
    return table.filter(~flagged & pl.Series(far < np.quantile(far, 0.9)))


def padded(data):
    table = rule_cleaned(data)
    ids = ["p" + hashlib.sha256(f"copy of {name}".encode()).hexdigest()[:8] for name in table["id"]]
    return pl.concat([table, table.with_columns(pl.Series("id", ids))])


SUBMISSIONS = {
    "raw-as-is": raw,
    "deduplicated": deduplicated,
    "rule-cleaned": rule_cleaned,
    "relabelled": relabelled,
    "over-zealous": over_zealous,
    "padded": padded,
}


def readme(name, table, size):
    """The documentation: the 20 items that are asked for, each under its heading, with figures of this table."""
    counts = table["label"].value_counts(sort=True)
    return f"""# Labels of small pictures of clothes

## Scale
{table.height} records, {table.width} columns, {size} bytes.
## Format
One CSV file in UTF-8 with a header line; the pixels stay in the Parquet file of the challenge.
## File structure
`labels.csv` holds one line per picture: its number, the fingerprint of its pixels, its label; `datapackage.json` describes the file.
## Access
Handed in as a submission to the challenge fashion-labels; the raw labels and all pixels are in its folder public.
## Contact
Questions go to the team through the discussion page of the challenge.
## Modality
A table of labels, one for each grey image of 28 by 28 pixels; the images themselves are not in it.
## Distribution
{table["picture"].n_unique()} different pictures over {table["label"].n_unique()} spellings of labels; the source holds all classes equally often.
## Label statistics
{"; ".join(f"{label}: {count}" for label, count in counts.iter_rows())}.
## Sample
The first line is `{table.head(1).write_csv(include_header=False).strip()}`: number, fingerprint of the picture, label.
## Known limitations
One European shop in 2017, front views only. Some labels are still wrong, and what separates a shirt from a top is a matter of taste.
## Source
{SOURCE}, read from the Debian package dataset-fashion-mnist.
## Collection
The shop photographed its articles for its catalogue; the publishers made the photographs small and grey, the organizer drew some.
## Processing
{DONE[name]}
## Labelling
The staff of the shop filed every article under one of ten kinds; the organizer changed some of these on purpose.
## Version
1.0, made in November 2026 from version 1.0.0 of the challenge; it is the first one.
## Licence
{LICENCE}
## Use cases
Teaching and testing of image classifiers and of tools that look for wrong labels. It is not fit for a catalogue of today.
## Evaluation
Accuracy on other pictures of the same source that take no part in training.
## Baseline result
Always naming the most frequent class is right in {counts.row(0)[1] / table.height:.2f} of the pictures.
## Cases
The untouched source replaces handwritten digits as a first exercise in many courses and papers on machine learning.
"""


def described(content, table):
    """The datapackage.json: licence, source, version, and the file with its hash."""
    resource = {
        "name": "labels",
        "path": "labels.csv",
        "format": "csv",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": [{"name": name, "type": "any"} for name in table.columns]},
    }
    about = {
        "name": "fashion-labels",
        "version": "1.0.0",
        "licenses": [{"name": LICENCE}],
        "sources": [{"title": SOURCE, "path": "https://github.com/zalandoresearch/fashion-mnist"}],
        "resources": [resource],
    }
    return json.dumps(about, indent=2).encode()


def write(name, table, out):
    """The raw table as a plain CSV, everything else as a zip whose bytes its content alone decides."""
    content = table.write_csv(line_terminator="\n").encode()
    if name not in DONE:
        path = out / f"{name}.csv"
        path.write_bytes(content)
        return path
    path = out / f"{name}.zip"
    files = {"labels.csv": content, "README.md": readme(name, table, len(content)).encode()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data in {**files, "datapackage.json": described(content, table)}.items():
            archive.writestr(zipfile.ZipInfo(file), data, zipfile.ZIP_DEFLATED)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("public"), help="the folder public of the challenge")
    parser.add_argument("--out", type=Path, default=Path("submissions"), help="where the files go")
    parser.add_argument("--only", choices=SUBMISSIONS, metavar="NAME", help="make this one only")
    parser.add_argument("--list", action="store_true", help="print names and titles as JSON and stop")
    options = parser.parse_args()
    if options.list:
        print(json.dumps(TITLES, ensure_ascii=False, indent=2))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for name in [options.only] if options.only else SUBMISSIONS:
        table = SUBMISSIONS[name](options.data)
        print(f"{name}: {write(name, table, options.out)} ({table.height} records)", flush=True)


if __name__ == "__main__":
    main()
