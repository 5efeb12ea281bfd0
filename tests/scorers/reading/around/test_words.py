"""What words before and after an answer make of it."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.around.words import after, before

CLAIMED, BOUNDED, DOUBTED, DENIED = Stance


@pytest.mark.parametrize(
    ("text", "stance", "why"),
    [
        ("", CLAIMED, "nothing"),
        ("The answer is", CLAIMED, "a claim"),
        ("The answer is not", DENIED, "a negation"),
        ("The answer is not equal to the", DENIED, "words without a meaning between"),
        ("It is not prime, so it is", CLAIMED, "another clause"),
        ("The number that is not prime is", CLAIMED, "it denies something else"),
        ("No. It is", CLAIMED, "another sentence"),
        ("Nothing is right other than", CLAIMED, "nothing but this"),
        ("Anything other than", DENIED, "all but this"),
        ("I doubt that it is", DENIED, "a frame"),
        ("It is wrong to say", DENIED, "a frame"),
        ("It is not wrong to say", CLAIMED, "a frame denied"),
        ("One might say it is", DOUBTED, "not the writer's"),
        ("I would say it is", CLAIMED, "the writer's"),
        ("Maybe the answer is", DOUBTED, "a doubt ahead of the clause"),
        ("It could be", DOUBTED, "a possibility"),
        ("at least", BOUNDED, "a bound"),
        ("no more than", BOUNDED, "a bound"),
        ("more than", DOUBTED, "not this"),
        ("between 6 and", DOUBTED, "a range"),
        ("8 or", DOUBTED, "an alternative"),
        ("7.0 or", CLAIMED, "the same again"),
        ("twice", DOUBTED, "another number"),
        ("ten times", DOUBTED, "in words"),
        ("zehn mal", DOUBTED, "in German"),
        ("Let x =", DOUBTED, "a value is tried out"),
        ("设 x = ", DOUBTED, "in Chinese"),
        ("If x > 0 then", DOUBTED, "a condition"),
        ("If we add them, we get", CLAIMED, "a step"),
        ("equality holds if x =", CLAIMED, "the case that is asked for"),
        ("答案不是", DENIED, "Chinese"),
    ],
)
def test_before(text, stance, why):
    assert before(text, "7") is stance, why


@pytest.mark.parametrize(
    ("text", "stance", "why"),
    [
        ("", CLAIMED, "nothing"),
        (" is the answer.", CLAIMED, "a claim"),
        (", not 8", CLAIMED, "another is denied"),
        (" is not it.", DENIED, "denied"),
        (" would be wrong.", DENIED, "denied"),
        (", but that is wrong.", DENIED, "taken back"),
        (". No.", DENIED, "taken back in a sentence of its own"),
        (". It is not 8.", CLAIMED, "a sentence about another"),
        ("?", DOUBTED, "a question"),
        (", maybe", DOUBTED, "a doubt"),
        (" or 8", DOUBTED, "an alternative"),
        (" or 7.0", CLAIMED, "the same again"),
        (" or so", DOUBTED, "an estimate"),
        (" or more", DOUBTED, "a bound"),
        (" at most", BOUNDED, "a bound"),
        (" if n is even", DOUBTED, "a case"),
        (" if we add them", CLAIMED, "a step"),
        (" unless n = 1", DOUBTED, "a case"),
        (" for even n, 8 for odd n", DOUBTED, "two cases"),
        (" because 8 or 9 are out", CLAIMED, "a reason"),
        (" squared", DOUBTED, "another number"),
        (" less than 10", DOUBTED, "another number"),
        (" short of 10", DOUBTED, "another number"),
        (" shy of ten", DOUBTED, "another number, in words"),
        (" short of breath", CLAIMED, "no number"),
        (" less than Ann", CLAIMED, "a comparison"),
        (" over 6 rolls", CLAIMED, "a phrase"),
        ("ではない", DENIED, "Japanese"),
    ],
)
def test_after(text, stance, why):
    assert after(text, "7") is stance, why
