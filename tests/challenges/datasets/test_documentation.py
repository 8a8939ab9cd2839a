"""The 20 items in both languages, what counts as an answer, and the numbers that are stated."""

import hashlib

import pytest

from challenges.datasets import ITEMS
from challenges.datasets.claims import Claim, contradicted, in_text
from challenges.datasets.documentation import LONGEST, document
from challenges.datasets.items import BY_KEY, GROUPS, code
from challenges.datasets.licensing import spdx
from challenges.datasets.passages import items_of, passages
from challenges.licences import LICENCES
from tests.challenges.datasets.handed import errors, ids, the

ENGLISH = """\
---
license: cc-by-4.0
---
# Late trains

## 1. Basic information
- **Scale**: 12,000 records, 14 columns, about 1.2 MB
- **Format**: CSV in UTF-8
### File structure
trains.csv holds one row a departure; schema.json says what stands in each column.
### Access
https://late-trains.cn/data
### Support
Ann Li, ann@late-trains.cn

## 2. Content
| Modality | tables |
|---|---|
| Distribution | between 900 and 1,100 departures in each month of 2025, 0.4 % of the delays missing |

Label statistics
----------------
- on time: 9,000
- late: 3,000

### Samples
```
train,late
101,0
```
### Known limitations
Only trains of one operator; night trains and freight are not covered.

## 3. How it was made
### Data source and collection
The operator publishes arrivals as open data. We asked its interface every minute from January to December 2025 and kept the last answer for each train and stop.
### Cleaning
Cancelled trains were left out, times turned into minutes, and repeated rows dropped.
### Labelling rules
A train is late when it arrives five minutes or more behind the timetable; a program decides, no person.
### Version
1.2.0, 2026-01-05

## 4. Use
### Licence
CC BY 4.0
### Intended uses
Training models that predict delays; not meant for judging single drivers.
### Evaluation
Split by date, area under the ROC curve on the last month.
### Baseline results
Logistic regression reaches 0.74.
### Application cases
A station in Suzhou has used it to plan platform changes since spring.
"""
CHINESE = """\
# 列车晚点数据集

一、基本信息

数据规模：共 12,000 条记录，14 列，约 1.2 MB
数据格式：CSV，UTF-8 编码

## 1.3 文件结构
trains.csv 每行一次发车，schema.json 说明每一列的含义。
## 获取方式
https://late-trains.cn/data
## 技术支持
李安，ann@late-trains.cn

# 二、内容特征
## 模态
表格
## 数据分布
2025 年各月 900 至 1100 次发车，晚点值缺失 0.4 %。
## 标签分布
| 标签 | 数量 |
| --- | --- |
| 准点 | 9,000 |
| 晚点 | 3,000 |
## 数据样例
train,late
101,0
## 局限性
只含一家运营商，不覆盖夜间列车与货运。

# 三、建设过程
## 数据来源与采集过程
运营商公开的到站数据。我们在 2025 年每分钟访问其接口，每车每站保留最后一次结果。
## 数据清洗
去掉取消的车次，时间统一为分钟，删除重复行。
## 标注规则
到站晚于时刻表五分钟及以上记为晚点，由程序判断，没有人工标注。
## 版本
1.2.0，2026 年 1 月 5 日

# 四、应用说明
## 许可协议
CC-BY-4.0
## 应用场景
用于训练晚点预测模型，不用于评价单个司机。
## 评测方法
按日期划分，最后一个月计算 ROC 曲线下面积。
## 基线结果
逻辑回归达到 0.74。
## 应用案例
苏州某车站自春季起用它安排站台调整。
"""


def read(text, file="README.md", facts=()):
    return document(passages(text, file), facts, [], [file])


def states(documentation):
    return {answer.item.key: answer.state for answer in documentation.answers}


