"""The 20 items that the documentation of a dataset answers (TC609-5-2025-04, indicators 0101 to 0104), and how they are called.

The words are those of people who write READMEs, in both languages; an item is found where one of them is a heading, a label
before a colon, or the first cell of a table row. What is a good answer is our wording, never a sentence of the standard.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Group = Literal["D1", "D2", "D3", "D4"]
GROUPS: Final[Mapping[Group, str]] = MappingProxyType(
    {
        "D1": "Basic information",
        "D2": "Features of the content",
        "D3": "How it was made",
        "D4": "Use",
    }
)

_NUMBER: Final = re.compile(r"\d|[一二三四五六七八九十百千万亿]+[条行张份个]")
_FORMAT: Final = re.compile(
    r"(?i)(?<![a-z0-9])(?:csv|tsv|jsonl?|ndjson|parquet|png|jpe?g|webp|gif|wav|txt|md|markdown|coco|croissant|xml|zip|gzip|text/[a-z-]+|image/[a-z-]+|audio/[a-z-]+|application/[a-z.-]+)(?![a-z0-9])|文本文件"
)
_MODALITY: Final = re.compile(
    r"(?i)(?<![a-z])(?:texts?|images?|photos?|pictures?|audio|sounds?|speech|videos?|tables?|tabular|time[ -]series|trajector(?:y|ies)|point clouds?|graphs?|multi-?modal)(?![a-z])"
    r"|文本|图像|图片|音频|语音|视频|表格|时序|时间序列|轨迹|点云|图数据|多模态"
)
_VERSION: Final = re.compile(r"(?i)\bv?\d+\.\d+|\bv\d+\b|\b(?:19|20)\d\d[-/.年]\d{1,2}|第?\d+(?:\.\d+)*版")
_ADDRESS: Final = re.compile(r"(?i)\bhttps?://[^\s/]+\.[^\s]+|\bdoi:\s*10\.\d{4,9}/\S+|\b10\.\d{4,9}/\S+")
_CONTACT: Final = re.compile(
    r"(?i)[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|\bhttps?://[^\s/]+\.[^\s]+|\b1[3-9]\d{9}\b|\b0\d{2,3}-\d{7,8}\b"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item.

    key        its name in fields: `[documentation] scale = "…"`
    title      English, for headings
    asks       what a good answer says
    words      headings that introduce it, in small letters; longer ones win over shorter ones within them
    least      words that an answer has at least (two Chinese characters count as one; each word counts once)
    evidence   what an answer must contain besides
    enough     what is a full answer by itself, however short
    """

    key: str
    group: Group
    title: str
    asks: str
    words: tuple[str, ...]
    least: int = 6
    evidence: re.Pattern[str] | None = None
    enough: re.Pattern[str] | None = None


