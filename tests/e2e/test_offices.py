"""Two who work beside the offices: an expert who judges an application, and the supervisor who only reads."""

from __future__ import annotations

from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from accounts.states import Role
from accreditation.models import ScoreSheet
from accreditation.states import SheetState
from settlement.models import Claim
from tests.e2e.conftest import Console, Site
from tests.e2e.players import every

MOST = "100"  # more than any criterion gives


def test_an_expert_declares_scores_and_signs(fresh_house: Site, page: Window, console: Console) -> None:
    console.expect(400, 422)  # a score over the criterion's most, sent all the same
    first = fresh_house.world.world.rows["accreditation/score-sheets"]
    fresh_house.sign_in(first.expert.user)
    page.goto(f"{fresh_house.url}/o/")
    page.locator("main").get_by_role("link", name=first.application.subject_name).first.click()
    expect(page.locator("main")).to_contain_text("评分标准")

    page.get_by_role("link", name="声明无利害关系，开始评审").click()
    page.get_by_role("button", name="声明无利害关系，开始评审").click()
    expect(page.locator(".notes")).to_contain_text("可以查看申报材料并评分")
    page.get_by_role("link", name="查看申报材料").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(first.application.subject_name)
    page.go_back()

    page.get_by_role("link", name="评分并签署").click()
    points = every(page.get_by_label("得分"))
    for one in points:
        one.fill("8.5")
    points[0].fill(MOST)
    page.get_by_label("赞成推荐", exact=True).check()
    page.get_by_label("评审意见").fill("资质齐全，业绩可查。")
    page.get_by_role("button", name="评分并签署").click()
    expect(page.get_by_role("alert")).to_contain_text("分")
    assert ScoreSheet.objects.get(pk=first.pk).state == SheetState.OPEN
    page.get_by_label("得分").first.fill("8.5")
    page.get_by_role("button", name="评分并签署").click()
    expect(page.locator(".notes")).to_contain_text("已签署")
    expect(page.locator("main")).to_contain_text("总分")
    sheet = ScoreSheet.objects.get(pk=first.pk)
    assert (sheet.state, sheet.vote, float(sheet.total or 0)) == (SheetState.SIGNED, True, 8.5 * len(points))


def test_the_supervisor_reads_everything_on_the_menu_and_does_nothing(sample: Site, page: Window) -> None:
    supervisor = sample.sign_in("supervisor")
    assert supervisor.has(Role.SUPERVISOR)
    page.goto(f"{sample.url}/o/")
    expect(page.locator("main")).to_contain_text("不办理审批")
    menu = page.locator("nav a[href^='/o/']").evaluate_all("links => [...new Set(links.map(one => one.pathname))]")
    assert len(menu) > 10
    for path in menu:
        answer = page.goto(sample.url + path)
        assert answer is not None
        assert answer.status == 200, path
    row = Claim.objects.get()
    page.goto(f"{sample.url}/o/claims/")
    page.get_by_role("link", name=row.number).first.click()
    expect(page.locator("main")).to_contain_text("核对清单")
    for act in ("形式审核通过", "复核通过", "退回补正", "不予通过"):
        expect(page.get_by_role("link", name=act)).to_have_count(0)
    page.get_by_role("link", name=row.contract.number).first.click()
    expect(page.locator("main")).to_contain_text("存证经过")
