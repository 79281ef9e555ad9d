"""通知 as people read them: every figure in a table, and what a revision says otherwise."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from foundation import clock
from portal.kit.days import day
from programmes import readable
from programmes.states import NoticeState
from tests.factories.programmes import make_content, make_notice, publish_revision
from tests.factories.settlement import make_batch

pytestmark = pytest.mark.django_db


def _dearer():
    """The year's rules with another cap for diagnosis, another limit, one tier renamed."""
    content = make_content(2026)
    content.data["categories"][0]["cap"] = "12000"
    content.data["limits"][0]["length"] = 7
    content.data["tiers"][1]["name"] = "成长档"
    return content


def test_a_notice_shows_every_table_of_its_rules(read):
    notice = make_notice()
    page = read(f"/notices/{notice.pk}/")
    for table in readable.tables(notice.parsed):
        assert f'id="t-{table.code}"' in page
        assert table.title in page
    for text in ("50,000.00元", "合同金额的80%", "10,000.00元", "5,000,000.00元", "5个工作日", "次年6月30日"):
        assert text in page


def test_a_draft_is_no_public_page(client):
    assert client.get(f"/notices/{make_notice(state=NoticeState.DRAFT).pk}/").status_code == 404


def test_the_first_revision_has_nothing_to_be_compared_with(read):
    notice = make_notice()
    assert "没有更早的可以对比" in read(f"/notices/{notice.pk}/changes/")


def test_a_revision_tells_row_by_row_what_it_changed(read):
    make_notice()
    later = publish_revision(2026, content=_dearer())
    page = read(f"/notices/{later.pk}/changes/")
    assert page.count("<del") == page.count("<ins") == 3
    for text in ("10,000.00元", "12,000.00元", "5个工作日", "7个工作日", "10万元档", "成长档"):
        assert text in page


def test_a_revision_that_does_not_exist_is_refused_in_words(read):
    make_notice()
    later = publish_revision(2026)
    assert "没有可对比的第9版" in read(f"/notices/{later.pk}/changes/", status=400, since="9")


def test_the_same_notice_has_no_changes(read):
    make_notice()
    later = publish_revision(2026)
    assert "两版的内容完全相同" in read(f"/notices/{later.pk}/changes/")


def test_a_revision_that_ends_earlier_says_so(read):
    make_notice()
    later = publish_revision(2026, content=make_content(2026, valid_to=date(2026, 11, 30), title="提前截止的通知"))
    page = read(f"/notices/{later.pk}/changes/")
    assert "两版的内容完全相同" not in page
    for text in ("文件与有效期", "有效期止", "2026年12月31日", "2026年11月30日", "提前截止的通知"):
        assert text in page


def test_current_leads_to_the_notice_in_force(client):
    notice = make_notice()
    assert client.get("/notices/current/").headers["Location"] == f"/notices/{notice.pk}/"


def test_figures_of_the_rules_are_written_once_with_their_unit():
    tables = {table.code: table for table in readable.tables(make_notice().parsed)}
    tiers = [row.cells[1] for row in tables["tiers"].rows]
    assert tiers == ["50,000.00元", "100,000.00元", "200,000.00元", "300,000.00元"]
    assert all(len(row.cells) == len(table.heads) for table in tables.values() for row in table.rows)


def test_payout_notices_are_everybodys_once_they_are_out(read):
    batch = make_batch("issued").at
    page = read("/notices/")
    assert batch.title in page
    assert batch.number in page
    window = f'受理兑付申请<time datetime="{batch.intake_from}">{day(batch.intake_from)}</time>至'
    assert window in page
    assert "正在受理" in page
    with time_machine.travel(clock.now() + timedelta(days=60), tick=True):
        page = read("/notices/")
    assert batch.title in page
    assert "已截止" in page


def test_a_payout_notice_that_is_being_prepared_is_nobodys(read):
    batch = make_batch("open").at
    assert batch.title not in read("/notices/")
