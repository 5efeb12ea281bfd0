"""The words of the lexicon contradict each other nowhere."""

from __future__ import annotations

from harmo.scorers.reading.around import lexicon as lex


def test_no_filler_counts_by_itself():
    counting = lex.DENYING | lex.DOUBTING | lex.BOUNDS | lex.WRONG | lex.IFS
    assert not lex.FILLERS & counting


def test_what_denies_does_not_doubt():
    assert not lex.DENYING & lex.DOUBTING
    assert not lex.DENYING_PAIRS & lex.DOUBTING_PAIRS


def test_every_pair_is_two_words():
    assert all(first and second and " " not in second for first, second in lex.PAIRS)


def test_no_relation_is_harmless():
    assert not lex.RELATIONS & lex.HARMLESS


def test_a_vocabulary_is_the_words_of_a_text() -> None:
    assert lex.vocabulary("a b  a") == {"a", "b"}
