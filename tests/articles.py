"""`python -m tests.articles`: every article of docs/articles.md names tests that exist, and they pass.

The table is for people; this keeps it true. An article without a test, and a test that was renamed, are named.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "articles.md"
# The articles that concern the general voucher; 23 is the platform's own duties, 28, 31 and 32 are the offices'.
REQUIRED = (*range(1, 23), *range(24, 28), 29, 30)
_ROW = re.compile(r"^\| 第(\d+)条 \|")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def named(page: str) -> dict[int, list[tuple[str, str]]]:
    """Article -> the tests its row names, as (file, function)."""
    found: dict[int, list[tuple[str, str]]] = {}
    for line in page.splitlines():
        if row := _ROW.match(line):
            found.setdefault(int(row[1]), []).extend(_TEST.findall(line))
    return found


def faults(page: str) -> list[str]:
    """What is wrong with the page, in sentences; none when every article has tests and every test exists."""
    articles = named(page)
    wrong = [f"第{number}条没有列出测试" for number in REQUIRED if not articles.get(number)]
    for number, tests in sorted(articles.items()):
        wrong += [f"第{number}条所列测试不存在：{file}::{name}" for file, name in tests if name not in functions(file)]
    return wrong


def functions(file: str) -> set[str]:
    """The test functions of the file; none when there is no such file."""
    path = ROOT / file
    if not path.is_file():
        return set()
    return {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


def ids(articles: Iterable[list[tuple[str, str]]]) -> list[str]:
    """Every named test once, as pytest names it."""
    return sorted({f"{file}::{name}" for tests in articles for file, name in tests})


def main() -> int:
    """0 when the page is whole and every test on it passes."""
    page = PAGE.read_text("utf-8")
    wrong = faults(page)
    for fault in wrong:
        print(fault, file=sys.stderr)
    if wrong:
        return 1
    tests = ids(named(page).values())
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "2", *tests], cwd=ROOT, check=False)
    if done.returncode == 0:
        print(f"{len(named(page))}条，{len(tests)}项测试全部通过。")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
