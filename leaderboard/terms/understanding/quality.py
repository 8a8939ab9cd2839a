"""Quality as people ask for it: limits of measures, grades, places in a challenge."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from leaderboard.terms.demand import Floor, GradeFloor, MeasureFloor, RankFloor
from leaderboard.terms.understanding.amounts import PERCENT, share


class _Name(NamedTuple):
    """How a measure is called. `turned` where people say what is right and the measure counts what is wrong, or the other
    way round; `falling` where what people say is good when it is small.
    """

    measure: str
    pattern: str
    falling: bool
    turned: bool = False


_LABEL: Final = r"(?:label(?:l?ing)?|annotation)"
_NAMES: Final = (
    _Name(
        "A6",
        rf"{_LABEL} errors?(?: rates?)?|mislabell?ed (?:rows|records|labels)|标[注签]的?(?:错误|差错|误差)率?|错标率|标错率",
        falling=True,
    ),
    _Name("A6", rf"{_LABEL} accuracy|标[注签]的?(?:准确|正确)(?:率|性|度)", falling=False, turned=True),
    _Name("Q13", r"duplicat(?:es?|ion)(?: records| rows)?(?: rates?)?|重复(?:率|数据|记录)", falling=True),
    _Name("Q7", r"missing (?:values?|data|cells)(?: rates?)?|缺失(?:率|值(?:比例)?)", falling=True, turned=True),
    _Name("Q7", r"completeness|完整(?:率|性|度)", falling=False),
    _Name("Q18", r"outliers?(?: rates?)?|异常值(?:比例|率)?", falling=True),
    _Name("A5", r"timeliness|时效性", falling=False),
)
_LESS: Final = (
    r"(?:(?:of|is|are)? ?(?:below|under|less than|lower than|at most|no more than|not more than|up to|within|<=?|≤)|"
    r"低于|小于|少于|不超过|不高于|不大于|控制在|在|须低于|应低于)"
)
_MORE: Final = (
    r"(?:(?:of|is)? ?(?:above|over|at least|more than|higher than|no less than|not below|not less than|>=?|≥)|"
    r"不低于|不少于|不小于|高于|大于|超过|达到|达|在|至少)"
)
_AGREEMENT: Final = re.compile(
    rf"(?:inter-annotator agreement|annotator agreement|kappa|alpha|标注一致性|一致性(?:系数)?|kappa值?)"
    rf"(?: ?(?:kappa|alpha))? ?{_MORE} ?(?P<value>0?\.\d{{1,4}})(?:以上)?"
)
_GRADE: Final = re.compile(
    r"(?:(?:at least |minimum )?(?:quality )?grade (?:of )?(?:at least )?(?P<one>aaa|aa|a|b|c)(?![a-z])(?: (?:or|and) (?:better|above|higher))?)"
    r"|(?:(?:质量)?(?:评级|等级|级别)(?:不低于|达到|至少|为|在)?)?(?P<two>aaa|aa|a|b)级?(?:及)?以上|(?:评级|等级)(?:不低于|达到|至少|为)(?P<three>aaa|aa|a|b|c)级?"
)
_RANK: Final = re.compile(
    rf"(?:(?<![a-z])(?:in the )?top|(?:排名|名次)?(?:在)?前) ?(?P<value>{PERCENT})(?: of (?:a|the) (?:challenge|leaderboard))?"
)
_BEFORE: Final = tuple(
    (
        name,
        re.compile(
            rf"(?:{name.pattern}) ?{_LESS if name.falling else f'(?:{_MORE})?'} ?(?P<value>{PERCENT})(?:以[内下上]|或?更[低高])?"
        ),
    )
    for name in _NAMES
)
_AFTER: Final = tuple(
    (
        name,
        re.compile(
            rf"{_LESS if name.falling else f'(?:{_MORE})?'} ?(?P<value>{PERCENT}) (?:of )?(?:{name.pattern})(?: or better)?"
        ),
    )
    for name in _NAMES
)


def floors(text: str) -> Iterator[tuple[int, int, Floor]]:
    """Start, end and value of every demand on quality in `text` (small letters)."""
    for name, pattern in (*_BEFORE, *_AFTER):
        for found in pattern.finditer(text):
            said = share(found["value"])
            limit = round(1 - said, 12) if name.turned else said
            yield found.start(), found.end(), MeasureFloor(measure=name.measure, limit=limit)
    for found in _AGREEMENT.finditer(text):
        yield found.start(), found.end(), MeasureFloor(measure="A7", limit=float(found["value"]))
    for found in _GRADE.finditer(text):
        grade = found["one"] or found["two"] or found["three"]
        yield found.start(), found.end(), GradeFloor(grade=grade.upper())
    for found in _RANK.finditer(text):
        yield found.start(), found.end(), RankFloor(limit=share(found["value"]))
