"""What is sealed opens with its own secret, for its own row, unaltered, and not otherwise."""

from __future__ import annotations

import pytest

from foundation import sealed


def test_what_was_sealed_opens_again():
    box = sealed.seal("objection", "张三".encode(), about="row:1")
    assert sealed.unseal("objection", box, about="row:1").decode() == "张三"


def test_sealed_anew_it_looks_different_and_shows_nothing():
    one, other = (sealed.seal("objection", b"secret words", about="row:1") for _ in range(2))
    assert one != other
    assert b"secret" not in one


def test_it_opens_for_no_other_row():
    box = sealed.seal("objection", b"x", about="row:1")
    with pytest.raises(sealed.SealBroken):
        sealed.unseal("objection", box, about="row:2")


@pytest.mark.parametrize("place", [0, 1, 13, 29])
def test_one_altered_byte_shows(place):
    box = bytearray(sealed.seal("objection", b"x", about="row:1"))
    box[place] ^= 1
    with pytest.raises(sealed.SealBroken):
        sealed.unseal("objection", bytes(box), about="row:1")


def test_it_opens_with_no_other_secret(settings):
    box = sealed.seal("objection", b"x", about="row:1")
    settings.SEALING_SECRETS = {"objection": "another"}
    with pytest.raises(sealed.SealBroken):
        sealed.unseal("objection", box, about="row:1")


def test_too_short_a_value_is_no_seal():
    with pytest.raises(sealed.SealBroken):
        sealed.unseal("objection", b"\x01short", about="row:1")


def test_a_word_is_found_again_by_the_secret_alone(settings):
    word = sealed.word_for("objection", "YY-1")
    assert (len(word), word) == (20, sealed.word_for("objection", "YY-1"))
    assert word != sealed.word_for("objection", "YY-2")
    settings.SEALING_SECRETS = {"objection": "another"}
    assert word != sealed.word_for("objection", "YY-1")
