"""Which rounds take applications, and which application is alive."""

from datetime import timedelta

import pytest

from accreditation import selectors
from accreditation.services import filing
from accreditation.states import RoundState
from foundation import clock
from tests.factories.accreditation import make_call, make_case, make_product_case

pytestmark = pytest.mark.django_db


def test_a_round_is_open_from_its_first_to_its_last_day():
    call, planned = make_call(), make_call(RoundState.PLANNED)
    case = make_case(call=call)
    today = clock.today()
    days = {offset: selectors.open_rounds(case.po, today + timedelta(days=offset)) for offset in (-1, 0, 30, 31)}
    assert {offset: [row.pk for row in rows] for offset, rows in days.items()} == {
        -1: [], 0: [call.pk], 30: [call.pk], 31: [],
    }  # fmt: skip
    assert planned.at.state == RoundState.PLANNED


def test_the_years_application_is_alive_until_it_fails():
    case = make_case("submitted")
    provider = case.at.provider_id
    assert selectors.live_case(provider, clock.today().year) == case.at
    assert selectors.live_case(provider, clock.today().year + 1) is None
    case.do(filing.withdraw, case.po, reason="改报")
    assert selectors.live_case(provider, clock.today().year) is None


def test_a_version_has_one_application_that_is_alive():
    case = make_product_case()
    assert selectors.live_case_of(case.at.product_version) == case.at
