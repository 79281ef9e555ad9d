"""What the first page costs a phone: everything a browser that has nothing yet has to fetch, compressed."""

from __future__ import annotations

import gzip

import brotli
import pytest
from playwright.sync_api import Page, Response

from accounts.states import Role
from tests.e2e.conftest import Site

MOST_BYTES, MOST_REQUESTS = 60 * 1024, 12  # issue 4, point 10


@pytest.mark.parametrize("role", [None, Role.ENTERPRISE_AGENT, Role.PROVIDER_AGENT, Role.CENTRE_CHECKER])
def test_a_first_page_is_light(house: Site, page: Page, role: Role | None) -> None:
    if role is not None:
        house.sign_in(house.world.people[role])
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - a bound built-in has no such name
    page.goto(house.url + {None: "/", "EO": "/e/", "PO": "/s/", "CO": "/o/"}[role])
    page.wait_for_load_state("networkidle")
    weights = {one.url.removeprefix(house.url): _weight(house, one) for one in answers}
    assert len(answers) <= MOST_REQUESTS, sorted(weights)
    assert sum(weights.values()) <= MOST_BYTES, sorted(weights.items(), key=lambda item: -item[1])


def _weight(house: Site, answer: Response) -> int:
    """As it is served in production: files compressed beforehand with brotli, pages as they go with gzip."""
    body = answer.body()
    if answer.url.startswith(f"{house.url}/static/"):
        return min(len(body), len(brotli.compress(body)))
    return min(len(body), len(gzip.compress(body, compresslevel=6)))