def test_twenty_items_in_four_groups_of_five():
    assert [item.group for item in ITEMS] == [group for group in GROUPS for _ in range(5)]
    assert len({item.key for item in ITEMS}) == len({item.title for item in ITEMS}) == 20
    assert [code(item) for item in ITEMS[::5]] == ["0101", "0102", "0103", "0104"]
    words = [word for item in ITEMS for word in item.words]
    assert len(words) == len(set(words)), "a heading must not name two items"
    for item in ITEMS:
        assert any(word.isascii() for word in item.words)
        assert any(not word.isascii() for word in item.words)
        assert all(word == word.casefold().strip() for word in item.words)
        for word in item.words:
            assert items_of(word) == (item.key,), word


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_a_good_readme_answers_all(text):
    documentation = read(text)
    assert [(a.item.key, a.state, a.reason) for a in documentation.answers if a.state != "answered"] == []
    assert documentation.complete
    assert [documentation.share(group) for group in GROUPS] == [1.0] * 4
    stated = {(claim.kind, claim.subject): claim.value for claim in documentation.claims}
    assert stated[("rows", None)] == 12_000
    assert stated[("columns", None)] == 14
    assert stated[("bytes", None)] == 1_200_000
    assert stated[("missing", None)] == pytest.approx(0.004)
    assert sorted(claim.value for claim in documentation.claims if claim.kind == "class") == [3000, 9000]
    for answer in documentation.answers:
        assert answer.where[0].startswith("README.md:")
        line = int(answer.where[0].partition(":")[2])
        assert items_of(text.split("\n")[line - 1].split(":")[0].split("：")[0].strip("|- *").split("|")[0]), (
            answer.where
        )


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["English", "Chinese"])
@pytest.mark.parametrize("key", [item.key for item in ITEMS])
def test_a_heading_alone_is_no_answer(text, key):
    """Every passage of one item emptied: that item is lost and no other."""
    found = [passage for passage in passages(text, "README.md") if key not in passage.items]
    lost = document(found, [], [], [])
    shared = {"source", "collection"} if key in {"source", "collection"} else {key}
    assert {k for k, state in states(lost).items() if state != "answered"} == shared


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ("", None),
        ("<!-- describe the limits of the data, its biases and what it does not cover -->", None),
        ("[More Information Needed]", "prompt"),
        ("✎ Which groups of people does the data leave out, and which faults are known by now?", "prompt"),
        ("What does the data not cover? Which biases do we know of?", "prompt"),
        ("TODO: write about everything that the data does not cover, in full sentences.", "prompt"),
        ("what the data does not cover, which biases and faults are known", "prompt"),
        ("待补充：数据未覆盖的人群、地区以及已知的偏差。", "prompt"),
        ("请填写数据集的局限性以及已知的各种偏差和不足之处。", "prompt"),
        ("Some.", "short"),
        ("Bias bias bias bias bias bias bias bias bias.", "short"),
        ("Limitations limitation known issues biases risks caveats scale format structure", "short"),
        ("局限性 不足 已知问题 偏差 使用限制 风险 数据规模 数据格式 文件结构", "short"),
        ("有局限。", "short"),
    ],
)
def test_what_does_not_count(section, reason):
    answer = read(f"# Limitations\n{section}\n").answer("limitations")
    assert (answer.state, answer.reason) == (("missing", "") if reason is None else ("too short", reason))


def test_the_same_sentence_counts_once():
    filler = "This dataset is carefully made by experts with many years of experience in the field of transport."
    stuffed = "\n".join(f"## {item.words[0]}\n{filler}" for item in ITEMS)
    found = read(stuffed)
    answered = [answer.item.key for answer in found.answers if answer.state == "answered"]
    assert len(answered) <= 1
    assert {answer.reason for answer in found.answers} >= {"repeated"}


