"""The desk, accounts, figures, complaints, and the record."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from contracts.services.performance import reject
from engines.ledger import services as ledger
from engines.notifications import services as notifications
from engines.notifications.models import Message
from foundation import clock
from portal.parties.todo import MOST, ToDo
from portal.provider.todo import waiting_for
from programmes import books
from providers.models import Provider, SettlementAccount
from providers.states import AccountState
from tests.factories.accounts import TESTER, make_organisation, make_user
from tests.factories.accreditation import make_call, make_case
from tests.factories.contracts import make_contract
from tests.factories.credit import make_complaint, make_record
from tests.factories.demands import ResponseFactory, said
from tests.factories.notifications import say
from tests.factories.providers import ProviderFactory, SettlementAccountFactory
from tests.factories.settlement import make_claim, make_payout
from tests.portal.provider.support import (
    ABILITY,
    CONTACT,
    UNIT,
    agent_of,
    browser,
    done,
    read,
    refused,
    send,
    signatory_of,
)

pytestmark = pytest.mark.django_db


def tasks_of(by, today) -> list[ToDo]:
    return waiting_for(by, today).shown


def test_the_desk_tells_cap_tasks_clocks_and_contracts():
    case = make_claim("submitted")
    case.returned()
    page = read(case.deal.parties.po, "/s/")
    assert "年度结算上限" in page
    assert "500.00 万元" in page
    assert "补正兑付申请" in page
    assert case.deal.at.number in page
    assert "怎么算出来的" in page


def test_the_desk_lists_what_waits_for_the_house():
    provider = make_contract("delivered").parties.provider
    assert "没有待办事项" in read(agent_of(provider), "/s/")
    offer = ResponseFactory(provider=provider)
    said(offer)
    make_case(provider=provider)
    page = read(agent_of(provider), "/s/")
    assert "回复企业消息" in page
    assert "填报并提交认定申请" in page


def test_of_much_that_waits_a_few_are_told_and_all_are_counted():
    provider = ProviderFactory()
    for offer in ResponseFactory.create_batch(MOST + 2, provider=provider):
        said(offer)
    waiting = waiting_for(agent_of(provider), clock.today())
    assert (len(waiting.shown), waiting.total) == (MOST, MOST + 2)
    assert waiting.more == [("企业留言", 2, "/my/responses/")]
    assert '<a href="/my/responses/">企业留言 2 项</a>' in read(agent_of(provider), "/s/")


def test_a_notice_to_be_acknowledged_comes_to_the_desk():
    by = agent_of(ProviderFactory())
    say([by.organisation_id], topic="signing_suspended", must_read=True)
    notifications.relay()
    [task] = tasks_of(by, clock.today())
    assert (task.title, task.address) == ("确认收悉通知", f"/my/messages/{Message.objects.get().pk}/")
    assert "确认收悉通知" in read(by, "/s/")


def test_who_is_not_listed_is_led_to_the_open_round_until_it_has_applied():
    call = make_call()
    by = agent_of(ProviderFactory())
    address = f"/s/applications/rounds/{call.pk}/apply/"
    assert address in read(by, "/s/")
    done(by, address)
    page = read(by, "/s/")
    assert address not in page
    assert "填报并提交认定申请" in page


@pytest.mark.parametrize(("used", "tone"), [("0", "run"), ("4250000", "warn"), ("5000000", "bad")])
def test_the_ring_of_the_cap_takes_the_colour_of_what_is_left(used, tone):
    provider = ProviderFactory(listed=True)
    if used != "0":
        held = [books.cap(provider.pk, 2026)]
        ledger.hold(hold=uuid4(), accounts=held, amount=Decimal(used), by=TESTER)
    page = read(agent_of(provider), "/s/")
    assert f'class="donut donut-{tone}"' in page
    assert ("达到预警线" in page, "已用满" in page) == (tone == "warn", tone == "bad")


def test_a_payment_that_came_back_is_to_be_put_right_until_its_day():
    pay = make_payout("sent")
    pay.returned()
    [task] = tasks_of(pay.case.deal.parties.po, clock.today())
    assert (task.title, task.due, task.late) == ("更正并确认收款账户", pay.case.at.step_due, False)
    assert task.due is not None


def test_a_claim_is_one_task_from_the_confirmation_to_its_refusal():
    deal = make_contract("confirmed")
    by = deal.parties.po
    [task] = tasks_of(by, clock.today())
    assert (task.title, task.due) == ("发起兑付申请", date(2026, 4, 1))
    case = make_claim("draft", deal=deal)
    assert [one.title for one in tasks_of(by, clock.today())] == ["签署提交兑付申请"]
    case.submitted()
    assert tasks_of(by, clock.today()) == []
    case.checked()
    case.reviewed()
    case.refused()
    [task] = tasks_of(by, clock.today())
    assert (task.title, task.due) == ("决定是否申诉", case.at.appeal_until)


def test_a_house_without_a_record_is_led_to_make_one():
    organisation = make_organisation("provider")
    by = make_user(Role.PROVIDER_AGENT, organisation=organisation)
    assert "/s/profile/enrol/" in read(by, "/s/")
    assert browser(by).get("/s/products/").status_code == 403
    fields = {name: value for name, value in UNIT.items() if name != "name"}
    done(by, "/s/profile/enrol/", **fields, **CONTACT, **ABILITY)
    assert Provider.objects.get().organisation_id == organisation.pk
    assert "民族大道8号" in read(by, "/s/profile/")


def test_the_record_is_edited_and_a_stale_page_is_told_so():
    provider = ProviderFactory()
    by = agent_of(provider)
    given = {**UNIT, **CONTACT, **ABILITY, "name": provider.name, "core_staff": "30"}
    address = f"/s/profile/{provider.pk}/edit/"
    done(by, address, **given, version=provider.version)
    assert Provider.objects.get().core_staff == 30
    refused(by, address, 409, **{**given, "core_staff": "31"}, version=provider.version)
    assert Provider.objects.get().core_staff == 30


def test_the_signatory_asks_for_an_account_in_the_houses_own_name():
    provider = ProviderFactory()
    by = signatory_of(provider)
    given = {"account_number": "0000009876543210", "bank_name": "示例银行南宁分行", "line_no": "000000000001"}
    address = "/s/accounts/request/"
    assert "没有已生效的收款账户" in read(by, "/s/accounts/")
    assert "ACCOUNT_NAME_DIFFERS" in refused(by, address, 400, **given, account_name="别家有限公司")
    assert not SettlementAccount.objects.exists()
    done(by, address, **given, account_name=provider.name)
    page = read(by, "/s/accounts/")
    assert SettlementAccount.objects.get().state == AccountState.REQUESTED
    assert "****3210" in page
    assert "0000009876543210" not in page
    assert address not in page


def test_the_agent_does_not_ask_for_an_account():
    provider = ProviderFactory()
    by = agent_of(provider)
    assert "/s/accounts/request/" not in read(by, "/s/accounts/")


def test_another_houses_account_is_not_there():
    account = SettlementAccountFactory(provider=ProviderFactory())
    read(agent_of(ProviderFactory()), f"/s/accounts/{account.pk}/", status=404)


def test_the_figures_are_those_the_public_sees_each_with_how_it_is_counted():
    deal = make_contract("confirmed")
    page = read(deal.parties.po, "/s/performance/")
    assert "按期交付率" in page
    assert "已确认的份数除以已确认与未履约的份数之和" in page
    assert "2026年度" in page


def test_what_is_held_against_the_house_is_on_one_page_each_with_its_own():
    deal = make_contract("delivered")
    by = deal.parties.po
    filed = make_complaint("filed", against=by.organisation)
    row = make_complaint("accepted", against=by.organisation)
    record = make_record(uscc=by.organisation.uscc)
    page = read(by, "/s/standing/")
    assert "没有被企业退回整改的合同" in page
    assert f"/my/complaints/{row.pk}/" in page
    assert filed.number not in page
    assert f"/my/credit/records/{record.pk}/" in page
    assert "暂不能办理新的服务券业务" in page
    deal.do(reject, deal.parties.el, reason="报告不完整")
    assert deal.at.number in read(by, "/s/standing/")


def test_what_the_house_itself_filed_is_not_held_against_it():
    provider = ProviderFactory()
    by = agent_of(provider)
    own = make_complaint("accepted", filer=by)
    assert own.number not in read(by, "/s/standing/")


def test_a_form_sent_twice_counts_once():
    provider = ProviderFactory()
    by = signatory_of(provider)
    given = {"account_name": provider.name, "account_number": "0000009876543210", "bank_name": "示例银行",
             "line_no": "000000000001"}  # fmt: skip
    for _ in range(2):
        assert send(by, "/s/accounts/request/", key="the-same", **given).status_code == 302
    assert SettlementAccount.objects.count() == 1


def queries(by, address):
    client = browser(by)
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_the_desk_costs_the_same_for_five_contracts_and_eight():
    first = make_contract("effective")
    parties = first.parties
    for _ in range(4):
        make_contract("effective", parties=parties)
    few = queries(parties.po, "/s/")
    for _ in range(3):
        make_contract("effective", parties=parties)
    assert queries(parties.po, "/s/") == few
