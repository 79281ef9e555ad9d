"""What a delivery says of the agreed indicators: each once, named in refusals, kept, on the chain and in what is signed."""

import re

import pytest

from contracts import indicators, selectors
from contracts.models import Signature
from contracts.services import performance
from contracts.states import Document, State
from engines.evidence import chain
from engines.evidence.selectors import of_subject
from foundation.errors import Invalid
from settlement.gathering import materials
from tests.contracts.support import refused
from tests.factories.accounts import Caller
from tests.factories.contracts import make_contract, make_parties, reached
from tests.factories.providers import INDICATORS, ProductFactory, ProviderFactory

pytestmark = pytest.mark.django_db
TWO = [*INDICATORS, {"name": "诊断报告", "unit": "", "target": "1份", "method": "核对报告"}]
MET = [{"seq": 1, "reached": "覆盖3条产线"}, {"seq": 2, "reached": "提交1份"}]
KEPT = [
    {"seq": 1, "name": "覆盖产线", "agreed": "≥2条", "reached": "覆盖3条产线"},
    {"seq": 2, "name": "诊断报告", "agreed": "1份", "reached": "提交1份"},
]


def contract_of_two(until="performing"):
    """A contract with two indicators."""
    provider = ProviderFactory(listed=True)
    product = ProductFactory(on_shelf=True, provider=provider, category="diagnosis", indicators=TWO)
    return make_contract(until, parties=make_parties(provider=provider, product=product))


def deliver(deal, said, note="已交付"):
    return deal.do(performance.deliver, deal.parties.po, note=note, indicators=said)


def test_what_was_reached_stands_beside_what_was_agreed_and_on_the_chain():
    deal = contract_of_two()
    deliver(deal, [MET[1], {"seq": 1, "reached": "  覆盖3条产线\n"}])  # in any order, outer blanks do not count
    assert deal.at.reached == KEPT
    record = of_subject(deal.at).last()
    assert (record.act, record.reason, record.facts["indicators"]) == ("deliver", "已交付", KEPT)
    assert [(one.name, one.method, one.reached) for one in selectors.indicators(deal.at)] == [
        ("覆盖产线", "现场记录与报告核对", "覆盖3条产线"),
        ("诊断报告", "核对报告", "提交1份"),
    ]


@pytest.mark.parametrize(
    ("said", "code", "named"),
    [
        ([], "INDICATOR_MISSING", "“覆盖产线”、“诊断报告”"),
        (MET[:1], "INDICATOR_MISSING", "“诊断报告”"),
        ([MET[0], {"seq": 2, "reached": " \n"}], "INDICATOR_MISSING", "“诊断报告”"),
        ([*MET, MET[1]], "INDICATOR_TWICE", "“诊断报告”"),
        ([*MET, {"seq": 3, "reached": "x"}], "INDICATOR_UNKNOWN", "第3项"),
        (
            [MET[0], {"seq": 2, "reached": "长" * 501}],
            "INDICATOR_TOO_LONG",
            "“诊断报告”的完成情况最多500个字，现为501个字",
        ),
    ],
)
def test_what_is_missing_unknown_or_too_long_is_refused_by_name(said, code, named):
    deal = contract_of_two()
    with refused(code) as caught:
        deliver(deal, said)
    assert named in caught.value.message
    assert caught.value.status == 400


def test_five_hundred_characters_are_not_too_long():
    deal = contract_of_two()
    deliver(deal, [MET[0], {"seq": 2, "reached": "长" * 500}])
    assert deal.at.state == State.DELIVERED


def test_a_delivery_after_a_rectification_says_all_anew_and_the_chain_keeps_both():
    deal = contract_of_two()
    deliver(deal, MET)
    deal.do(performance.reject, deal.parties.eo, reason="少一条产线")
    assert deal.at.reached == KEPT  # until the next delivery
    with refused("INDICATOR_MISSING"):
        deliver(deal, [])
    again = [{"seq": 1, "reached": "覆盖4条产线"}, MET[1]]
    deliver(deal, again)
    told = [one.facts["indicators"][0]["reached"] for one in of_subject(deal.at) if one.act == "deliver"]
    assert (deal.at.reached[0]["reached"], told) == ("覆盖4条产线", ["覆盖3条产线", "覆盖4条产线"])


def test_a_contract_without_indicators_is_delivered_without_them():
    none = {"product": {"name": "诊断"}}
    assert indicators.answered(none, []) == indicators.answered({}, []) == indicators.agreed(none) == []
    with pytest.raises(Invalid, match="INDICATOR_UNKNOWN: 本合同没有约定验收指标"):
        indicators.answered(none, MET[:1])


def test_the_signed_confirmation_covers_what_was_reached():
    deal = contract_of_two("confirmed")
    contract = deal.at
    signed = set(Signature.objects.filter(document=Document.CONFIRMATION).values_list("digest", flat=True))
    assert signed == {selectors.digest_of_confirmation(contract, contract.confirmation)}
    contract.reached[0]["reached"] = "覆盖9条产线"
    assert signed != {selectors.digest_of_confirmation(contract, contract.confirmation)}
    assert materials(deal.at)["confirmation"]["indicators"] == deal.at.reached


def test_a_confirmation_signed_before_indicators_were_asked_for_keeps_its_digest():
    contract = make_contract("confirmed").at
    contract.reached = []
    text = {
        "contract": str(contract.pk), "content": "已完成", "amount": "12500.00", "paid_by_enterprise": "2500.00",
        "voucher": "10000.00",
    }  # fmt: skip
    assert selectors.digest_of_confirmation(contract, contract.confirmation) == chain.sm3(chain.canonical(text))


def test_over_http_the_contract_names_its_indicators_and_the_delivery_answers_them():
    deal = contract_of_two()
    caller, path = Caller(deal.parties.po), f"/api/v1/contracts/{deal.pk}/"
    asked = caller.get(path).json()["indicators"]
    assert asked[0] == {
        "seq": 1, "name": "覆盖产线", "agreed": "≥2条", "method": "现场记录与报告核对", "reached": "",
    }  # fmt: skip
    body = {"version": deal.at.version, "indicators": MET[:1]}
    answer = caller.act(f"contracts/{deal.pk}/deliver/", body)
    assert (answer.status_code, answer.json()["code"], answer.json()["details"]["missing"]) == (
        400, "INDICATOR_MISSING", [2],
    )  # fmt: skip
    assert (deal.at.state, deal.at.reached) == (State.PERFORMING, [])
    answer = caller.act(f"contracts/{deal.pk}/deliver/", {**body, "indicators": MET})
    assert [one["reached"] for one in answer.json()["indicators"]] == ["覆盖3条产线", "提交1份"]
    shapeless = caller.act(f"contracts/{deal.pk}/deliver/", {**body, "indicators": [{"reached": "x"}]})
    assert (shapeless.status_code, shapeless.json()["code"]) == (400, "INVALID_FIELDS")


def test_the_words_of_the_sample_name_what_was_agreed():
    (said,) = reached(make_contract("performing").at)
    assert re.search("≥2条", said["reached"])
