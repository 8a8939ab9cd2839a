"""Honest documentation of small datasets keeps its answers, whatever its form; what is said of other data loses them."""

import json
from typing import get_args

import pytest

from challenges.dataset_report import evidence
from challenges.datasets import ITEMS
from challenges.datasets.against import Opened
from challenges.datasets.documentation import Answer, Reason
from scoring.quality.measures import documents
from scoring.quality.wording import ISSUES

ROWS = [
    (f"t{number:03}", f"2026-03-{number % 28 + 1:02}", ("Suzhou", "Wuxi", "Kunshan")[number % 3], number % 17, "late" if number % 4 == 0 else "punctual")
    for number in range(60)
]  # fmt: skip
TABLE = "trip,day,station,delay_min,outcome\n" + "".join(",".join(map(str, row)) + "\n" for row in ROWS)
REVIEWS = [
    (f"c{number:03}", f"第{number}次购买，电池比上次耐用，客服回复也及时。", "好评" if number % 3 else "差评")
    for number in range(45)
]
CORPUS = "编号,评论,类别\n" + "".join(",".join(row) + "\n" for row in REVIEWS)

TERSE = """\
# Scale
60 rows, 5 columns
# Format
CSV, UTF-8
# Files
trips.csv: trip, day, station, delay_min, outcome
# Access
https://data.suzhou-rail.cn/trips
# Contact
rail@suzhou-rail.cn
# Modality
Table
# Distribution
20 trips each for Suzhou, Wuxi, Kunshan
# Labels
late 15, punctual 45
# Example
t004,2026-03-05,Wuxi,4,late
# Limitations
Spring only; no freight, no night trains, one city.
# Source
Timetable server of Suzhou rail, since March 2026
# Collection
Polled each minute by a script; last reply kept.
# Processing
Cancelled trips dropped, duplicates removed, times rounded to minutes
# Labelling
Late from five minutes on; computed, nobody annotated by hand.
# Version
1.0
# License
CC-BY-4.0
# Uses
Delay forecasting; not for rating drivers or crews.
# Evaluation
AUC, last week held out
# Baseline
Always punctual: accuracy 0.75
# Cases
None published; a student thesis at Soochow used it.
"""
LONG = """\
# Suzhou regional trips

This dataset was put together so that anyone may study why regional trains run late.

## Dataset description

### Size
At the moment the collection comprises 60 records. Every record has five attributes, and the whole CSV stays far below one megabyte.

### Data format
All files are plain CSV in UTF-8 with a header row; commas separate the cells and no cell is quoted.

### Columns

| column | meaning |
|---|---|
| trip | our own running number of the journey |
| day | calendar day on which it left |
| station | terminus |
| delay_min | minutes behind schedule on arrival |
| outcome | what models should predict |

### Download
You can obtain everything from our page at https://data.suzhou-rail.cn/trips without registering.

### Maintainers
The rail data group answers questions within a week. Write to rail@suzhou-rail.cn.

## Content

### Data type
Everything here is tabular; there are no pictures and no free text whatsoever.

### Statistics
Each of the three termini receives 20 journeys. Delays lie between 0 and 16 minutes, eight on average.

### Class balance
- late: 15 (25 %)
- punctual: 45 (75 %)

### Example record
```json
{"trip": "t008", "day": "2026-03-09", "station": "Kunshan", "delay_min": 8, "outcome": "late"}
```

### Known issues
Because only one spring was observed, holiday traffic is missing. Passengers who changed trains cannot be followed, and clocks at Wuxi ran half a
minute ahead until the tenth of March.

## How we made it

### Provenance
Arrival messages are published by the control centre of Suzhou rail under an open licence.

### Acquisition
A small program polled the message server every sixty seconds throughout March 2026 and stored whatever came back.

### Preprocessing
First we threw away cancelled journeys. Then repeated messages were merged, keeping the newest. Finally seconds were cut off.

### Annotation
Nobody annotated by hand. A journey is called late as soon as it reaches its terminus five minutes or more behind schedule.

### Changelog
Version 1.1 (2026-05-02) repairs two station names; 1.0 came out in April 2026.

## Using it

### Licence
Creative Commons Attribution 4.0

### Intended use
Teaching, and forecasting of delays. Please do not use it for appraising individual drivers.

### Evaluation protocol
Hold out the last seven days and report the area under the ROC curve, averaged over five seeds.

### Benchmark results
A logistic regression on weekday and terminus gets an area of 0.61.

### Publications
Two bachelor theses at Soochow University build on it, and the operator's planning office tried it in a workshop.
"""
LISTED = """\
## Basic information
- **Scale**: 60 records
- **Format**: CSV
- **Structure**: `trips.csv` with trip, day, station, delay_min and outcome
- **Access**: download from data portal of Suzhou rail after signing in, menu Open data
- **Support**: rail data group at Suzhou, by telephone 0512-65221234
## Content
- **Modality**: tables
- **Distribution**: 3 stations with 20 trips each, all from March 2026
- **Label distribution**: punctual: 45; late: 15
- **Samples**: t000 | 2026-03-01 | Suzhou | 0 | late
- **Limitations**: freight, night trains and other seasons are missing
## Making
- **Source**: arrival messages of Suzhou rail, March 2026
- **Collection**: a script asked the message server once a minute
- **Cleaning**: cancelled trips left out, repeated messages merged, seconds cut off
- **Annotation**: computed from timetable, late means five minutes or more
- **Version**: v1.0
## Use
- **License**: CC0-1.0
- **Use cases**: forecasting delays, teaching statistics, planning of platforms
- **Evaluation**: mean absolute error on the last week
- **Baseline**: median delay, error of 4.1 minutes
- **Cases**: planning of platform changes by the operator in Wuxi
"""
CHINESE_TERSE = """\
## 规模
45条
## 格式
CSV
## 文件结构
评论.csv：编号、评论、类别，每行一条
## 获取方式
https://pinglun.suzhou-data.cn
## 联系方式
pinglun@suzhou-data.cn
## 模态
文本
## 分布
每条评论约20字，都在2026年春写成
## 标签统计
好评30，差评15
## 样例
c001,第1次购买，电池比上次耐用，客服回复也及时。,好评
## 局限性
只有电池一类商品，没有方言和外文。
## 来源
苏州某电商平台的公开评论区
## 采集
二〇二六年春由平台后台逐条导出。
## 清洗
去掉重复，删除空行，遮盖手机号码。
## 标注规则
程序按星级标注：四星以上好评，其余差评。
## 版本
1.0
## 许可
CC-BY-4.0
## 用途
训练情感分类模型，不用于评价商家。
## 评测
留出一成，算准确率。
## 基线
一律判多数类，准确率0.67
## 案例
苏州大学两门课程的作业曾经用过。
"""
CHINESE_LONG = """\
# 电池评论数据集

一、基本信息

| 项目 | 内容 |
| --- | --- |
| 数据规模 | 共45条评论，约5 KB |
| 数据格式 | UTF-8编码的CSV文件 |
| 文件结构 | 评论.csv为全部数据，列为编号、评论与类别 |
| 获取方式 | 登录苏州数据开放平台后，在商品评论栏目下载 |
| 技术支持 | 由平台数据组负责维护，电话0512-65221234 |

二、内容特征

## 数据类型
全部为中文短文本，以表格形式存放。
## 数据分布
每条评论二十余字，均为同一类商品；三分之二为好评，即30条。
## 类别分布
| 类别 | 数量 |
| --- | --- |
| 好评 | 30 |
| 差评 | 15 |
## 数据示例
编号c002的评论是“第2次购买，电池比上次耐用，客服回复也及时。”
## 局限性
样本量较小，措辞相近，且只来自一家店铺，不能代表其他商品或其他地区的顾客。

三、建设过程

## 数据来源
平台店铺的公开评论，2026年3月由店主授权提供。
## 采集过程
后台按购买次数逐条导出，没有抽样，也没有改写原文。
## 数据清洗
先删除空白评论，再合并完全相同的记录，最后遮盖电话号码。
## 标注方法
四星及以上记为好评，其余记为差评；由程序依据星级生成，未经人工复核。
## 版本记录
1.1版修正两处错字，2026年5月发布。

四、应用说明

## 许可协议
知识共享署名 4.0
## 应用场景
可用于情感分类教学，不宜用于评价商家信誉。
## 评测方法
随机留出十分之一评论，重复五次，取准确率均值。
## 基线结果
一律判为好评时准确率为0.67。
## 应用案例
苏州大学两门课程将其作为练习材料，店铺也据此改进了包装。
"""
GERMAN = {
    "limitations": "Es fehlen Güterzüge, Nachtzüge und sämtliche Ferienzeiten; außerdem gingen die Uhren zeitweise vor.",
    "collection": "Ein Programm fragte den Nachrichtenserver im März jede Minute ab und speicherte sämtliche Antworten.",
    "processing": "Ausgefallene Fahrten wurden entfernt, wiederholte Meldungen zusammengeführt, Sekunden abgeschnitten.",
}
OTHERS = {
    "French": "Les trains de marchandises et les trains de nuit ne sont pas couverts, et les vacances scolaires manquent.",
    "Polish": "Brakuje pociągów towarowych i nocnych, a zegary na stacji przez pewien czas się spieszyły o pół minuty.",
    "Finnish": "Tavarajunat ja yöjunat puuttuvat, samoin kaikki loma-ajat; asemien kellot edistivät välillä puoli minuuttia.",
    "Vietnamese": "Thiếu tàu hàng và tàu đêm, cũng không có dữ liệu của các kỳ nghỉ trong năm học vừa qua.",
    "Turkish": "Yük trenleri ve gece trenleri eksik, tatil dönemleri de yok; istasyon saatleri bir süre ileri gitti.",
    "Russian": "Нет грузовых и ночных поездов, не охвачены каникулы, часы на станции некоторое время спешили.",
    "Japanese": "貨物列車と夜行列車は含まれず、休暇期間の記録もありません。駅の時計は一時期進んでいました。",
    "Korean": "화물 열차와 야간 열차는 포함되지 않으며 방학 기간의 기록도 없습니다 역의 시계는 한동안 빨랐습니다",
    "Pinyin": "Meiyou huoche he yejian lieche, ye meiyou jiaqi de jilu, chezhan de zhong zeng yidu kuai le bange fenzhong.",
    "traditional Chinese": "只涵蓋單一業者，缺少貨運與夜間列車，寒暑假期的紀錄亦未收錄，車站時鐘曾一度偏快。",
}


