"""Sentences and words as NLTK counts them; rows are NLTK 3.10's own, by its English model."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers.aspect.ifeval.text import count_whole, count_words, sentences, treebank_words

SENTENCES = [
    ("", [], "nothing"),
    ("One. Two? Three!", ["One.", "Two?", "Three!"], "the three marks"),
    ("It is 3.5 m. and 4. pages", ["It is 3.5 m. and 4. pages"], "a number and a small letter"),
    ("J. S. Bach wrote it.", ["J. S. Bach wrote it."], "initials"),
    ("Dr. Who is in. Mrs. X left.", ["Dr. Who is in.", "Mrs. X left."], "titles"),
    ("See e.g. this. Ok", ["See e.g.", "this.", "Ok"], "Punkt's English knows no e.g."),
    ("Take vitamin A. The rest", ["Take vitamin A.", "The rest"], "a letter, then no name"),
    ("Ask A. Smith first.", ["Ask A. Smith first."], "an initial: a name was never in lower case"),
    ("The answer is C. It is", ["The answer is C. It is"], "c. is an abbreviation of Punkt's"),
    ("Acme Inc. and Co. paid.", ["Acme Inc. and Co. paid."], "abbreviations"),
    ("In the U.S. The rest", ["In the U.S.", "The rest"], "an abbreviation before a first word"),
    ("The U.S. Senate met.", ["The U.S. Senate met."], "an abbreviation before a name"),
    ("Wait... The end.", ["Wait...", "The end."], "dots end one before a first word"),
    ("Wait... Smith left.", ["Wait... Smith left."], "nothing before a name"),
    ("See 5. Review it.", ["See 5. Review it."], "a pair that Punkt has learnt"),
    ('He said "Go!" Then left.', ['He said "Go!"', "Then left."], "a closing quote"),
    ("(One.) Two.", ["(One.)", "Two."], "a closing bracket"),
    ("Wait... what? No.", ["Wait... what?", "No."], "an ellipsis ends nothing"),
    ("One.Two. Three", ["One.Two.", "Three"], "no space, no end"),
    ("One.\n\nTwo.", ["One.", "Two."], "blank lines"),
    ("**One.** Two.", ["**One.", "** Two."], "markdown stays where NLTK leaves it"),
    ("好。好。", ["好。好。"], "no full stop but the ASCII one"),
]


@pytest.mark.parametrize(("text", "found", "reason"), SENTENCES)
def test_sentences(text, found, reason):
    assert sentences(text) == [sentence for sentence in found if sentence], reason


WORDS = [
    ("Can't stop.", ["Ca", "n't", "stop", "."], "a clitic and a full stop"),
    ("I'M HERE", ["I", "'M", "HERE"], "in capitals"),
    ('"U.S." (5%)', ["``", "U.S.", "''", "(", "5", "%", ")"], "quotes, brackets, signs"),
    ("a,b 1,000", ["a", ",", "b", "1,000"], "a comma in a number"),
    ("cannot gonna 'tis", ["can", "not", "gon", "na", "'", "tis"], "contractions"),
    ("Hi. *Yes* -- no...", ["Hi", ".", "*", "Yes", "*", "--", "no", "..."], "marks"),
    ("", [], "nothing"),
]


@pytest.mark.parametrize(("text", "words", "reason"), WORDS)
def test_treebank_words(text, words, reason):
    assert treebank_words(text) == words, reason


def test_words_are_runs_of_word_characters():
    assert count_words("it's 3.5, naïve_x -- 好") == 6


@pytest.mark.parametrize(
    ("text", "phrase", "count", "reason"),
    [
        ("rose Rose rosebud", "rose", 2, "not inside a word"),
        ("C++ c++x", "C++", 2, "a mark at the edge needs no boundary"),
        ("aaa", "aa", 0, "never part of a word"),
        ("a a a", "a a", 1, "without overlap"),
        ("_a a1 a", "a", 1, "underscores and digits are word characters"),
        ("", "a", 0, "nothing"),
    ],
)
def test_whole_phrases_are_counted(text, phrase, count, reason):
    assert count_whole(text, phrase) == count, reason


@settings(deadline=None)
@given(st.text(alphabet="aZ1 .?!\"'()*-,\n\u201d好", max_size=80))
def test_sentences_lose_nothing_but_whitespace(text):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
    assert [word for word in treebank_words(text) if word.isspace()] == []


@pytest.mark.parametrize(
    ("text", "phrase", "count", "why"),
    [
        ("a ab a", "a", 2, "not within a word"),
        ("aab ab", "ab", 1, "nor at a word's end"),
        ("ab-ab", "ab", 2, "a hyphen parts words"),
        ("a-a-a", "a-a", 1, "an occurrence counts once"),
        ("x-a", "-a", 1, "what starts with a mark may follow a word"),
        ("-ab-a", "-a", 1, "the first goes on as a word"),
        ("A_a", "a", 0, "an underscore is a part of a word"),
        ("ÉTÉ", "été", 1, "in any case"),
        ("a" * 5, "aa", 0, "one word"),
    ],
)
def test_a_phrase_within_a_word_is_not_counted(text, phrase, count, why):
    assert count_whole(text, phrase) == count, why
