"""What the officer who reads a demand's text should look at. No ORM, no clock.

Personal data refuses the submission (`foundation.personal`); everything else is a finding, advice to a person who
decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass

_SPOKEN = re.compile(r"[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]{7,}")

# What the 办法 keeps out of the scheme (第七条第（一）项5, 第二十七条), and what hints that a person is named.
_SUSPECT = (
    ("outside_scope", "可能属常规通用或强制检验项目，不在使用范围（办法第七条）", ("强制检验", "强检", "常规检测", "常规检验", "年检")),
    ("cash_out", "有疑似套现、返利的表述（办法第二十七条）", ("套现", "返现", "返点", "回扣", "返利", "好处费", "全额返还")),
    ("transfer", "有疑似转让、买卖服务券的表述（办法第二十七条）", ("转让服务券", "出售服务券", "收购服务券", "卖券", "买券")),
    ("contact_words", "提到联系方式，请核对是否含个人信息", ("手机", "电话", "加微信", "邮箱", "联系人", "身份证")),
)  # fmt: skip
SHORT = 20  # characters: below this a provider can hardly quote


@dataclass(frozen=True)
class Finding:
    """Something for the officer to look at: a stable code, the sentence, the words it rests on."""

    code: str
    message: str
    words: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"words": list(self.words)}


def findings(title: str, content: str, *, live_titles: Mapping[str, str]) -> list[Finding]:
    """What an officer should look at. `live_titles` are the enterprise's other open demands, by number."""
    text = unicodedata.normalize("NFKC", f"{title}\n{content}")
    found = []
    for code, message, words in _SUSPECT:
        if seen := tuple(word for word in words if word in text):
            found.append(Finding(code, message, seen))
    if spoken := _SPOKEN.search(text):
        found.append(Finding("spoken_number", "有连续的中文数字，请核对是否为电话等个人信息", (spoken.group(),)))
    if len("".join(content.split())) < SHORT:
        found.append(Finding("too_short", f"需求内容不足{SHORT}字，服务商可能难以报价"))
    if same := tuple(
        number for number, other in live_titles.items() if "".join(other.split()) == "".join(title.split())
    ):
        found.append(Finding("same_title", "与本企业另一项未结束的需求标题相同", same))
    return found