def lost(bundle):
    return {
        answer.item.key: answer.reason or answer.state
        for answer in bundle.documentation.answers
        if answer.state != "answered"
    }


@pytest.mark.parametrize("text", [TERSE, LONG, LISTED], ids=["terse", "long", "lists"])
def test_english(counter, text):
    assert lost(counter.open({"README.md": text, "trips.csv": TABLE})) == {}


@pytest.mark.parametrize("text", [CHINESE_TERSE, CHINESE_LONG], ids=["terse", "long"])
def test_chinese(counter, text):
    assert lost(counter.open({"README.md": text, "评论.csv": CORPUS})) == {}


def test_german(folder):
    text = "".join(f"# {key}\n{sentence}\n" for key, sentence in GERMAN.items())
    assert set(lost(folder.open({"README.md": text, "trips.csv": TABLE}))) == {item.key for item in ITEMS} - set(GERMAN)


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_that_nobody_here_knows_is_no_gibberish(folder, language):
    found = folder.open({"README.md": f"# Limitations\n{OTHERS[language]}\n", "trips.csv": TABLE})
    assert found.documentation.answer("limitations").state == "answered"


def test_fields_of_a_data_package(folder):
    described = {
        "name": "trips",
        "version": "1.0",
        "licenses": [{"name": "CC0-1.0"}],
        "sources": [{"title": "Arrival messages of Suzhou rail"}],
        "resources": [
            {
                "name": "trips",
                "path": "trips.csv",
                "format": "csv",
                "schema": {
                    "fields": [
                        {
                            "name": "trip",
                            "type": "string",
                            "description": "our running number of the journey, never used twice",
                        }
                    ]
                },
            }
        ],
    }
    found = folder.open({"datapackage.json": json.dumps(described), "trips.csv": TABLE})
    assert {"format", "structure", "source", "versioning", "licence"}.isdisjoint(lost(found))


