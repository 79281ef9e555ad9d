"""Files that people write by hand: what is said twice is told, with its line."""

from __future__ import annotations

import pytest
import yaml

from foundation import strict_yaml


def test_plain_data_comes_out_as_it_is_written():
    assert strict_yaml.load("a: {b: 1}\nc: [x, 2.5]\n") == {"a": {"b": 1}, "c": ["x", 2.5]}


def test_a_key_said_twice_is_refused_with_its_line():
    with pytest.raises(yaml.YAMLError, match=r"b is said twice[\s\S]*line 3"):
        strict_yaml.load("a:\n  b: 1\n  b: 2\n")


def test_the_library_alone_would_keep_the_last():
    assert yaml.safe_load("b: 1\nb: 2\n") == {"b": 2}


def test_the_same_key_in_two_mappings_is_fine():
    assert strict_yaml.load("- {b: 1}\n- {b: 2}\n") == [{"b": 1}, {"b": 2}]


def test_no_object_is_made():
    with pytest.raises(yaml.YAMLError):
        strict_yaml.load("!!python/object/apply:os.getcwd []")
