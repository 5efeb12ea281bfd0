"""IFBench's counts and ratios."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench_counts import COUNTS
from tests.scorers.aspect.ifeval.following import assert_told_apart

KEYWORDS = {f"keyword{n}": word for n, word in enumerate("abcde", start=1)}

ROWS = [
    # id, kwargs, followed, not followed
    ("count:word_count_range", {"min_words": 2, "max_words": 3}, "a b", "a b c d"),
    ("count:unique_word_count", {"N": 2}, "so be it", "So so so."),
    ("count:conjunctions", {"small_n": 2}, "this and that, but", "and and and"),
    ("count:person_names", {"N": 2}, "Mia met Leo.", "Miami and Leonardo met Mia"),
    ("count:numbers", {"N": 2}, "1,000 and 3.5", "1 and 2 and 3"),
    ("count:punctuation", {}, "a. b, c! d? e; f: g?!", "a. b, c! d? e; f:"),
    ("count:words_japanese", {"N": 2}, "one 日本 three 語", "one two"),
    ("count:pronouns", {"N": 3}, "she/her and Us", "a table and it"),
    (
        "count:keywords_multiple",
        KEYWORDS,
        "a b b c c c d d d d d e e e e e e e",
        "a b b c c c d d d d d e e e e e e ee",
    ),
    ("ratio:stop_words", {"percentage": 50}, "the cat", "it is the cat"),
    ("ratio:sentence_type", {}, "It is. It was. Is it?", "no sentence at all"),
    ("ratio:sentence_balance", {}, "It is. Is it? Wow!", "no sentence at all"),
    ("ratio:overlap", {"reference_text": "a b c d", "percentage": 50}, "a b c x", "a b c d"),
    ("ratio:sentence_words", {}, "ab cd. ef gh. ij kl.", "ab cd. ef gh. ij cd."),
]


@pytest.mark.parametrize(("id_", "kwargs", "right", "wrong"), ROWS)
def test_instruction_is_followed_or_not(id_, kwargs, right, wrong):
    assert_told_apart(id_, kwargs, right, wrong)


def test_every_instruction_has_a_row():
    assert {row[0] for row in ROWS} == set(COUNTS.ids)
