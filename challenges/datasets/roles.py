"""Which column is what. What a description says is certain; what only a name suggests is a guess, and is marked as one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

import polars as pl

from challenges.datasets.kinds import IMAGES, SOUNDS, UNREAD_MEDIA
from challenges.intake.text import squeezed

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "uuid", "guid", "key", "recordid", "rowid", "sampleid", "编号", "序号", "主键", "记录编号", "样本编号"),
    "label": ("label", "labels", "class", "target", "category", "sentiment", "标签", "类别", "分类", "标注", "目标"),
    "text": ("text", "content", "sentence", "review", "comment", "document", "body", "文本", "正文", "内容", "评论", "句子"),
    "image": ("image", "imagepath", "imagefile", "img", "imgpath", "picture", "photo", "filename", "file", "filepath", "path",
              "图像", "图片", "图片路径", "文件", "文件名", "路径"),
    "audio": ("audio", "audiopath", "audiofile", "wav", "sound", "speech", "recording", "filename", "file", "filepath", "path",
              "音频", "音频路径", "录音", "文件", "文件名", "路径"),
    "time": ("time", "timestamp", "datetime", "date", "createdat", "originaltime", "时间", "日期", "时间戳", "采集时间"),
    "group": ("group", "groupid", "patientid", "deviceid", "userid", "subjectid", "sessionid", "trackid", "flightid", "分组", "组别", "患者编号",
              "设备编号", "航迹编号", "航班编号"),
    "annotator": ("annotator", "annotatorid", "labeler", "labeller", "rater", "worker", "workerid", "标注员", "标注人", "标注者"),
    "latitude": ("latitude", "lat", "latitudedeg", "纬度"),
    "longitude": ("longitude", "lon", "lng", "long", "longitudedeg", "经度"),
    "altitude": ("altitude", "alt", "altitudem", "altitudeft", "baroaltitude", "geoaltitude", "高度", "海拔"),
    "annotation_method": ("annotationmethod", "labellingmethod", "labelingmethod", "标注方式", "标注方法"),
    "split": ("split", "subset", "partition", "usage", "划分", "子集", "数据划分"),
}  # fmt: skip
"""Role → names of columns that suggest it, without case, width, spaces and hyphens. A name that suggests two columns suggests none."""

_LOOKED_AT: Final = 1000
_MOST_SPLITS: Final = 10


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of columns by role; None where nobody said and no name suggests it.

    id                  names the record
    label               what models learn
    boxes               lists of boxes in an image, each with label, left, top, right, bottom in pixels
    text, image, audio  the content, or the path of its file
    time                when the record was made
    group               what must not be torn apart by a split: a patient, a device, a flight
    latitude, longitude, altitude   where a record was made
    annotator           who labelled; annotation_method: how
    split               train, test and the like
    guessed             the roles that were guessed from names of columns
    """

    id: str | None = None
    label: str | None = None
    boxes: str | None = None
    text: str | None = None
    image: str | None = None
    audio: str | None = None
    time: str | None = None
    group: str | None = None
    annotator: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    altitude: str | None = None
    annotation_method: str | None = None
    split: str | None = None
    guessed: frozenset[str] = frozenset()


NAMES: Final = tuple(field.name for field in fields(Roles) if field.name != "guessed")
"""The roles that a description may give to columns."""


def guess(known: Roles, table: pl.DataFrame) -> Roles:
    """The roles that are known, and those that the names of columns suggest and their cells do not speak against."""
    taken = {name for role in NAMES if (name := getattr(known, role)) is not None}
    plain: dict[str, list[str]] = {}
    for name in table.columns:
        plain.setdefault(squeezed(name).translate(str.maketrans("", "", " _-.")), []).append(name)
    found: dict[str, str] = {}
    for role, words in WORDS.items():
        if getattr(known, role) is not None:
            continue
        names = [name for word in words for name in plain.get(word, ()) if name not in taken]
        fitting = [name for name in names if _FITS[role](table[name].head(_LOOKED_AT), table[name])]
        if len(fitting) == 1:
            found[role] = fitting[0]
            taken.add(fitting[0])
    return replace(known, **found, guessed=known.guessed | frozenset(found))


def paths_of(cells: pl.Series, endings: tuple[str, ...]) -> bool:
    """Whether all cells that hold anything are text with one of these endings."""
    if cells.dtype != pl.String:
        return False
    there = cells.filter(cells.fill_null("") != "").str.strip_chars().str.to_lowercase()
    pattern = "(?:" + "|".join(re.escape(ending) for ending in endings) + ")$"
    return len(there) > 0 and bool(there.str.contains(pattern).all())


def _flat(first: pl.Series, _all: pl.Series) -> bool:
    return not first.dtype.is_nested() and first.dtype != pl.Binary


def _distinct(_first: pl.Series, cells: pl.Series) -> bool:
    return _flat(_first, cells) and cells.n_unique() == len(cells)


def _text(first: pl.Series, _all: pl.Series) -> bool:
    return first.dtype == pl.String and not paths_of(first, (*IMAGES, *SOUNDS, *UNREAD_MEDIA))


def _image(first: pl.Series, _all: pl.Series) -> bool:
    return paths_of(first, IMAGES)


def _sound(first: pl.Series, _all: pl.Series) -> bool:
    return paths_of(first, SOUNDS)


def _few(first: pl.Series, cells: pl.Series) -> bool:
    return _flat(first, cells) and first.n_unique() <= _MOST_SPLITS and cells.n_unique() <= _MOST_SPLITS


_FITS: Final[Mapping[str, Callable[[pl.Series, pl.Series], bool]]] = {
    "id": _distinct,
    "label": _flat,
    "text": _text,
    "image": _image,
    "audio": _sound,
    "time": _flat,
    "group": _flat,
    "annotator": _flat,
    "latitude": _flat,
    "longitude": _flat,
    "altitude": _flat,
    "annotation_method": _few,
    "split": _few,
}
