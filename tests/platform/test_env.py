"""Environment helpers refuse nonsense instead of guessing."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from voucher_platform import env


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X_TEST", raising=False)
    monkeypatch.delenv("Y_TEST", raising=False)


def test_unset_and_empty_give_the_default(monkeypatch):
    assert env.text("X_TEST", "a") == "a"
    assert env.flag("X_TEST", True) is True
    assert env.whole("X_TEST", 7) == 7
    assert env.words("X_TEST", ["a"]) == ["a"]
    monkeypatch.setenv("X_TEST", "")
    assert env.flag("X_TEST", True) is True
    assert env.whole("X_TEST", 7) == 7
    assert env.words("X_TEST", ["a"]) == ["a"]


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("false", False)])
def test_flag_reads_true_and_false(monkeypatch, value, expected):
    monkeypatch.setenv("X_TEST", value)
    assert env.flag("X_TEST", not expected) is expected


@pytest.mark.parametrize("value", ["True", "1", "yes", "off", " true"])
def test_flag_refuses_anything_else(monkeypatch, value):
    monkeypatch.setenv("X_TEST", value)
    with pytest.raises(ImproperlyConfigured, match="X_TEST="):
        env.flag("X_TEST", False)


@pytest.mark.parametrize("value", ["1.5", "ten", "0x10"])
def test_whole_refuses_what_is_not_a_whole_number(monkeypatch, value):
    monkeypatch.setenv("X_TEST", value)
    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env.whole("X_TEST", 1)


def test_words_are_split_at_commas_and_stripped(monkeypatch):
    monkeypatch.setenv("X_TEST", "a, b,,c ")
    assert env.words("X_TEST", []) == ["a", "b", "c"]


def test_require_names_every_missing_variable_at_once(monkeypatch):
    monkeypatch.setenv("Y_TEST", "")
    with pytest.raises(ImproperlyConfigured, match="X_TEST, Y_TEST"):
        env.require("X_TEST", "PATH", "Y_TEST")
