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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("smtp://mail.example", env.Mail("mail.example", 25, "", "", tls=False, starttls=False)),
        ("smtps://u:p%40ss@mail.example", env.Mail("mail.example", 465, "u", "p@ss", tls=True, starttls=False)),
        ("smtp+tls://u@mail.example:2525/", env.Mail("mail.example", 2525, "u", "", tls=False, starttls=True)),
    ],
)
def test_a_mail_server_is_one_address(monkeypatch, value, expected):
    monkeypatch.setenv("X_TEST", value)
    assert env.mail("X_TEST") == expected


def test_without_an_address_there_is_no_mail_server():
    assert env.mail("X_TEST") is None


@pytest.mark.parametrize(
    "value", ["mail.example", "http://mail.example", "smtp://", "smtp://x:port", "smtp://x/y", "smtp://x?z=1"]
)
def test_what_is_no_mail_server_is_refused(monkeypatch, value):
    monkeypatch.setenv("X_TEST", value)
    with pytest.raises(ImproperlyConfigured, match="X_TEST: use smtp://"):
        env.mail("X_TEST")


def test_networks_are_networks(monkeypatch):
    monkeypatch.setenv("X_TEST", "10.20.0.0/16, fd00::/8")
    assert env.networks("X_TEST") == ["10.20.0.0/16", "fd00::/8"]
    monkeypatch.setenv("X_TEST", "10.20.0.1/16")
    with pytest.raises(ImproperlyConfigured, match="is not a network"):
        env.networks("X_TEST")
