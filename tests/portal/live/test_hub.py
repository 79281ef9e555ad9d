"""When what is looked at: soon after a change, once more for what was left unsaid, and from time to time anyhow."""

from __future__ import annotations

import asyncio

import pytest
from django.apps import apps

from foundation.live import EVERY
from portal.live.hub import AGAIN, ANYHOW, GAP, Frames, Schedule
from portal.live.topics import TOPICS


@pytest.fixture
def schedule() -> Schedule:
    """Everything was looked at at nought."""
    made = Schedule(0.0)
    for name in TOPICS:
        made.looked(name, 0.0, heard=False)
    return made


def test_everything_is_looked_at_at_the_start():
    assert Schedule(5.0).ready(5.0) == list(TOPICS)


def test_without_a_word_everything_is_looked_at_from_time_to_time(schedule):
    assert (schedule.ready(ANYHOW - 0.1), schedule.wait(1.0)) == ([], ANYHOW - 1.0)
    assert schedule.ready(ANYHOW) == list(TOPICS)


def test_a_change_is_looked_at_at_once_by_whom_it_concerns(schedule):
    schedule.heard("demands_demand", 5.0)
    assert schedule.ready(5.0) == ["board", "tasks"]
    assert schedule.wait(5.0) == 0.0


def test_what_changes_all_the_time_is_looked_at_only_so_often(schedule):
    schedule.looked("budget", 5.0, heard=True)
    schedule.heard("contracts_contract", 5.1)
    assert "budget" not in schedule.ready(5.1)
    assert "budget" in schedule.ready(5.0 + GAP)


def test_after_a_change_it_is_looked_at_once_more(schedule):
    schedule.heard("contracts_contract", 5.0)
    schedule.looked("budget", 5.0, heard=True)
    assert "budget" not in schedule.ready(5.0 + AGAIN - 0.1)
    assert "budget" in schedule.ready(5.0 + AGAIN)
    schedule.looked("budget", 5.0 + AGAIN, heard=False)
    assert "budget" not in schedule.ready(5.0 + AGAIN + ANYHOW - 0.1)


def test_a_second_look_covers_more_than_a_hint_may_be_held_back():
    assert EVERY < AGAIN


def test_topics_follow_tables_that_exist():
    tables = {model._meta.db_table for model in apps.get_models()}
    assert set().union(*(topic.tables for topic in TOPICS.values())) <= tables


def test_a_slow_browser_gets_the_newest_only():
    async def play() -> tuple[int, bytes]:
        frames, slow = Frames(), asyncio.Queue[None](maxsize=1)
        frames.waiting.add(slow)
        for n in range(5):
            frames.put("budget", str(n), b"frame %d" % n)
        return slow.qsize(), frames.bytes["budget"]

    assert asyncio.run(play()) == (1, b"frame 4")