ITEMS: Final[tuple[Item, ...]] = (
    Item(
        "scale", "D1", "Scale",
        "how many records, columns and bytes there are, as numbers",
        ("scale", "size", "dataset size", "data size", "volume", "number of records", "number of samples", "how much data",
         "规模", "数据规模", "数据量", "数据集规模", "数据集大小", "样本量", "样本数量", "数据总量", "数量"),
        least=2, evidence=_NUMBER,
    ),
    Item(
        "format", "D1", "Format",
        "in which file formats and encodings the data comes",
        ("format", "formats", "file format", "file formats", "data format", "encoding",
         "格式", "数据格式", "文件格式", "存储格式", "编码格式"),
        least=1, evidence=_FORMAT,
    ),
    Item(
        "structure", "D1", "File structure",
        "which files and folders there are, and what stands in each column or field",
        ("structure", "file structure", "data structure", "folder structure", "directory structure", "files", "data files", "columns",
         "fields", "data fields", "schema", "data dictionary", "layout", "organization", "organisation",
         "结构", "文件结构", "目录结构", "数据结构", "文件组织", "字段", "字段说明", "数据字段", "数据字典", "目录说明", "文件说明"),
        least=4,
    ),
    Item(
        "access", "D1", "Access",
        "where and under which conditions the data can be had",
        ("access", "download", "how to access", "getting the data", "availability", "data access", "obtaining the data", "usage",
         "how to use", "how to load", "loading",
         "访问", "获取", "获取方式", "访问方式", "数据获取", "下载", "下载方式", "下载地址", "访问途径", "获取途径", "使用方法", "使用方式"),
        enough=_ADDRESS,
    ),
    Item(
        "support", "D1", "Support",
        "whom to ask, and who maintains the data",
        ("support", "contact", "contacts", "maintainer", "maintainers", "maintenance", "authors", "questions", "feedback",
         "technical support", "dataset curators", "curators",
         "支持", "技术支持", "联系方式", "联系我们", "联系人", "维护", "维护者", "维护团队", "问题反馈", "反馈", "作者"),
        enough=_CONTACT,
    ),
    Item(
        "modality", "D2", "Modality",
        "whether the data is text, images, sound, tables or several of them, and in which language",
        ("modality", "modalities", "data type", "data types", "type of data", "media type", "language", "languages", "content",
         "模态", "数据模态", "模态类型", "数据类型", "媒体类型", "语言", "内容类型"),
        least=1, evidence=_MODALITY,
    ),
    Item(
        "distribution", "D2", "Distribution",
        "how the data spreads over time, places, sources, lengths or groups",
        ("distribution", "data distribution", "coverage", "composition", "statistics", "data statistics", "descriptive statistics", "splits",
         "data splits",
         "分布", "数据分布", "特征分布", "数据分布情况", "覆盖范围", "数据构成", "构成", "统计", "数据统计", "统计信息", "数据划分"),
        evidence=_NUMBER,
    ),
    Item(
        "label_statistics", "D2", "Label statistics",
        "how many records each label has, as numbers",
        ("label statistics", "label distribution", "labels", "class distribution", "class balance", "classes", "annotation statistics",
         "class counts", "label counts",
         "标签统计", "标签分布", "类别分布", "类别统计", "标签类别统计", "标注统计", "标签", "类别", "类别数量"),
        least=2, evidence=_NUMBER,
    ),
    Item(
        "samples", "D2", "Samples",
        "one or more records as they are",
        ("sample", "samples", "sample data", "example", "examples", "data example", "example record", "data instances", "instances",
         "样例", "示例", "数据示例", "数据样例", "样本示例", "样例数据", "示例数据"),
        least=4,
    ),
    Item(
        "limitations", "D2", "Limitations",
        "what the data does not cover, which biases and faults are known",
        ("limitations", "limitation", "known limitations", "known issues", "bias", "biases", "risks", "bias, risks, and limitations", "caveats",
         "局限", "局限性", "不足", "已知问题", "偏差", "已知局限", "使用限制", "限制", "风险"),
    ),
    Item(
        "source", "D3", "Source",
        "where the data comes from: the institution, system, site or earlier dataset, and from when",
        ("source", "sources", "data source", "data sources", "source data", "origin", "provenance",
         "来源", "数据来源", "数据源", "来源说明", "出处"),
        least=4,
    ),
    Item(
        "collection", "D3", "Collection",
        "how, when, with which devices or rules of choice the data was collected",
        ("collection", "data collection", "collection process", "collection method", "acquisition", "sampling", "how it was collected",
         "采集", "数据采集", "采集过程", "采集方式", "采集方法", "收集", "数据收集", "收集过程", "抽样"),
    ),
    Item(
        "processing", "D3", "Processing",
        "which steps cleaned, filtered or changed the data, in their order",
        ("processing", "data processing", "preprocessing", "pre-processing", "cleaning", "data cleaning", "filtering", "preparation",
         "transformations", "deduplication",
         "处理", "数据处理", "预处理", "数据预处理", "清洗", "数据清洗", "清洗过程", "处理过程", "处理流程", "去重", "加工", "数据加工"),
    ),
    Item(
        "labelling", "D3", "Labelling rule",
        "what each label means, who gave it, and how disagreement was settled",
        ("labelling", "labeling", "annotation", "annotations", "annotation process", "annotation guidelines", "labelling rule", "labelling rules",
         "labeling rules", "labelling guidelines", "labeling guidelines", "annotators", "ground truth",
         "标注", "数据标注", "标注规则", "标注规范", "标注方法", "标注流程", "标注过程", "标注说明", "标注指南", "标注方式"),
    ),
    Item(
        "versioning", "D3", "Versioning",
        "which version this is, when it was made, and what changed since the one before",
        ("version", "versions", "versioning", "version history", "changelog", "changes", "release notes", "updates", "version control",
         "版本", "版本号", "版本管理", "版本说明", "版本信息", "版本控制", "版本记录", "更新记录", "更新日志", "变更记录"),
        least=1, evidence=_VERSION,
    ),
    Item(
        "licence", "D4", "Licence",
        "under which licence the data may be used, as an SPDX identifier where there is one",
        ("licence", "license", "licensing", "licensing information", "licence information", "terms of use", "copyright",
         "许可", "许可证", "许可协议", "授权", "授权协议", "版权", "开源协议", "使用许可", "使用协议", "协议"),
    ),
    Item(
        "scenarios", "D4", "Scenarios",
        "for which tasks and fields of work the data is meant, and for which it is not",
        ("scenarios", "scenario", "use cases", "uses", "intended use", "intended uses", "direct use", "applications", "application scenarios",
         "supported tasks", "tasks", "purpose", "out-of-scope use",
         "应用场景", "适用场景", "使用场景", "场景", "用途", "适用范围", "适用任务", "任务", "预期用途"),
    ),
    Item(
        "evaluation", "D4", "Evaluation method",
        "how a model trained on the data is to be judged: metric, split, procedure",
        ("evaluation", "evaluation method", "evaluation metrics", "evaluation protocol", "metrics", "metric", "how to evaluate", "testing data",
         "评测", "评测方法", "评价方法", "评估方法", "评估", "评测指标", "评价指标", "评估指标", "评测方式", "验证方法"),
        least=4,
    ),
    Item(
        "baseline", "D4", "Baseline result",
        "what a named model reaches on the data, as a number",
        ("baseline", "baselines", "baseline result", "baseline results", "results", "benchmark", "benchmark results", "performance",
         "基线", "基准", "基线结果", "基准结果", "基线模型", "评测结果", "实验结果", "基准测试", "基准测试结果", "模型效果"),
        least=3, evidence=_NUMBER,
    ),
    Item(
        "cases", "D4", "Cases",
        "where the data has been used: products, papers, projects",
        ("case", "cases", "case studies", "application cases", "used in", "papers", "publications", "applications so far",
         "案例", "应用案例", "典型案例", "使用案例", "应用实例", "成功案例", "应用情况", "应用示例"),
    ),
)  # fmt: skip

BY_KEY: Final[Mapping[str, Item]] = MappingProxyType({item.key: item for item in ITEMS})
_CODES: Final[Mapping[Group, str]] = MappingProxyType({"D1": "0101", "D2": "0102", "D3": "0103", "D4": "0104"})


def code(item: Item) -> str:
    """The indicator of TC609-5-2025-04 that the item belongs to.

    >>> code(BY_KEY["licence"])
    '0104'
    """
    return _CODES[item.group]


PROMPTS: Final = re.compile(
    r"(?i)✎|\[?more information needed\]?|\btodo\b|^to do\b|\bt\.?b\.?[adc]\b|\bto be (?:added|completed|defined|determined|filled)\b|"
    r"\bcoming soon\b|lorem ipsum|^n/?a\W*$|^none\W*$|\bfill (?:this |it )?in\b|\bplease (?:fill|describe|add|provide|explain)\b|\bplaceholder\b|"
    r"待补充|待完善|待填写|待定|^暂无.{0,6}$|请填写|请在此|在此填写|此处填写|请补充|请描述|请说明|占位|^略\W*$|^无\W*$|\bx{3,}\b"
)
"""Words of templates. A sentence with one of them is a prompt, not an answer."""
