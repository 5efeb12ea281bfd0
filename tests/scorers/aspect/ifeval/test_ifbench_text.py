"""Emoji as IFBench knows them."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench_text import is_emoji


@pytest.mark.parametrize(
    ("char", "emoji"),
    [("😀", True), ("☀", True), ("🇩", True), ("↦", False), ("a", False), ("", False)],
)
def test_emoji(char, emoji):
    assert is_emoji(char) is emoji
