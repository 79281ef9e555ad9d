"""Files on their way: what is refused before and after it was sent, by name; a form waits for what is still coming."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from playwright.sync_api import Page as Window

from sample.deals import PDF
from tests.e2e.conftest import Site

TOO_LARGE = 20 * 1024 * 1024 + 1  # of what comes in one piece


@pytest.fixture
def window(house: Site) -> Window:
    """The form of a new product, with a place for the papers that prove its price."""
    house.sign_in(house.world.world.parties.po)
    page = house.context.new_page()
    page.goto(f"{house.url}/s/products/new/")
    return page


def lines(window: Window) -> Locator:
    return window.locator("[data-files=proof_files] .file-list li")


def choose(window: Window, *files: Path) -> None:
    window.locator("[data-files=proof_files] input[type=file]").set_input_files(list(files))


def paper(folder: Path, name: str, content: bytes = PDF) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_what_can_never_be_kept_is_refused_before_it_is_sent_each_by_its_name(window: Window, tmp_path: Path) -> None:
    sent: list[str] = []
    window.on("request", lambda one: sent.append(one.url))
    choose(
        window,
        paper(tmp_path, "报价.docx"),
        paper(tmp_path, "空.pdf", b""),
        paper(tmp_path, "合同.pdf", b"\0" * TOO_LARGE),
    )
    expect(lines(window)).to_have_count(3)
    expect(lines(window).nth(0)).to_contain_text("“报价.docx”不收此类文件，只收")
    expect(lines(window).nth(1)).to_contain_text("“空.pdf”是空文件")
    expect(lines(window).nth(2)).to_contain_text("“合同.pdf”有20.1 MB，超过上限20 MB，请压缩或拆分后上传。")
    assert [one for one in sent if "/upload/" in one] == []
    lines(window).nth(0).get_by_role("button", name="知道了").click()
    expect(lines(window)).to_have_count(2)


def test_what_is_not_what_its_name_says_is_refused_by_its_content(window: Window, tmp_path: Path, console: Any) -> None:
    console.expect(400)
    choose(window, paper(tmp_path, "假的.pdf", b"only text"))
    expect(lines(window)).to_contain_text("“假的.pdf”未上传：只接受 PDF、OFD、XML、JPG、PNG、MP4 文件（按内容判断）。")


def test_several_are_dropped_at_once_and_each_has_its_line(window: Window) -> None:
    window.evaluate(
        """content => {
          const dropped = new DataTransfer();
          for (const name of ["甲.pdf", "乙.pdf"]) { dropped.items.add(new File([content], name)); }
          const place = document.querySelector("[data-files=proof_files] [data-drop]");
          place.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: dropped}));
        }""",
        PDF.decode("latin-1"),
    )
    expect(window.locator("[data-files=proof_files] .file-name")).to_have_count(2)


def test_a_form_is_not_sent_while_a_file_is_still_coming(window: Window, tmp_path: Path) -> None:
    held: list[Any] = []
    window.route("**/upload/", lambda route: held.append(route))  # noqa: PLW0108 - a bound built-in has no such name
    choose(window, paper(tmp_path, "报价.pdf"))
    expect(lines(window).get_by_role("progressbar", name="报价.pdf上传进度")).to_be_visible()
    window.get_by_role("button", name="申报产品").click()
    expect(lines(window)).to_contain_text("文件还在上传，传完后再提交")
    assert window.locator(".errors").count() == 0
    held[0].continue_()
    expect(window.locator("[data-files=proof_files] .file-name")).to_have_text("报价.pdf")
    expect(window.get_by_role("button", name="申报产品")).to_be_enabled()


def test_an_upload_is_cancelled(window: Window, tmp_path: Path) -> None:
    window.route("**/upload/", lambda one: None)
    choose(window, paper(tmp_path, "报价.pdf"))
    lines(window).get_by_role("button", name="取消").click()
    expect(lines(window)).to_have_count(0)


def test_who_is_no_longer_signed_in_is_told_so(window: Window, house: Site, tmp_path: Path, console: Any) -> None:
    console.expect(401)
    house.context.clear_cookies(name="sessionid")
    choose(window, paper(tmp_path, "报价.pdf"))
    expect(lines(window)).to_contain_text("登录已失效")
