"""A contract in the browser: from the deposit to the confirmation, and a film that goes on after the line was cut."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash
from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from accounts.models import User
from contracts.models import MilestoneEvidence
from contracts.states import State
from engines.files.models import PartialUpload
from enterprises.models import Enterprise
from foundation import clock
from providers.models import Product, Provider
from sample.deals import PDF, Parties
from tests.e2e.conftest import Site
from tests.e2e.players import every
from tests.factories.contracts import Deal, make_contract

MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
LARGE = 23 * 1024 * 1024  # over what comes in one piece, in five parts


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "回单.pdf"
    path.write_bytes(PDF + os.urandom(8))
    return path


def both() -> Parties:
    """The sample's enterprise and provider, and their people."""
    eo, el, po, pl = (
        User.objects.get(username=f"{house}-{who}")
        for house in ("enterprise", "provider")
        for who in ("agent", "signatory")
    )
    provider = Provider.objects.get(organisation=po.organisation)
    product = Product.objects.filter(provider=provider, state="on_shelf", category="diagnosis").get()
    enterprise = Enterprise.objects.get(organisation=eo.organisation)
    return Parties(enterprise, provider, product, eo=eo, el=el, po=po, pl=pl)


def opened(site: Site, deal: Deal, who: str) -> Window:
    """The contract's page as that person sees it."""
    site.context.clear_cookies()
    site.sign_in(getattr(deal.parties, who))
    window = site.context.new_page()
    window.goto(f"{site.url}/contracts/{deal.pk}/")
    return window


def done(window: Window, words: str) -> None:
    expect(window.locator(".notes")).to_contain_text(words)
    window.close()


