"""划型依据: each list with what it says, the winner, the next tier; disputes and what they cannot do."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from enterprises.models import PassportDispute
from enterprises.states import DisputeState
from foundation import clock
from foundation.ids import new_id
from portal.templatetags.portal import time
from tests.factories.contracts import picture
from tests.factories.enterprises import declare, make_dispute
from tests.factories.programmes import make_notice
from tests.portal.enterprise.support import act, make_house, offered, said, signed_in

pytestmark = pytest.mark.django_db
PASSPORT = "/e/passport/"


def lines(answer) -> dict[str, dict]:
    return {one["line"].code: one for one in answer.context["lines"]}


def test_the_winner_is_marked_and_the_next_tier_says_what_it_adds():
    house = make_house(active=True, tier="20")
    answer = signed_in(house.eo).get(PASSPORT)
    assert [code for code, one in lines(answer).items() if one["wins"]] == ["region_champion"]
    assert answer.context["entitled"] == Decimal("200000.00")
    assert answer.context["shown"].passport.next_tier.adds == Decimal("100000.00")
    assert "100,000.00" in said(answer)


def test_what_nobody_recorded_stands_apart_until_it_is_disputed():
    house = make_house(active=True, tier="20")
    answer = signed_in(house.eo).get(PASSPORT)
    absent = {one["line"].code for one in answer.context["absent"]}
    assert "little_giant" in absent
    assert absent.isdisjoint(lines(answer))
    assert f"/e/passport/{house.row.pk}/dispute/?line=little_giant&amp;kind=missing" in said(answer)
    make_dispute(house.row, line="little_giant", kind="missing")
    assert "little_giant" in lines(signed_in(house.eo).get(PASSPORT))


def test_not_to_be_on_the_list_of_the_dishonest_is_good():
    line = lines(signed_in(make_house(active=True).eo).get(PASSPORT))["dishonest"]
    assert (line["label"], line["tone"]) == ("未列入", "ok")


def test_a_draft_reads_what_it_would_get_and_why_not_yet():
    house = make_house(active=True)  # opens the year
    draft = make_house()
    text = said(signed_in(draft.eo).get(PASSPORT))
    assert house.row.pk != draft.row.pk
    assert "预计档次" in text
    assert "额度尚未按此下达" in text


def test_without_a_notice_it_says_what_is_wanting():
    answer = signed_in(make_house().eo).get(PASSPORT)
    assert answer.status_code == 200
    assert "自治区工业和信息化厅发布的新一份年度通知" in said(answer)


def test_between_two_notices_it_says_from_when_the_tier_can_be_told():
    last = make_notice(clock.today().year - 1)
    coming = make_notice(clock.today().year + 1)
    text = said(signed_in(make_house().eo).get(PASSPORT))
    assert f"有效期至{time(last.valid_to)}" in text
    assert f"{time(coming.valid_from)}起，本页按该通知显示档次" in text


def test_a_dispute_names_its_line_and_carries_its_proof():
    house = make_house(active=True)
    proof = picture(house.eo)
    answer = act(
        house.eo,
        house.row,
        "dispute",
        "enterprise:passport",
        line="little_giant",
        kind="missing",
        claim="已获评，平台未匹配。",
        files=[str(proof.pk)],
    )
    row = PassportDispute.objects.get()
    assert answer.headers["Location"] == reverse("enterprise:dispute", kwargs={"pk": row.pk})
    assert (row.line, row.state, [one.file_id for one in row.files.all()]) == (
        "little_giant",
        DisputeState.OPEN,
        [proof.pk],
    )
    assert lines(signed_in(house.eo).get(PASSPORT))["little_giant"]["open"] == [row]


def test_a_link_fills_the_line_and_no_more():
    house = make_house(active=True)
    address = reverse("enterprise:passport-act", kwargs={"pk": house.row.pk, "act": "dispute"})
    form = signed_in(house.eo).get(address, {"line": "little_giant", "claim": "别人写的"}).context["form"]
    assert form.initial["line"] == "little_giant"
    assert "claim" not in form.initial


def test_a_second_dispute_of_one_line_is_refused_and_nothing_is_filed():
    house = make_house(active=True)
    make_dispute(house.row, by=house.eo)
    fields = {"line": "little_giant", "kind": "missing", "claim": "再说一次"}
    answer = act(house.eo, house.row, "dispute", "enterprise:passport", **fields)
    assert answer.status_code == 409
    assert PassportDispute.objects.count() == 1


def test_an_open_dispute_can_be_taken_back_and_a_handled_one_cannot():
    house = make_house(active=True)
    row = make_dispute(house.row, by=house.eo)
    assert offered(signed_in(house.el).get(f"/e/disputes/{row.pk}/")) == ["withdraw"]
    act(house.el, row, "withdraw", "enterprise:dispute", reason="")
    row.refresh_from_db()
    assert row.state == DisputeState.WITHDRAWN
    other = make_dispute(house.row, by=house.eo, line="region_champion", state=DisputeState.UNFOUNDED)
    assert offered(signed_in(house.el).get(f"/e/disputes/{other.pk}/")) == []


def test_anothers_dispute_is_not_there():
    row = make_dispute(make_house(active=True).row)
    assert signed_in(make_house(active=True).eo).get(f"/e/disputes/{row.pk}/").status_code == 404


def relation(**changes) -> dict[str, str]:
    fields = {"name": "广西示例控股有限公司", "uscc": "91450199MA6K00014C", "kind": "parent", "since": "2018-06-01"}
    return {f"relations-0-{name}": value for name, value in {**fields, **changes}.items()}


def declared(house, **fields):
    return act(house.el, house.row, "declare", "enterprise:relations", **fields)


def test_the_declaration_is_the_signatorys_and_none_is_one_too():
    house = make_house(active=True)
    assert offered(signed_in(house.eo).get("/e/relations/")) == []
    assert offered(signed_in(house.el).get("/e/relations/")) == ["declare"]
    assert declared(house, commitment="on").status_code == 302
    assert "申报为没有关联方" in said(signed_in(house.eo).get("/e/relations/"))


def test_a_later_declaration_takes_the_place_of_the_one_that_was_seen():
    house = make_house(active=True)
    first = declare(house.row)
    answer = declared(house, commitment="on", replaces=str(first.pk), **relation())
    assert answer.status_code == 302, said(answer)
    shown = signed_in(house.el).get("/e/relations/")
    assert [tie.name for tie in shown.context["ties"]] == ["广西示例控股有限公司"]
    assert shown.context["earlier"] == [first]


def test_a_declaration_over_another_than_was_seen_changes_nothing():
    house = make_house(active=True)
    first = declare(house.row)
    answer = declared(house, commitment="on", replaces=str(new_id()), **relation())
    assert answer.status_code == 409
    assert signed_in(house.el).get("/e/relations/").context["in_force"] == first


def test_a_wrong_code_stands_at_its_own_row():
    house = make_house(active=True)
    answer = declared(house, commitment="on", **relation(since="2018-13-01"))
    assert answer.status_code == 422
    assert "日期须为存在的一天" in said(answer)


def test_the_declaration_lies_under_the_profile():
    sections = signed_in(make_house().el).get("/e/relations/").context["side_nav"]
    assert [one.label for each in sections for one in each.entries if one.current] == ["企业资料"]