def test_a_heading_for_everything_answers_nothing():
    text = "Twelve thousand rows of tables in CSV, made by Ann in 2026, labelled by hand with great care and checked twice by others."
    assert items_of("Scale, format, structure, access and support") == ()
    assert states(read(f"# Scale, format, structure, access, support, modality\n{text}")) == dict.fromkeys(
        BY_KEY, "missing"
    )
    three = read("# Source, collection and processing\nTaken from a public register and cleaned.")
    assert {three.answer(key).state for key in ("source", "collection", "processing")} == {"too short"}


def test_evidence_is_asked_for():
    vague = read(
        "# Scale\nA very large number of records with a great many columns\n# Baseline\nA simple model does quite well on this data\n# Format\nthe usual one\n"
    )
    assert [
        (answer.state, answer.reason) for answer in (vague.answer(key) for key in ("scale", "baseline", "format"))
    ] == [("too short", "evidence")] * 3


def test_both_languages_are_one_documentation(counter):
    half = len(ENGLISH) // 2
    bundle = counter.open(
        {"README.en.md": ENGLISH[:half], "README.zh.md": CHINESE[CHINESE.index("# 三") :], "a.csv": "id,x\n1,2\n"}
    )
    documentation = bundle.documentation
    assert documentation.documents == ("README.en.md", "README.zh.md")
    assert documentation.answer("scale").where == ("README.en.md:7",)
    assert documentation.answer("cases").where[0].startswith("README.zh.md")
    assert bundle.provenance.licences[0].spdx == "CC-BY-4.0"
    assert "dataset.no_licence" not in ids(bundle.findings)


@pytest.mark.parametrize("name", ["README.md", "readme.MD", "说明文档.md", "README.zh.md", "README.en.md"])
def test_names_of_documents(counter, name):
    assert (
        counter.open({name: "# 许可\nMIT 许可证", "a.csv": "id,x\n1,2\n"}).documentation.answer("licence").state
        == "answered"
    )


def test_a_document_in_gb18030(counter):
    bundle = counter.open(
        {
            "README.md": "# 局限性\r\n只含一家运营商，不覆盖夜间列车与货运。\r\n".encode("gb18030"),
            "a.csv": "id,x\n1,2\n",
        }
    )
    assert bundle.documentation.answer("limitations").text == "只含一家运营商，不覆盖夜间列车与货运。"


def test_headings_as_people_write_them():
    assert items_of("三、（二）数据来源") == ("source",)
    assert items_of("第3章 数据清洗") == ("processing",)
    assert items_of("2.1.3. Label Statistics") == ("label_statistics",)
    assert items_of("📦 File structure of this dataset") == ("structure",)
    assert items_of("ＬＩＣＥＮＳＥ") == ("licence",)
    assert items_of("Bias, Risks, and Limitations") == ("limitations",)
    assert items_of("What the press said about our samples in spring") == ()
    assert items_of("") == items_of("###") == items_of("x" * 1000) == ()


def test_sections_end_where_they_end():
    text = "# Source\nFrom the city.\n## Details\nAsked in spring.\n# Thanks\nTo everybody.\n# Cases\nNone yet.\n"
    found = {passage.items[0]: passage.text for passage in passages(text, "x")}
    assert found == {"source": "From the city.\nAsked in spring.", "cases": "None yet."}


def test_answers_are_cut():
    text = "# Limitations\n" + "\n".join(
        f"Fault number {number} is known and was never repaired by anybody." for number in range(200)
    )
    assert len(read(text).answer("limitations").text) == LONGEST


FIELDS = """
licence = "CC0-1.0"
version = "2026.1"
[documentation]
scale = "12 rows"
limitations = { en = "Only trains of one operator are covered.", zh = "只含一家运营商。" }
cases = ["A station in Suzhou uses it.", "So does the city."]
[claims]
rows = 12
missing = 0.25
classes = { late = 3, "on time" = 9 }
[claims.sha256]
"a.csv" = "%s"
"""