@pytest.mark.parametrize(("text", "table"), [(CHINESE_LONG, "trips.csv"), (LONG, "评论.csv"), (TERSE, "评论.csv")])
def test_a_readme_of_other_data_answers_nothing(folder, text, table):
    found = folder.open({"README.md": text, table: {"trips.csv": TABLE, "评论.csv": CORPUS}[table]})
    assert set(lost(found)) == {item.key for item in ITEMS}
    assert "foreign" in lost(found).values()


@pytest.mark.parametrize(
    ("key", "heading", "true", "false"),
    [
        ("scale", "Scale", "60 rows", "61 thousand rows"),
        ("scale", "Scale", f"{len(TABLE)} bytes", "17 bytes"),
        ("format", "Format", "csv", "parquet"),
        ("structure", "Files", "One table called trips.csv where each line tells of one journey", "One table called flights.csv where each line tells of one journey"),
        ("structure", "Columns", "Both delay_min and outcome come from comparing arrivals with timetables", "Both humidity and rain come from comparing gauges with radar pictures"),
        ("modality", "Modality", "Tabular", "Images and sounds"),
        ("label_statistics", "Labels", "late: 15", "cancelled: 15"),
        ("label_statistics", "Labels", "a quarter, 25 %, late", "late: 33 %"),
        ("samples", "Sample", "t016,2026-03-17,Wuxi,16,late", "x16,2013-01-17,EWR,99,reduced"),
    ],
)  # fmt: skip
def test_what_can_be_looked_up_is_looked_up(folder, key, heading, true, false):
    right, wrong = (folder.open({"README.md": f"# {heading}\n{text}\n", "trips.csv": TABLE}) for text in (true, false))
    assert right.documentation.answer(key).state == "answered"
    assert (wrong.documentation.answer(key).state, wrong.documentation.answer(key).reason) == ("too short", "against")
    assert wrong.documentation.answer(key).code == f"document.{key}"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/x",
        "http://localhost:8080/data",
        "https://data.example.com",
        "http://files.test/a",
        "http://127.0.0.1/a",
    ],
)
def test_an_address_that_leads_nowhere_is_none(folder, address):
    found = folder.open({"README.md": f"# Access\n{address}\n# Contact\nann@example.net\n", "trips.csv": TABLE})
    assert {found.documentation.answer(key).reason for key in ("access", "support")} == {"address"}


