"""Words that choose, deny, doubt and confirm."""

from __future__ import annotations

import unicodedata

import pytest

from harmo.scorers.reading.decision import lexicon


@pytest.mark.parametrize(
    ("some", "others"),
    [
        ("RIGHT", "WRONG"),
        ("BARELY_RIGHT", "BARELY_WRONG"),
        ("DENYING", "CONNECTIVES"),
        ("MAYBE", "DENYING"),
        ("CONFIRMS", "DENIES"),
    ],
)
def test_no_word_says_two_things(some, others) -> None:
    shared = getattr(lexicon, some) & getattr(lexicon, others)
    assert shared <= {"no", "off"}, shared


def test_words_are_looked_up_in_lower_case_and_composed() -> None:
    for name, words in vars(lexicon).items():
        if isinstance(words, frozenset):
            written = {unicodedata.normalize("NFKC", word.lower()) for word in words}
            assert written == words, name


@pytest.mark.parametrize(
    ("text", "found"), [("nothing other than", True), ("no idea but", False), ("no dog but", True)]
)
def test_what_says_that_only_one_is_left(text, found) -> None:
    assert (lexicon.ALONE.search(text) is not None) is found