def test_fields_of_the_card(counter):
    data = "id,train\n" + "".join(f"{row},{'late' if row < 3 else 'on time'}\n" for row in range(12))
    bundle = counter.open({"dataset.toml": FIELDS % hashlib.sha256(data.encode()).hexdigest(), "a.csv": data})
    documentation = bundle.documentation
    assert documentation.answer("scale").where == ("dataset.toml documentation.scale",)
    assert {documentation.answer(key).state for key in ("scale", "limitations", "cases", "licence", "versioning")} == {
        "answered"
    }
    certain = {
        (claim.kind, claim.subject): claim.value
        for claim in documentation.claims
        if claim.certain and claim.kind != "sha256"
    }
    assert certain == {("rows", None): 12, ("missing", None): 0.25, ("class", "late"): 3, ("class", "on time"): 9}
    assert [(one.path, one.holds) for one in bundle.provenance.hashes] == [("a.csv", True)]
    assert "dataset.hash_differs" in errors(counter.refused({"dataset.toml": FIELDS % ("0" * 64), "a.csv": data}))
    assert "dataset.hash_nothing" in errors(counter.refused({"dataset.toml": FIELDS % ("0" * 64), "b.csv": data}))


@pytest.mark.parametrize(
    ("text", "message", "key"),
    [
        ("[documentation]\nscal = 'x'", "dataset.unknown_key_near", "documentation.scal"),
        ("[documentation]\nscale = 3", "package.want_text", "documentation.scale"),
        ("documentation = 3", "package.want_table", "documentation"),
        ("[claims]\nrows = -1", "dataset.claim_number", "claims.rows"),
        ("[claims]\nmissing = 25", "dataset.claim_number", "claims.missing"),
        ("[claims]\nrow = 1", "dataset.unknown_key_near", "claims.row"),
        ("[claims.classes]\na = 'x'", "dataset.claim_number", "claims.classes.a"),
        ("[claims.sha256]\na = 'x'", "dataset.hash_form", "claims.sha256.a"),
        ("[roles]\nlable = 'x'", "dataset.unknown_key_near", "roles.lable"),
        ("[roles]\nlabel = 'y'", "package.no_such_column", "roles.label"),
        ("[roles]\nlabel = 3", "package.want_text", "roles.label"),
        ("data = ['b.csv']", "dataset.no_file_near", "data[0]"),
        ("data = 3", "package.want_list", "data"),
        ("tilte = 'x'", "dataset.unknown_key_near", "tilte"),
        ("[schema]\nkeys = 'id'", "dataset.schema_no_fields", "schema.fields"),
        ("[schema]\npath = 'nothing.json'", "dataset.no_file", "schema.path"),
        ("licence = 3", "package.want_text", "licence"),
    ],
)
def test_faults_of_the_card(counter, text, message, key):
    findings = counter.refused({"dataset.toml": text, "a.csv": "id,x\n1,2\n"})
    assert [(finding.id, finding.key) for finding in findings if finding.level == "error"] == [(message, key)]


def test_two_cards_are_one_too_many(counter):
    assert errors(counter.refused({"dataset.toml": "", "dataset.json": "{}", "a.csv": "id,x\n1,2\n"})) == [
        "dataset.two_cards"
    ]


