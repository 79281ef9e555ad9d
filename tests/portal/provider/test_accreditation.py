"""Accreditation: applied for, filled, submitted with the commitment, put right, withdrawn."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accreditation import selectors
from accreditation.models import Application
from accreditation.states import ApplicationState
from tests.factories.accounts import make_uscc
from tests.factories.accreditation import make_call, make_case, make_product_case
from tests.factories.contracts import upload
from tests.factories.providers import ListingFactory, ProductFactory, ProviderFactory
from tests.portal.provider.support import agent_of, browser, done, read, refused, signatory_of

pytestmark = pytest.mark.django_db


def page_of(case, act=""):
    return f"/s/applications/{case.pk}/{f'{act}/' if act else ''}"


def test_an_open_round_is_applied_to_once_a_year():
    call = make_call()
    by = agent_of(ProviderFactory())
    assert f"/s/applications/rounds/{call.pk}/apply/" in read(by, "/s/applications/")
    to = done(by, f"/s/applications/rounds/{call.pk}/apply/")
    case = Application.objects.get()
    assert (to, case.round_id, case.kind) == (page_of(case), call.pk, "provider")
    assert f"/s/applications/rounds/{call.pk}/apply/" not in read(by, "/s/applications/")
    assert "APPLICATION_EXISTS" in refused(by, f"/s/applications/rounds/{call.pk}/apply/", 409)
    assert Application.objects.count() == 1


def test_the_round_tells_conditions_materials_and_scores_before_one_applies():
    call = make_call()
    page = read(agent_of(ProviderFactory()), f"/s/applications/rounds/{call.pk}/")
    assert "依法经营年限" in page
    assert "社保缴纳证明" in page
    assert "专家评分" in page


def test_renewal_is_offered_to_who_was_listed_before():
    call = make_call()
    assert 'name="renew"' not in read(agent_of(ProviderFactory()), f"/s/applications/rounds/{call.pk}/apply/")


def test_a_draft_says_what_is_missing_and_how_each_condition_stands():
    case = make_case()
    page = read(case.po, page_of(case))
    assert "还缺" in page
    assert "缺少纳税登记表。" in page
    assert 'aria-current="step">填报' in page


def test_categories_are_chosen_from_the_notice():
    case = make_case()
    done(case.po, page_of(case, "edit"), categories=["diagnosis"], version=case.at.version)
    assert case.at.categories == ["diagnosis"]
    page = refused(case.po, page_of(case, "edit"), 422, categories=["nonsense"], version=case.at.version)
    assert "categories" in page
    assert case.at.categories == ["diagnosis"]


def test_a_material_is_a_file_or_a_reference():
    case = make_case()
    file = upload(case.po, "material")
    done(case.po, page_of(case, "attach"), kind="licence", file=str(file.pk), version=case.at.version)
    done(case.po, page_of(case, "attach"), kind="tax", reference="电子税务局 2026-1", version=case.at.version)
    page = refused(case.po, page_of(case, "attach"), 400, kind="tax", version=case.at.version)
    assert "MATERIAL_FILE_OR_REFERENCE" in page
    assert [(one.kind, one.file_id) for one in selectors.materials(case.at)] == [("licence", file.pk), ("tax", None)]


def test_a_material_is_taken_off():
    case = make_case("filled")
    material = selectors.materials(case.at).first()
    done(case.po, page_of(case, "detach"), material=material.pk, version=case.at.version)
    assert not selectors.materials(case.at).filter(pk=material.pk).exists()


def test_clients_are_added_one_by_one_and_taken_away():
    case = make_case()
    file = upload(case.po, "material")
    codes = [make_uscc(), make_uscc()]
    for code in codes:
        given = {"name": "广西客户有限公司", "uscc": code, "served_on": "2025-06-30", "file": str(file.pk)}
        done(case.po, page_of(case, "client"), **given, version=case.at.version)
    assert [one.uscc for one in selectors.clients(case.at)] == codes
    done(case.po, page_of(case, "unlist"), uscc=codes[0], version=case.at.version)
    assert [one.uscc for one in selectors.clients(case.at)] == codes[1:]


def test_clients_are_pasted_from_a_spreadsheet_and_a_wrong_line_is_named():
    case = make_case()
    file = str(upload(case.po, "material").pk)
    good = [f"广西客户{n}有限公司\t{make_uscc()}\t2025-06-{n + 10}" for n in range(3)]
    address = page_of(case, "clients")
    page = refused(case.po, address, 422, lines="\n".join([*good, "只有名称"]), file=file, version=case.at.version)
    assert "第4行须有企业名称、代码、日期三项，现有1项。" in page
    bad_day = "\n".join([good[0], "", f"广西客户有限公司，{make_uscc()}，去年"])
    assert "第3行：" in refused(case.po, address, 422, lines=bad_day, file=file, version=case.at.version)
    assert not selectors.clients(case.at).exists()
    done(case.po, address, lines="\n".join(good), file=file, version=case.at.version)
    assert selectors.clients(case.at).count() == 3


def test_the_signatory_submits_with_the_commitment():
    case = make_case("filled")
    page = read(case.pl, page_of(case, "submit"))
    assert "内容和材料齐备，必备条件自查全部符合。" in page
    assert "服务商信用承诺书" in page
    assert "须签署信用承诺后才能提交。" in refused(case.pl, page_of(case, "submit"), 422, version=case.at.version)
    done(case.pl, page_of(case, "submit"), commitment="on", version=case.at.version)
    assert case.at.state == ApplicationState.SUBMITTED
    assert 'aria-current="step">受理' in read(case.pl, page_of(case))


def test_what_is_missing_stops_the_submission_and_is_all_named():
    case = make_case()
    page = refused(case.pl, page_of(case, "submit"), 409, commitment="on", version=case.at.version)
    assert "还缺6项，补齐后再提交" in page
    assert case.at.state == ApplicationState.DRAFT


def test_the_agent_does_not_submit():
    case = make_case("filled")
    assert page_of(case, "submit") not in read(case.po, page_of(case))
    page = refused(case.po, page_of(case, "submit"), 403, commitment="on", version=case.at.version)
    assert "须由服务商签署人办理" in page
    assert case.at.state == ApplicationState.DRAFT


def test_returned_items_are_answered_one_by_one():
    case = make_case("submitted")
    case.returned()
    page = read(case.pl, page_of(case))
    assert "补正清单" in page
    assert "补充12月明细" in page
    address = page_of(case, "submit")
    page = refused(case.pl, address, 409, commitment="on", version=case.at.version)
    assert "补正清单还有1项没有说明" in page
    done(case.pl, address, commitment="on", answer_1="已补充12月明细。", version=case.at.version)
    assert case.at.state == ApplicationState.SUBMITTED
    assert "已说明：已补充12月明细。" in read(case.pl, page_of(case))


def test_an_application_is_withdrawn_with_a_reason():
    case = make_case("submitted")
    done(case.po, page_of(case, "withdraw"), reason="改报下一批次", version=case.at.version)
    assert case.at.state == ApplicationState.WITHDRAWN
    page = read(case.po, page_of(case))
    assert page_of(case, "withdraw") not in page
    assert "已撤回" in page


def test_a_products_case_has_its_own_conditions_and_no_clients():
    case = make_product_case()
    page = read(case.po, page_of(case))
    assert "核心指标可量化考核验证" in page
    assert "上年服务企业清单" not in page


def test_the_years_listing_and_how_to_go_on():
    provider = ProviderFactory()
    ListingFactory(provider=provider)
    page = read(agent_of(provider), "/s/applications/")
    assert "2026年度服务商" in page
    assert "继续服务须申报2027年度服务商" in page


def test_another_houses_case_is_not_there():
    case = make_case("submitted")
    stranger = signatory_of(ProviderFactory())
    read(stranger, page_of(case), status=404)
    refused(stranger, page_of(case, "withdraw"), 404, reason="x", version=case.at.version)
    assert case.at.state == ApplicationState.SUBMITTED


def queries(by, address):
    client = browser(by)
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_the_list_costs_the_same_for_two_and_eight():
    call = make_call()
    provider = ProviderFactory(listed=True)
    by = agent_of(provider)
    for n in range(2):
        make_case(call=call, product=ProductFactory(provider=provider, name=f"产品{n}"))
    few = queries(by, "/s/applications/")
    for n in range(6):
        make_case(call=call, product=ProductFactory(provider=provider, name=f"其他产品{n}"))
    assert queries(by, "/s/applications/") == few


def test_each_act_stands_beside_what_it_changes():
    case = make_case("filled")
    context = browser(case.pl).get(page_of(case)).context

    def names(place):
        return [act.name for act, _ in context[place]]

    assert names("acts") == ["submit", "withdraw"]
    assert (names("paper_acts"), names("material_acts")) == (["edit"], ["attach", "detach"])
    assert names("client_acts") == ["client", "clients", "unlist"]


def test_materials_and_contracts_can_be_opened_and_the_paper_reads_like_one():
    case = make_case("filled")
    page = read(case.po, page_of(case))
    material, client = selectors.materials(case.at).first(), selectors.clients(case.at).first()
    assert f'href="/files/{material.file_id}/"' in page
    assert f'href="/files/{client.file_id}/"' in page
    assert "未填写：" in page
    assert "2015年3月12日" in page
    assert browser(case.po).get(f"/files/{material.file_id}/").getvalue()  # read to its end, which closes the file