def pay(site: Site, deal: Deal, receipt: Path, serial: str, kind: str) -> None:
    """The enterprise reports a payment with its receipt, the provider confirms it."""
    window = opened(site, deal, "eo")
    window.get_by_role("link", name="登记付款").click()
    window.get_by_label("银行流水号").fill(serial)
    window.wait_for_timeout(1100)  # a payment of the second in which the contract was signed would be before it
    window.get_by_label("付款时间").fill(clock.now().astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S"))
    window.locator("[data-files=receipt] input[type=file]").set_input_files(receipt)
    expect(window.locator("[data-files=receipt] .file-name")).to_have_text(receipt.name)
    window.get_by_role("button", name="登记付款").click()
    done(window, "付款已登记")
    window = opened(site, deal, "po")
    expect(window.get_by_role("table", name="付款订单")).to_contain_text(kind)
    window.get_by_role("link", name="确认到账").click()
    window.get_by_role("button", name="确认到账").click()
    done(window, "已确认到账")


def test_from_the_deposit_to_the_confirmation(sample: Site, receipt: Path) -> None:
    parties = both()
    deal = make_contract("signed", parties=parties, amount="3000.00", voucher="1000.00")
    pay(sample, deal, receipt, "E2E-0001", "定金")
    assert deal.at.state == State.EFFECTIVE

    window = opened(sample, deal, "po")
    window.get_by_role("link", name="提交材料").first.click()
    window.locator("[data-files=files] input[type=file]").first.set_input_files(receipt)
    expect(window.locator("[data-files=files] .file-name")).to_have_text(receipt.name)
    window.get_by_role("button", name="提交佐证材料").click()
    done(window, "佐证材料已提交")
    window = opened(sample, deal, "po")
    window.get_by_role("link", name="提交交付").click()
    window.get_by_role("group", name="1. 覆盖工序").get_by_label("完成情况").fill("覆盖12道工序。")
    window.get_by_role("button", name="提交交付").click()
    done(window, "已提交交付")
    window = opened(sample, deal, "el")
    window.get_by_role("link", name="验收通过").click()
    expect(window.get_by_role("table", name="验收指标完成情况")).to_contain_text("覆盖12道工序。")
    window.get_by_role("button", name="验收通过").click()
    done(window, "已验收")
    pay(sample, deal, receipt, "E2E-0002", "余款")
    window = opened(sample, deal, "pl")
    window.get_by_role("link", name="签署服务确认书").click()
    window.get_by_label("实际服务内容").fill("完成现场诊断并提交报告。")
    window.get_by_role("button", name="签署服务确认书").click()
    done(window, "已签署服务确认书")
    window = opened(sample, deal, "el")
    window.get_by_role("link", name="评价并会签确认书").click()
    for one in every(window.get_by_label("5分", exact=True)):
        one.check()
    window.get_by_role("button", name="评价并会签确认书").click()
    done(window, "服务已确认")
    assert deal.at.state == State.CONFIRMED


def test_a_film_goes_on_after_the_line_was_cut(sample: Site, tmp_path: Path, console) -> None:
    deal = make_contract("effective", parties=both(), amount="3000.00")
    content = MP4 + os.urandom(LARGE)
    film = tmp_path / "现场.mp4"
    film.write_bytes(content)
    window = opened(sample, deal, "po")
    window.get_by_role("link", name="提交材料").first.click()
    with window.expect_response(lambda answer: answer.request.method == "PATCH"):
        window.locator("[data-files=files] input[type=file]").first.set_input_files(film)
    sample.context.set_offline(True)
    window.wait_for_timeout(1500)
    assert 0 < PartialUpload.objects.latest("pk").received < len(content)
    sample.context.set_offline(False)
    expect(window.locator("[data-files=files] .file-name")).to_have_text("现场.mp4", timeout=60_000)
    window.get_by_role("button", name="提交佐证材料").click()
    done(window, "佐证材料已提交")
    file = MilestoneEvidence.objects.get(milestone__contract=deal.pk).file
    digest = Hash(SM3())
    digest.update(content)
    assert (file.size, file.sm3) == (len(content), digest.finalize().hex())
    console.said[:] = [one for one in console.said if "ERR_INTERNET_DISCONNECTED" not in one]  # the cut itself


def test_the_button_to_sign_waits_for_the_end_of_the_text(sample: Site) -> None:
    deal = make_contract("signing", parties=both(), amount="3000.00")
    window = opened(sample, deal, "el")
    window.get_by_role("link", name="签署合同").click()
    button = window.get_by_role("button", name="签署合同")
    expect(button).to_be_disabled()
    window.locator("[data-read-end]").scroll_into_view_if_needed()
    expect(button).to_be_enabled()
    pad = window.locator("[data-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    window.mouse.move(box["x"] + 20, box["y"] + 30)
    window.mouse.down()
    window.mouse.move(box["x"] + 150, box["y"] + 60, steps=5)
    window.mouse.up()
    button.click()
    done(window, "已签署")
    assert deal.at.signatures.get().signer == deal.parties.el


def test_the_sums_follow_the_typing(sample: Site) -> None:
    parties = both()
    sample.sign_in(parties.eo)
    window = sample.context.new_page()
    window.goto(f"{sample.url}/contracts/new/{parties.product.pk}/draft/")
    window.get_by_label("合同金额", exact=True).fill("10000")
    window.get_by_label("使用服务券金额").fill("9000")
    expect(window.locator("#calculation")).to_contain_text("请调减", timeout=15_000)
    window.get_by_label("使用服务券金额").fill("3000")
    expect(window.locator("#calculation .split")).to_contain_text("5,000.00", timeout=15_000)
    window.close()


def test_a_session_that_ended_while_typing_loses_nothing(sample: Site, console) -> None:
    deal = make_contract("delivered", parties=both(), amount="3000.00")
    window = opened(sample, deal, "eo")
    window.get_by_role("link", name="退回整改").click()
    window.get_by_label("理由").fill("报告缺少改进建议一章。")
    sample.context.clear_cookies(name="sessionid")
    window.get_by_role("button", name="退回整改").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("登录已失效")
    sample.sign_in(deal.parties.eo)
    window.get_by_role("button", name="已登录，继续提交").click()
    done(window, "已退回整改")
    assert deal.at.state == State.RECTIFY
    console.said[:] = [one for one in console.said if "401" not in one]  # the answer itself
