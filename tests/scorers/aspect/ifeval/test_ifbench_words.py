"""IFBench's words and sentences."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench_words import WORDS
from tests.scorers.aspect.ifeval.following import assert_told_apart, followed

PALINDROMES = "kayak level radar civic refer madam rotor tenet stats solos"

ROWS = [
    # id, kwargs, followed, not followed
    ("words:alphabet", {}, "yes, Zoe and Bob", "1 and"),
    ("words:vowel", {}, "a bee is", "a bee is o u"),
    ("words:consonants", {}, "first church", "first area"),
    ("words:palindrome", {}, PALINDROMES, PALINDROMES.replace("solos", "noon")),
    ("words:prime_lengths", {}, "it was great", "this is"),
    ("words:repeats", {"small_n": 2}, "a a b", "a A, a b"),
    ("words:odd_even_syllables", {}, "cat water dog table", "cat dog"),
    ("words:no_consecutive", {}, "a bee can", "big Bees"),
    ("words:last_first", {}, "I see you. You see me. Me too.", "I see. You see."),
    ("words:paragraph_last_first", {}, "so it is so\n\nah so ah", "so it is"),
    ("words:keywords_specific_position", {"keyword": "it", "n": 2, "m": 2}, "No. Is it?", "It is."),
    ("words:words_position", {"keyword": "it"}, "So it is, IT is", "it is it"),
    ("sentence:keyword", {"word": "Cat", "N": 2}, "A dog. A cat.", "A cat. A dog."),
    ("sentence:increment", {"small_n": 1}, "One. Two is. Three is it.", "One. Two."),
    ("sentence:alliteration_increment", {}, "All be. Big bee. Big bad bee.", "Big bee. All be."),
]


@pytest.mark.parametrize(("id_", "kwargs", "right", "wrong"), ROWS)
def test_instruction_is_followed_or_not(id_, kwargs, right, wrong):
    assert_told_apart(id_, kwargs, right, wrong)


def test_every_instruction_has_a_row():
    assert {row[0] for row in ROWS} == set(WORDS.ids)


FAULTS = [
    # Where the source crashes or passes without evidence.
    ("words:last_first", {}, '"! Ok.', "a sentence without words"),
    ("words:alphabet", {}, "!!!", "no words"),
]


@pytest.mark.parametrize(("id_", "kwargs", "text", "reason"), FAULTS)
def test_source_faults_are_not_repeated(id_, kwargs, text, reason):
    assert followed(id_, kwargs, text) == 0.0, reason
