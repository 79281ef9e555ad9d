"""The applicant's side: what has to be there, what is frozen, answers to what was asked back, withdrawal, renewal."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.states import Role
from accreditation.services import filing
from accreditation.states import ApplicationState, CaseKind, MaterialKind
from foundation import clock
from providers.services import registration
from sample.deals import upload
from tests.accreditation.support import last, refused
from tests.factories.accounts import make_uscc, make_user
from tests.factories.accreditation import make_call, make_case, make_product_case, under_review
from tests.factories.providers import ProductFactory, ProviderFactory, signatory_of

pytestmark = pytest.mark.django_db


def test_a_submission_names_everything_that_is_missing_at_once():
    case = make_case()
    with refused("MATERIAL_MISSING") as caught:
        case.submitted()
    assert caught.value.details["missing"] == [
        "机构登记、注册证照", "专业服务资质证明", "社保缴纳证明", "纳税登记表",
        "上年度服务企业的合同证明材料（服务企业清单）", "服务类别",
    ]  # fmt: skip
    assert caught.value.message.startswith("还缺6项，补齐后再提交（办法第十四条）：机构登记、注册证照、")


@pytest.mark.parametrize("kind", [MaterialKind.LICENCE, MaterialKind.SOCIAL_INSURANCE])
def test_one_material_that_was_taken_down_is_missing(kind):
    case = make_case("filled")
    material = case.at.materials.get(kind=kind)
    case.do(filing.detach, case.po, material_id=material.pk)
    with refused("MATERIAL_MISSING") as caught:
        case.submitted()
    assert caught.value.details["missing"] == [kind.label]


def test_what_the_shared_data_say_needs_no_file():
    case = make_case("filled")
    material = case.at.materials.get(kind=MaterialKind.TAX)
    case.do(filing.detach, case.po, material_id=material.pk)
    case.attached(MaterialKind.TAX, reference="区税务局共享数据 2026030200017")
    case.submitted()
    row = case.at.materials.get(kind=MaterialKind.TAX, removed_at=None)
    assert (row.source, row.file_id, row.reference) == ("shared", None, "区税务局共享数据 2026030200017")


@pytest.mark.parametrize("given", [{}, {"reference": "共享数据", "file_id": True}])
def test_a_material_is_a_file_or_a_reference(given):
    case = make_case()
    if "file_id" in given:
        given["file_id"] = upload(case.po).pk
    with refused("MATERIAL_FILE_OR_REFERENCE"):
        case.do(filing.attach, case.po, kind=MaterialKind.LICENCE, **given)


def test_another_partys_file_is_not_there():
    case, stranger = make_case(), make_user(Role.PROVIDER_AGENT)
    with refused("NOT_FOUND"):
        case.do(filing.attach, case.po, kind=MaterialKind.LICENCE, file_id=upload(stranger).pk)


def test_it_is_submitted_with_a_copy_a_digest_and_a_date_for_the_check():
    case = make_case("filled")
    case.submitted()
    row = case.at
    assert (row.state, row.submissions, row.check_due) == (ApplicationState.SUBMITTED, 1, date(2026, 3, 16))
    assert row.stated["core_staff"] == "26"
    assert not {"contact_name", "contact_phone", "contact_email", "legal_representative"} & set(row.stated)
    assert len(row.digest) == 64
    assert last(row).facts["conditions"] == dict.fromkeys(
        (
            *("commitment", "legal_form", "registered_here", "tax", "place", "scope", "years", "core_staff", "clients"),
            *("revenue", "credit"),
        ),
        "ok",
    )


def test_what_was_submitted_does_not_follow_the_profile():
    case = make_case("submitted")
    provider = case.at.provider
    registration.edit(by=case.pl, provider_id=provider.pk, version=provider.version, changes={"core_staff": 3})
    assert case.at.stated["core_staff"] == "26"
    assert case.at.checks.get(code="core_staff").value == "26名"


def test_only_the_signatory_submits():
    case = make_case("filled")
    with refused("NOT_ALLOWED"):
        case.do(filing.submit, case.po)


def test_what_is_submitted_is_not_edited():
    case = make_case("submitted")
    for act, fields in (
        (filing.edit, {"changes": {"public_platform": "平台"}}),
        (filing.attach, {"kind": MaterialKind.OTHER, "reference": "共享"}),
        (filing.list_clients, {"clients": []}),
    ):
        with refused("WRONG_STATE"):
            case.do(act, case.po, **fields)


def test_a_category_is_one_that_the_notice_names():
    case = make_case()
    with refused("UNKNOWN_CATEGORY"):
        case.do(filing.edit, case.po, changes={"categories": ["catering"]})


def test_clients_are_listed_once_and_never_itself():
    case = make_case()
    file, code = upload(case.po).pk, make_uscc()
    line = {"name": "广西测试客户有限公司", "uscc": code, "served_on": date(2025, 5, 1), "file": file}
    with refused("CLIENT_TWICE"):
        case.do(filing.list_clients, case.po, clients=[line, line])
    with refused("CLIENT_IS_SELF"):
        case.do(filing.list_clients, case.po, clients=[{**line, "uscc": case.at.provider.uscc}])
    with refused("CLIENT_DATE"):
        case.do(filing.list_clients, case.po, clients=[{**line, "served_on": date(2026, 3, 3)}])
    with refused("USCC_INVALID"):
        case.do(filing.list_clients, case.po, clients=[{**line, "uscc": "91450199MA6K00014X"}])


def test_a_new_list_of_clients_takes_the_place_of_the_old():
    case = make_case()
    case.with_clients(3)
    case.with_clients(2)
    assert case.at.clients.filter(removed_at=None).count() == 2
    assert case.at.clients.count() == 5


def test_only_last_years_clients_prove_anything():
    case = make_case("filled")
    case.with_clients(9)
    nine = case.at.clients.filter(removed_at=None)
    rows = [{"name": one.name, "uscc": one.uscc, "served_on": one.served_on, "file": one.file_id} for one in nine]
    old = {
        "name": "广西测试客户有限公司",
        "uscc": make_uscc(),
        "served_on": date(2024, 12, 31),
        "file": upload(case.po).pk,
    }
    case.do(filing.list_clients, case.po, clients=[*rows, old])
    case.submitted()
    row = case.at.checks.get(code="clients")
    assert (row.result, row.value) == ("doubt", "48家；附合同证明9家")


def test_a_new_body_says_what_its_parent_did():
    provider = ProviderFactory(
        founded_on=date(2025, 12, 1), core_staff=2, clients_last_year=0, revenue_last_year=Decimal("0.00"),
        parent_name="广东示例集团", parent_uscc="91440101MA00000012", parent_founded_on=date(2010, 1, 1),
    )  # fmt: skip
    case = make_case("filled", provider=provider)
    with refused("MATERIAL_MISSING") as caught:
        case.submitted()
    assert caught.value.details["missing"] == [
        "母公司关系和指标证明", "母公司核心业务专职人员数", "母公司上年服务企业数", "母公司上年营业收入",
    ]  # fmt: skip
    figures = {"parent_core_staff": 50, "parent_clients": 40, "parent_revenue": Decimal("90000000.00")}
    case.do(filing.edit, case.po, changes=figures)
    case.attached(MaterialKind.PARENT)
    case.with_clients(10, of_parent=True)
    case.submitted()
    found = {row.code: (row.result, row.source) for row in case.at.checks.all()}
    assert [found[code] for code in ("years", "core_staff", "clients", "revenue")] == [("ok", "parent")] * 4


def test_one_application_a_year():
    case = make_case()
    other = make_call(desk=case.desk)
    with refused("APPLICATION_EXISTS") as caught:
        filing.apply(by=case.po, round_id=other.pk, kind=CaseKind.PROVIDER)
    assert caught.value.message == "本机构该年度已有服务商资格申请，每年度认定一次（办法第十六条）。"


def test_a_product_is_named_by_its_version_and_applied_for_once():
    call = make_call()
    product = ProductFactory(provider=ProviderFactory(listed=True))
    pl, theirs = signatory_of(product.provider), ProductFactory()
    with refused("VERSION_NEEDED"):
        filing.apply(by=pl, round_id=call.pk, kind=CaseKind.PRODUCT)
    with refused("NOT_FOUND"):
        filing.apply(by=pl, round_id=call.pk, kind=CaseKind.PRODUCT, version_id=theirs.versions.get().pk)
    make_case(call=call, product=product)
    with refused("APPLICATION_EXISTS"):
        filing.apply(by=pl, round_id=call.pk, kind=CaseKind.PRODUCT, version_id=product.versions.get().pk)


def test_a_product_of_nobody_on_the_list_fails_its_condition():
    case = make_product_case("submitted", listed=False)
    row = case.at.checks.get(code="provider")
    assert (row.result, row.value) == ("fail", "均不是")


def test_a_product_may_be_applied_for_beside_its_provider():
    call = make_call()
    provider = ProviderFactory()
    own = make_case("submitted", call=call, provider=provider)
    case = make_case("submitted", call=call, product=ProductFactory(provider=provider))
    row = case.at.checks.get(code="provider")
    assert (row.result, row.value) == ("ok", f"服务商资格申请{own.at.number}（已提交）")


@pytest.mark.parametrize("state", ["draft", "submitted", "checked"])
def test_it_is_withdrawn_before_acceptance(state):
    case = make_case(state)
    case.do(filing.withdraw, case.po, reason="改报下一批次")
    assert (case.at.state, case.at.reason) == (ApplicationState.WITHDRAWN, "改报下一批次")


def test_after_acceptance_it_is_not():
    case = make_case("accepted")
    with refused("WRONG_STATE"):
        case.do(filing.withdraw, case.po, reason="改报下一批次")


def test_a_withdrawn_products_version_may_be_edited_again():
    case = make_product_case("submitted")
    case.do(filing.withdraw, case.po, reason="调整标价")
    assert case.at.product_version.state == "returned"


def test_answers_belong_to_the_list_and_are_all_there():
    case = make_case("submitted")
    asked = {"kind": "condition", "code": "years", "what": "补充工商档案", "why": "成立日期不清"}
    case.returned(items=[asked, {"kind": "field", "code": "core_staff", "what": "核对人数", "why": "与社保不符"}])
    with refused("ANSWERS_MISSING") as caught:
        case.submitted(answers={1: "已补充"})
    assert caught.value.details["positions"] == [2]
    with refused("ANSWER_UNKNOWN"):
        case.submitted(answers={1: "已补充", 2: "已核对", 3: "多余"})
    case.submitted(answers={1: "已补充", 2: "已核对"})
    assert [(ask.position, ask.label, ask.answer) for ask in case.at.asks.all()] == [
        (1, "依法经营年限", "已补充"),
        (2, "缴纳社保满1年的核心业务专职人员数", "已核对"),
    ]
    assert (case.at.state, case.at.submissions, case.at.correction_due) == ("submitted", 2, None)


def test_a_first_submission_has_nothing_to_answer():
    case = make_case("filled")
    with refused("ANSWER_UNKNOWN"):
        case.submitted(answers={1: "说明"})


def test_a_correction_is_in_time_until_its_own_day_also_after_the_round_closed(travel):
    call = make_call(closes_on=date(2026, 3, 3))
    cases = [make_case("submitted", call=call) for _ in range(2)]
    for case in cases:
        case.returned()
    assert {case.at.correction_due for case in cases} == {date(2026, 3, 16)}
    travel.move_to(clock.end_of(date(2026, 3, 16)) - timedelta(minutes=1))
    call.closed()
    cases[0].submitted(answers={1: "已补充"})
    travel.move_to(clock.end_of(date(2026, 3, 16)))
    with refused("CORRECTION_OVER"):
        cases[1].submitted(answers={1: "已补充"})


def test_a_renewal_takes_over_what_does_not_belong_to_a_year():
    call, [case] = under_review()
    case.scored()
    call.recommended()
    call.decided()
    call.shown()
    call.listed()
    next_year = make_call(desk=call.desk, year=2027)
    again = make_case(call=next_year, provider=case.at.provider, renew=True)
    assert again.at.renews == case.at
    assert again.at.categories == ["diagnosis", "digitalisation"]
    assert {row.kind for row in again.at.materials.all()} == {"licence", "qualification"}
    assert not again.at.clients.exists()


def test_there_must_be_something_to_renew():
    call = make_call()
    with refused("NOTHING_TO_RENEW"):
        filing.apply(by=signatory_of(ProviderFactory()), round_id=call.pk, kind=CaseKind.PROVIDER, renew=True)
