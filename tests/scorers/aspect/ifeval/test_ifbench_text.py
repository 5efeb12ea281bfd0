"""Sentences and emoji as IFBench cuts them."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench_text import is_emoji, split_sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mr. X paid 3.5. Ok?", ["Mr. X paid 3.5.", "Ok?"]),
        ("See a.com now. Ph.D. here!", ["See a.com now.", "Ph.D. here!"]),
        ('He said "go." Then', ['He said "go".', "Then"]),
        ("aa\nbb. cc", ["aa bb.", "cc"]),
        ("a<stop>bb. c<prd>d", ["a<stop>bb.", "c<prd>d"]),
        ("a\ue001b", ["a b"]),
    ],
)
def test_ifbench_sentences(text, found):
    assert split_sentences(text) == found


@pytest.mark.parametrize(("char", "emoji"), [("😀", True), ("☀", True), ("a", False), ("", False)])
def test_emoji(char, emoji):
    assert is_emoji(char) is emoji
