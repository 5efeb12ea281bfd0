"""Emoji as IFBench knows them."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench_text import is_emoji


@pytest.mark.parametrize(
    ("char", "emoji"),
    [(c, True) for c in "😀☀🇩"] + [(c, False) for c in ("↦", "a", "")],
)
def test_emoji(char, emoji):
    assert is_emoji(char) is emoji
