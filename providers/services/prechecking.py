"""Asking the configured checker, so that whatever it does the product goes on to a person (DOMAIN 0.9)."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from providers import precheck, selectors
from providers.models import ProductVersion
from providers.precheck import Finding, Verdict
from providers.states import PrecheckResult

logger = logging.getLogger(__name__)
MOST_FINDINGS, LONGEST_MESSAGE = 50, 500  # what is kept of a checker's answer


@dataclass(frozen=True)
class Answer:
    """A verdict and whose it is, fit to be kept: `as_dict` is JSON."""

    result: PrecheckResult
    findings: tuple[Finding, ...]
    checker: str
    checker_version: str

    def as_dict(self) -> dict[str, Any]:
        """As it stands on the version."""
        return {
            "result": int(self.result),
            "label": str(self.result.label),
            "findings": [asdict(one) for one in self.findings],
            "checker": self.checker,
            "checker_version": self.checker_version,
        }


def ask(version: ProductVersion) -> Answer:
    """What the checker of `PRODUCT_PRECHECK` says of the version as it stands. Never raises: 4 无法判断 instead."""
    path = settings.PRODUCT_PRECHECK
    name, number = path, ""
    try:
        with transaction.atomic():  # a checker that breaks a statement breaks nothing of ours
            checker = import_string(path)()
            name, number = str(checker.name)[:80], str(checker.version)[:40]
            verdict = checker.check(offered(version), selectors.figures(version))
            return _kept(verdict, name, number)
    except Exception as error:
        logger.exception("precheck %s of version %s", path, version.pk)
        unknown = Finding("CHECKER_FAILED", "note", "", f"预审程序未能给出结果（{type(error).__name__}），转人工审查。")
        return Answer(PrecheckResult.UNKNOWN, (unknown,), name, number)


def offered(version: ProductVersion) -> precheck.Offered:
    """The version as the checker sees it."""
    return precheck.Offered(
        name=version.name,
        category=version.category,
        aim=version.aim,
        functions=version.functions,
        deliverables=tuple(version.deliverables),
        indicators=tuple(version.indicators),
        min_days=version.min_days,
        max_days=version.max_days,
        price=version.price,
        price_proof=version.price_proof,
        proof_files=len(version.proof_files),
        market_prices=len(version.market_prices),
        team=version.team,
        cases=version.cases,
        is_training=version.is_training,
    )


def _kept(verdict: Any, name: str, number: str) -> Answer:
    """Raises TypeError or ValueError when the answer is none."""
    if not isinstance(verdict, Verdict):
        raise TypeError(f"{type(verdict).__name__} is no Verdict")
    findings = tuple(
        Finding(str(one.code)[:64], one.level, str(one.field)[:64], str(one.message)[:LONGEST_MESSAGE])
        for one in list(verdict.findings)[:MOST_FINDINGS]
    )
    return Answer(PrecheckResult(verdict.result), findings, name, number)
