"""Data into a PDF by a Typst template of this folder, with a font that has every character of GBK and rare names."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

FOLDER = Path(__file__).parent
_own = threading.local()


def printed(template: str, data: dict[str, Any], *, at: datetime) -> bytes:
    """The PDF of `template` filled with `data`; the same of both and of `at` gives the same bytes.

    Data travels as JSON beside the template, so nothing that people wrote is read as markup.
    """
    result: bytes = _compiler().compile(
        input=_template(template),
        format="pdf",
        timestamp=at.replace(microsecond=0),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    return result


@cache
def _template(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def _compiler() -> Any:
    """One per thread: a compiler is not shared."""
    if not hasattr(_own, "compiler"):
        _own.compiler = typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True)
    return _own.compiler


@cache
def _fonts() -> Any:
    """Noto Sans CJK, and no font of the machine: a paper looks the same everywhere."""
    folder = str(files("noto_cjk_sans_otc"))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