def told(bundle, **roles):
    """What a team is told of each item that is not answered, by all four measures."""
    seen = evidence(bundle, None, roles)
    found = [measure(seen) for measure in (documents.basic, documents.content, documents.construction, documents.use)]
    return {row["column"]: row["code"] for one in found for row in one.issues.to_dicts()}


def test_teams_are_told_why_an_item_is_not_answered(folder):
    readme = (
        TERSE.replace("CSV, UTF-8", "Parquet")
        .replace("# Source", "# Nothing")
        .replace("late 15, punctual 45", "late: 15, punctual: 40")
    )
    bundle = folder.open({"README.md": readme, "trips.csv": TABLE})
    assert told(bundle) == {"format": "document.format", "source": "document.missing"}
    assert told(bundle, label="outcome") == {
        "format": "document.format",
        "source": "document.missing",
        "label_statistics": "document.contradicted",
    }


def test_every_reason_has_its_sentence():
    given = [Answer(item, "too short", reason) for item in ITEMS for reason in get_args(Reason) if reason]
    evident = {item.key for item in ITEMS if item.evidence is not None}
    checked = {item.key for item in ITEMS if Opened.looks_up(item.key)}
    possible = [
        one.code
        for one in given
        if not (one.reason == "evidence" and one.item.key not in evident)
        and not (one.reason == "against" and one.item.key not in checked)
    ]
    assert {*possible, "document.missing", "document.contradicted"} == {
        code for code in ISSUES if code.startswith("document.")
    }


def test_the_same_words_under_other_headings_are_one_sentence(folder):
    text = "".join(
        f"# {item.title}\nOur {item.title.lower()} was settled by experts with great care.\n" for item in ITEMS
    )
    found = lost(folder.open({"README.md": text, "trips.csv": TABLE}))
    assert set(found) == {item.key for item in ITEMS}
    assert list(found.values()).count("repeated") > 10


def test_a_word_counts_in_five_answers_only(folder):
    few = ["pipeline", "quality", "expert", "standard", "trusted", "robust", "reliable"]
    text = "# Scale\n60 rows\n" + "".join(
        f"# {item.title}\n{' '.join(few[place % 7 :] + few[: place % 7])} {'x' * 3}{place}.\n"
        for place, item in enumerate(ITEMS[9:])
    )
    assert len(ITEMS) - len(lost(folder.open({"README.md": text, "trips.csv": TABLE}))) <= 6
