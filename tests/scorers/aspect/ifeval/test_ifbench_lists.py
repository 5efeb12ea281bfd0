"""The word lists that IFBench counts."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench_lists import CAPITALS, NAMES, PRONOUNS, STOP_WORDS


@pytest.mark.parametrize(("names", "count"), [(NAMES, 50), (CAPITALS, 27)])
def test_every_name_stands_once(names, count):
    assert len(names) == len(set(names)) == count
    assert all(name.isalpha() and name.istitle() for name in names)


def test_words_are_in_lower_case_and_no_noun_is_a_pronoun():
    assert all(word == word.lower() for word in STOP_WORDS | PRONOUNS)
    assert {"mine", "this", "whoever", "none"} <= PRONOUNS
    assert not PRONOUNS & {"i'm", "one", "the", "there"}
