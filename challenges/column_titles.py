"""What the title of a column says about whether its values may be shown. Imports no polars: pages ask too."""

import re
from typing import Final, Literal

_JOINED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PERSON: Final = re.compile(
    r"姓名|名字|姓氏|联系人|收件人|寄件人|法人代表|户主|用户名|昵称"
    r"|\b(?:full|first|last|middle|given|family|sur|nick|user|contact|customer|client|patient|person|employee|student|owner|holder)[ _-]?name\b"
    r"|\bsurname\b|\busername\b",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(
    r"住址|地址|门牌|\b(?:home |street |postal |mailing )?address(?: ?line)?(?: ?\d)?\b", re.IGNORECASE
)
_NUMBER: Final = re.compile(
    r"身份证|手机|电话|邮箱|证件号|银行卡|护照|\b(?:phone|mobile|telephone|e-?mail|ssn|passport|id ?card)\b",
    re.IGNORECASE,
)
_SECRET: Final = re.compile(
    r"密码|口令|密钥|令牌|\b(?:password|passwd|pwd|secret|api ?key|access ?key|private ?key|token|credential)s?\b",
    re.IGNORECASE,
)


def by_title(name: str) -> Literal["", "personal", "secret"]:
    """Why nothing below such a title may be shown, "" where the title is no reason.

    >>> by_title("customerName"), by_title("api_key"), by_title("product name")
    ('personal', 'secret', '')
    """
    plain = _JOINED.sub(" ", name[:1000]).replace("_", " ").replace("-", " ")
    if _SECRET.search(plain):
        return "secret"
    return "personal" if any(words.search(plain) for words in (_PERSON, _PLACE, _NUMBER)) else ""
