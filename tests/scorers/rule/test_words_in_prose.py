"""rule.yes_no and rule.exact in running text: what says a word, and what does not."""

from __future__ import annotations

import pytest

from tests.scorers.rule.prose import value

HONEST = [
    ("rule.yes_no", "yes", "Yes, there are no clouds.", "", "a no in the reason"),
    ("rule.yes_no", "no", "There isn't any dog in it, so no.", "", "at the end"),
    ("rule.yes_no", "yes", "No doubt: it is true.", "", "no doubt"),
    ("rule.yes_no", "no", "There is no cat in the image.", "", "absence"),
    ("rule.yes_no", "no", "I don't think so.", "", "a phrase"),
    ("rule.yes_no", "yes", "The answer is **yes**, because it rains.", "", "a cue with a reason"),
    ("rule.yes_no", "True", "yes", "", "true and yes are one"),
    ("rule.yes_no", "no", "Yes. Wait, actually, no.", "", "a correction"),
    ("rule.exact", "True", "Yes", "", "true and yes are one"),
    ("rule.exact", "no", "\\boxed{False}", "", "no and false"),
    ("rule.exact", "Paris", "The capital of France is Paris.", "", "at the end of a sentence"),
    ("rule.exact", "Paris", "It is Paris.", "", "it is"),
    ("rule.exact", "Paris", "I think it's Paris", "", "I think"),
    ("rule.exact", "Jane Austen", "Jane Austen wrote Emma.", "Who wrote Emma?", "as the subject"),
    ("rule.exact", "2", "two", "", "a number word"),
    ("rule.exact", "twenty-one", "21", "", "and back"),
    ("rule.exact", "the well-known man", "Well known man.", "", "hyphen, article, case"),
    ("rule.exact", "Paris", "The answer is Paris, not London.", "", "a denied one after it"),
]
HOSTILE = [
    ("rule.yes_no", "no", "No idea", "", "no idea"),
    ("rule.yes_no", "no", "no one knows", "", "no one"),
    ("rule.yes_no", "no", "\\boxed{No comment}", "", "no comment"),
    ("rule.yes_no", "no", "There is no way to tell.", "", "no way"),
    ("rule.yes_no", "no", "I know nothing", "", "words within words"),
    ("rule.yes_no", "yes", "yes or no", "", "both"),
    ("rule.yes_no", "no", "yes/no", "", "a slash"),
    ("rule.yes_no", "yes", "true and false", "", "both, as truth"),
    ("rule.yes_no", "yes", "Yes. No.", "", "one after the other"),
    ("rule.yes_no", "yes", "maybe yes", "", "perhaps"),
    ("rule.yes_no", "yes", "Is it true?", "", "a question"),
    ("rule.yes_no", "yes", "I can't say that it is true.", "", "a refusal"),
    ("rule.yes_no", "yes", "neither true nor false", "", "neither"),
    ("rule.yes_no", "yes", "the correct way to do it", "", "an adjective"),
    ("rule.exact", "yes", "no idea", "", "no answer"),
    ("rule.exact", "no", "no idea", "", "no no"),
    ("rule.exact", "Paris", "not Paris", "", "denied"),
    ("rule.exact", "Paris", "It is not Paris.", "", "denied"),
    ("rule.exact", "Paris", "maybe Paris", "", "perhaps"),
    ("rule.exact", "Paris", "Paris or London", "", "two"),
    ("rule.exact", "Paris", "Paris, London, Rome", "", "a list"),
    ("rule.exact", "Paris", "It is Paris or London.", "", "two in a sentence"),
    ("rule.exact", "Paris", "The answer is Paris. Or maybe London.", "", "taken back"),
    ("rule.exact", "Paris", "I doubt the answer is Paris", "", "doubted"),
    ("rule.exact", "Paris", "Is it Paris?", "", "a question"),
    (
        "rule.exact",
        "Paris",
        "Paris London Rome",
        "Is it Paris, London or Rome?",
        "the prompt's candidates",
    ),
    ("rule.exact", "Paris", "It is Paris. It is London.", "", "two sentences"),
    ("rule.exact", "Paris", "I once saw Paris by night", "", "contained"),
    ("rule.exact", "-5", "It is 5.", "", "a sign lost"),
    ("rule.exact", "5", "It is 15.", "", "a digit more"),
    ("rule.exact", "null", "0", "", "a word that is a number elsewhere"),
    ("rule.exact", "11", "once", "", "the same in Spanish"),
    ("rule.exact", "cat", "It is cats.", "", "a plural"),
    ("rule.exact", "cafe", "It is café.", "", "an accent"),
]
MORE_HONEST = [
    ("rule.yes_no", "yes", "Yes", ""),
    ("rule.yes_no", "yes", "The statement is true.", ""),
    ("rule.yes_no", "no", "The statement is not correct.", ""),
    ("rule.yes_no", "no", "No, the man isn't wearing a hat.", ""),
    ("rule.yes_no", "yes", "Based on the image, yes, there is a dog.", ""),
    ("rule.yes_no", "no", "Based on the image, the answer is no.", ""),
    ("rule.yes_no", "yes", "Yes - the dog is there", ""),
    ("rule.yes_no", "yes", "Yes the dog is there", ""),
    ("rule.yes_no", "no", "No there is not", ""),
    ("rule.yes_no", "no", "It is false that dogs fly, so the answer is False.", ""),
    ("rule.yes_no", "yes", "So the answer is: Yes.", ""),
    ("rule.exact", "Paris", "**Paris**", ""),
    ("rule.exact", "Paris", "The city is called Paris.", ""),
    (
        "rule.exact",
        "Leonardo da Vinci",
        "The Mona Lisa was painted by Leonardo da Vinci.",
        "Who painted the Mona Lisa?",
    ),
    ("rule.exact", "red", "The car is red.", "What colour is the car?"),
    ("rule.exact", "red", "It's red", ""),
    ("rule.exact", "42", "The answer is 42.", ""),
    ("rule.exact", "two", "2", ""),
    (
        "rule.exact",
        "Barack Obama",
        "The president in 2010 was Barack Obama.",
        "Who was president in 2010?",
    ),
    ("rule.exact", "blue", "Blue", ""),
    ("rule.exact", "a cat", "It is a cat.", ""),
    ("rule.exact", "playing tennis", "The man is playing tennis.", "What is the man doing?"),
    ("rule.exact", "New York", "New York.", ""),
    ("rule.exact", "left", "It is on the left.", "On which side is it?"),
    ("rule.exact", "12:30", "The clock shows 12:30.", "What does the clock show?"),
    ("rule.exact", "yes", "Yes, it is.", ""),
]
"""Ways in which models say it."""
MORE_HOSTILE = [
    ("rule.yes_no", "no", "None", ""),
    ("rule.yes_no", "no", "nothing", ""),
    ("rule.yes_no", "no", "not sure", ""),
    ("rule.yes_no", "yes", "It could be true", ""),
    ("rule.yes_no", "yes", "yes and then again no", ""),
    ("rule.yes_no", "yes", "Yes, or rather no", ""),
    ("rule.yes_no", "no", "no more than three", ""),
    ("rule.yes_no", "no", "The answer is no more than 5", ""),
    ("rule.yes_no", "yes", "untrue", ""),
    ("rule.yes_no", "yes", "The answer is yes. The answer is no.", ""),
    ("rule.yes_no", "yes", "\\boxed{yes or no}", ""),
    ("rule.yes_no", "yes", "say yes or say no", ""),
    ("rule.yes_no", "yes", "I cannot say yes", ""),
    ("rule.yes_no", "no", "no, yes", ""),
    ("rule.yes_no", "no", "no problem, yes", ""),
    ("rule.yes_no", "yes", "Is it? yes? no?", ""),
    ("rule.yes_no", "yes", "if true then yes, if false then no", ""),
    ("rule.yes_no", "yes", "the true value is unknown", ""),
    ("rule.yes_no", "no", "No. 5", ""),
    ("rule.exact", "Paris", "Paris and London", ""),
    ("rule.exact", "Paris", "London is Paris is Rome", ""),
    ("rule.exact", "Paris", "It might be Paris", ""),
    ("rule.exact", "Paris", "anything but Paris", ""),
    ("rule.exact", "Paris", "Paris is wrong", ""),
    ("rule.exact", "Paris", "It isn't Paris", ""),
    ("rule.exact", "Paris", "Possibly Paris, possibly London", ""),
    ("rule.exact", "Paris", "Options: Paris, London, Rome", ""),
    ("rule.exact", "Paris", "Paris | London", ""),
    ("rule.exact", "Paris", "The answer is Paris, or London", ""),
    ("rule.exact", "Paris", "never Paris", ""),
    ("rule.exact", "Paris", "Paris / London", ""),
    ("rule.exact", "Paris", "The answer is not Paris", ""),
    ("rule.exact", "0", "none", ""),
    ("rule.exact", "5", "The answer is 5 or 6", ""),
    ("rule.exact", "red", "It is red and blue", ""),
    ("rule.exact", "red", "red-green", ""),
    ("rule.exact", "Paris", "The answer is Paris or maybe London", ""),
    ("rule.exact", "Paris", "Paris, London or Rome", ""),
    ("rule.exact", "Paris", "Paris\nLondon\nRome", ""),
    ("rule.exact", "Paris", "I have no idea, Paris?", ""),
    ("rule.exact", "Paris", "Rather than Paris, London", ""),
    ("rule.yes_no", "no", "no answer", ""),
    ("rule.yes_no", "no", "No clue.", ""),
    ("rule.yes_no", "no", "nobody knows", ""),
    ("rule.yes_no", "yes", "Yes. But no.", ""),
    ("rule.yes_no", "yes", "yes, no, maybe", ""),
]
"""Ways not to say it."""


@pytest.mark.parametrize(("name", "reference", "completion", "prompt", "why"), HONEST)
def test_an_answer_is_read(name, reference, completion, prompt, why) -> None:
    assert value(name, reference, completion, prompt) == 1.0, why


@pytest.mark.parametrize(("name", "reference", "completion", "prompt", "why"), HOSTILE)
def test_what_answers_nothing_earns_nothing(name, reference, completion, prompt, why) -> None:
    assert value(name, reference, completion, prompt) == 0.0, why


@pytest.mark.parametrize(("name", "reference", "completion", "prompt"), MORE_HONEST)
def test_other_ways_to_say_it_are_read(name, reference, completion, prompt) -> None:
    assert value(name, reference, completion, prompt) == 1.0


@pytest.mark.parametrize(("name", "reference", "completion", "prompt"), MORE_HOSTILE)
def test_other_ways_not_to_say_it_earn_nothing(name, reference, completion, prompt) -> None:
    assert value(name, reference, completion, prompt) == 0.0