def test_lists_of_hashes(counter):
    data = "id,x\n1,2\n"
    good = f"{hashlib.sha256(data.encode()).hexdigest()}  ./a.csv\n"
    bundle = counter.open({"a.csv": data, "SHA256SUMS": f"# ours\n{good}nonsense\n{'0' * 64} *../b.csv\n"})
    assert [(one.path, one.holds, one.where) for one in bundle.provenance.hashes] == [("a.csv", True, "SHA256SUMS:2")]
    assert the(bundle.findings, "dataset.hash_line").count == 2
    assert errors(counter.refused({"a.csv": data, "SHA256SUMS": f"{'0' * 64}  a.csv\n{'0' * 64}  c.csv\n"})) == [
        "dataset.hash_differs",
        "dataset.hash_nothing",
    ]


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("scale", "About 1.2 万条，3.5GB", [("rows", 12_000, 500), ("bytes", 3.5e9, 5e7)]),
        ("scale", "60k images in 70,000 files", [("rows", 60_000, 500), ("files", 70_000, 0)]),
        ("scale", "2.5 million labelled short reviews; 4 KiB", [("rows", 2_500_000, 50_000), ("bytes", 4096, 512)]),
        ("scale", "version 3 of 2026-01-05, 64-bit", []),
        ("scale", "共 5 百万行、12个字段", [("rows", 5_000_000, 500_000), ("columns", 12, 0)]),
        ("distribution", "缺失率约为 2.5%", [("missing", 0.025, 0.0005)]),
        ("limitations", "3 % of the cells are missing", [("missing", 0.03, 0)]),
        ("label_statistics", "| cat | 1,200 |\n| dog | 800 |", [("class", 1200, 0), ("class", 800, 0)]),
        ("label_statistics", "正面（300条）、负面（200条）", [("class", 300, 0), ("class", 200, 0)]),
        ("label_statistics", "cat: 60 %", []),
        ("processing", "We dropped 5,000 rows", []),
    ],
)
def test_numbers_in_texts(key, text, expected):
    assert [
        (claim.kind, pytest.approx(claim.value), pytest.approx(claim.precision)) for claim in in_text(key, text, "x")
    ] == expected


def test_hashes_in_texts():
    digest = "ab" * 32
    assert [claim.value for claim in in_text("structure", f"a.csv {digest}, {digest}ff", "x")] == [digest]


def test_claims_against_what_was_measured():
    exact = Claim("rows", 1000, None, 0, certain=True, where="x")
    assert exact.agrees(1009)
    assert not exact.agrees(1020)
    share = Claim("missing", 0.02, None, 0.005, certain=False, where="x")
    assert share.agrees(0.029)
    assert not share.agrees(0.04)
    digest = Claim("sha256", "ab" * 32, "a.csv", 0, certain=True, where="x")
    assert digest.agrees("AB" * 32)
    assert not digest.agrees("cd" * 32)
    assert contradicted([exact, share, digest], {("rows", None): 5, ("missing", None): 0.02}) == [exact]
    wrong = Claim("rows", 7, None, 0, certain=True, where="y")
    right = Claim("rows", 5, None, 0, certain=False, where="z")
    assert contradicted([wrong, right], {("rows", None): 5}) == [wrong], "a text does not save a field"


@pytest.mark.parametrize(
    ("text", "expected"),
    [(identifier, identifier) for identifier in LICENCES]
    + [(identifier.lower(), identifier) for identifier in ("CC-BY-4.0", "Apache-2.0", "MulanPSL-2.0", "ODbL-1.0")]
    + [
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/deed.zh", "CC-BY-NC-SA-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://spdx.org/licenses/GPL-3.0-only.html", "GPL-3.0-only"),
        ("https://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("the MIT License", "MIT"),
        ("木兰宽松许可证，第2版".replace("，", ", "), "MulanPSL-2.0"),
        ("知识共享署名 4.0", "CC-BY-4.0"),
        ("CC BY-NC-ND 4.0", "CC-BY-NC-ND-4.0"),
        ("CC-BY-2.0", None),
        ("permitted for all", None),
        ("we admit that it is unlicensed", None),
        ("", None),
    ],
)
def test_licences(text, expected):
    assert spdx(text) == expected


@pytest.mark.hostile
@pytest.mark.parametrize(
    "text",
    ["<!--", "# x\n", "#", "| ", "数据规模：", "scale: 1\n", "\0", "1.", "```\n", "-\n", "("],
)
def test_hostile_documents_end(text):
    documentation = read((text * 2**19)[: 2**19])
    assert len(documentation.answers) == 20
    assert len(documentation.claims) <= 500
