"""Answers that rules must read, and texts that must earn nothing: letters, words, numbers."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.extract import view
from harmo.scorers.registry import bind, load
from harmo.scorers.types import Sample

load()

ANIMALS = "Which animal barks?\nA. cat\nB. dog\nC. cow\nD. none of these"
CELLS = "Which organelle makes ATP?\n(A) nucleus\n(B) ribosome\n(C) mitochondria\n(D) wall"
SPEED = "How fast is it?\nA. 24 m/s\nB. 42 km\nC. 42 m/s\nD. 0.5"
LETTERS = "Which key comes first?\nA. B\nB. C\nC. A\nD. E"
TRUTH = "The sky is green.\nA. True\nB. False"
ROMAN = "Pick one.\n(i) red\n(ii) blue\n(iii) green"
NUMBERS = "Pick one.\n1. red\n2. blue\n3. green"
FORMULA = "Expand it.\nA. x^2 - 1\nB. x^2 + 2x + 1\nC. 1/2\nD. 3/4"

HONEST_CHOICE = [
    ("B", "", "It can't be A or D, so B", "what is left"),
    ("C", "", "It can't be A or D, so C", "refused ones before it"),
    ("B", "", "B, unlike C", "a comparison"),
    ("B", "", "B, not C.", "a denied one after it"),
    ("B", "", "not A but B", "a denied one before it"),
    ("D", "", "The answer is not C but D.", "a denied one after a cue"),
    ("B", "", "A and C can be eliminated, leaving B.", "leaving"),
    ("B", "", "I'd go with B, C is wrong", "the next clause is about another"),
    ("B", "", "I would rule out A. Therefore (B).", "a conclusion in brackets"),
    ("C", "", "A) no. B) no. C) yes. D) no.", "one by one"),
    ("C", "", "A is false. B is false. C is true. D is false.", "one by one, in sentences"),
    ("B", "", "At first I thought A. Wait, it is B.", "a correction"),
    ("B", "", "The answer is A. Wait, no, the answer is B.", "the same, after a cue"),
    ("B", "", "We look at angle C and point D.\n\nAnswer: B", "names before it"),
    ("B", "", "Vitamin C is not needed here, so the answer is B.", "a vitamin before it"),
    ("A", "", "A is correct.", "no article"),
    ("A", "", "A because the slope is positive", "no article either"),
    ("A", "", "The correct option is A", "at the end"),
    ("I", "", "The answer is I.", "the ninth letter"),
    ("B", "", "B is the right answer since A is too small.", "a reason with another"),
    ("B", "", "Both A and C are wrong, so it must be B.", "two refused"),
    ("B", "", "Neither A nor C fits; B does fit. So B.", "neither, nor"),
    ("B", "", "**Final answer: (B)**", "Markdown"),
    ("B", "", "> **Answer:** `B`", "a quotation"),
    ("B", "", "$\\boxed{\\textbf{(B)}}$", "LaTeX around it"),
    ("B", "", "\\boxed{\\text{B) dog}}", "a box with its text"),
    ("B", "", "Without a doubt, B.", "no denial"),
    ("B", "", "There is no doubt that the answer is B.", "nor here"),
    ("C", "", "答案是C。", "Chinese"),
    ("B", "", "B不是A", "Chinese, not A"),
    ("C", "", "La réponse est C, pas A.", "French"),
    ("B", ANIMALS, "dog", "an option's text"),
    ("B", ANIMALS, "The dog barks.", "in a sentence of the prompt's words"),
    ("B", ANIMALS, "It must be the dog.", "in a conclusion"),
    ("dog", ANIMALS, "B", "a reference by its text"),
    ("D", ANIMALS, "\\boxed{None of these}", "a text that is an option"),
    ("C", CELLS, "so it must be the mitochondria", "a text with an article"),
    ("C", CELLS, "The answer is mitochondria (C).", "the text, then the letter"),
    ("C", CELLS, "(C) mitochondria, because they make ATP", "with a reason"),
    ("C", SPEED, "The answer is 42 m/s", "a quantity"),
    ("D", SPEED, "\\boxed{\\frac{1}{2}}", "an equal number"),
    ("D", SPEED, "The answer is 1/2.", "the same in a sentence"),
    ("B", FORMULA, "\\boxed{(x+1)^2}", "an equal expression"),
    ("D", FORMULA, "0.75", "an equal decimal"),
    ("A", LETTERS, "\\boxed{B}", "an option's text before a key"),
    ("B", LETTERS, "\\boxed{C}", "and so for the next"),
    ("A", TRUTH, "Yes", "yes is true"),
    ("B", TRUTH, "\\boxed{no}", "no is false"),
    ("ii", ROMAN, "(ii)", "a Roman numeral"),
    ("ii", ROMAN, "The answer is ii.", "in a sentence"),
    ("(ii)", ROMAN, "blue", "its text"),
    ("2", NUMBERS, "2", "a numbered option"),
    ("2", NUMBERS, "So the answer is option 2.", "in a sentence"),
    ("2", NUMBERS, "blue", "its text"),
]  # fmt: skip

HOSTILE_CHOICE = [
    ("B", "", "see point B", "a point"), ("C", "", "angle C", "an angle"),
    ("A", "", "The meeting is at 9 A.M.", "a time of day"), ("A", "", "A.M.", "by itself"),
    ("B", "", "I would rule out B", "refused"), ("B", "", "B can be ruled out", "refused after it"),
    ("I", "", "I do not know", "a pronoun"), ("I", "", "I, too, think so.", "a pronoun apart"),
    ("I", "", "Here is what I found", "a pronoun in a sentence"),
    ("C", "", "℃", "a degree sign"), ("C", "", "20 °C", "degrees"), ("C", "", "\\boxed{25℃}", "boxed"),
    ("A", "", "a dog", "an article"), ("A", "", "A dog is an animal", "a capital article"),
    ("A", "", "It is a triangle.", "an article in a sentence"),
    ("C", "", "Vitamin C", "a vitamin"), ("C", "", "Vitamin C is the answer.", "as a subject"),
    ("A", "", "Figure A", "a figure"), ("B", "", "Plan B", "a plan"),
    ("B", "", "\\boxed{Plan B}", "a plan in a box"), ("B", "", "hepatitis B", "a disease"),
    ("C", "", "George C. Scott", "a middle initial"), ("B", "", "J. B. Smith", "initials"),
    ("B", "", "B. F. Skinner", "leading initials"), ("D", "", "the D-day landing", "a compound"),
    ("C", "", "C++", "a language"), ("B", "", "B is wrong", "refused"),
    ("B", "", "B is not correct.", "refused with not"), ("B", "", "B isn't it", "refused, short"),
    ("C", "", "B, unlike C", "the other one of a comparison"),
    ("B", "", "not B", "denied"), ("B", "", "\\boxed{not B}", "denied in a box"),
    ("B", "", "It is not \\boxed{B}", "denied before a box"),
    ("A", "", "neither A nor B", "neither"), ("B", "", "neither A nor B", "nor"),
    ("B", "", "The answer is not B.", "denied after a cue"),
    ("B", "", "I don't think the answer is B.", "denied before a cue"),
    ("B", "", "B fails the test", "fails"), ("B", "", "Option B makes no sense", "no sense"),
    ("A", "", "A or B", "undecided"), ("B", "", "A or B", "undecided, the second"),
    ("A", "", "A, B", "a list"), ("A", "", "A/B", "a slash"), ("B", "", "A B C D", "all of them"),
    ("B", "", "ABCD", "all in one"), ("B", "", "(A) (B) (C) (D)", "all in brackets"),
    ("A", "", "Both A and B are right", "both"), ("B", "", "either A or B", "either"),
    ("B", "", "The answer is A or B.", "undecided after a cue"),
    ("B", "", "I think it's B but it could be C", "a choice taken back"),
    ("B", "", "The answer is B. Or maybe C.", "taken back in the next sentence"),
    ("B", "", "The answer is A. The answer is B.", "two answers"),
    ("B", "", "A\nB", "two lines"), ("A", "", "A\nB\nC\nD", "four lines"),
    ("B", "", "maybe B, maybe C", "two guesses"), ("B", "", "Is it B?", "a question"),
    ("B", "", "\\boxed{A}\\boxed{B}", "two boxes"), ("B", "", "\\boxed{}", "an empty box"),
    ("B", "", "\\boxed{something else} The answer is B.", "a box of other words"),
    ("B", "", "<answer>I am not sure</answer> B", "an element of other words"),
    ("C", "", "All of the above", "no option"), ("D", "", "none of the above", "nor this"),
    ("A", "", "Let A be the set of primes.", "a set"), ("A", "", "A = 5", "a variable"),
    ("E", "", "E = mc^2", "a formula"), ("B", "", "triangle ABC", "a triangle"),
    ("A", "", "So A is the midpoint of BC", "a point as a subject"),
    ("B", "", "The midpoint is B.", "a point as an object"),
    ("B", "", "x^B", "an exponent"), ("B", "", "\\vec{AB}", "a vector"),
    ("B", "", "If B were right, we would see it.", "a condition"),
    ("B", ANIMALS, "B. cat", "a key with another's text"),
    ("A", ANIMALS, "B. cat", "the text with another's key"),
    ("B", ANIMALS, ANIMALS, "the prompt itself"), ("A", ANIMALS, ANIMALS, "for the first"),
    ("B", ANIMALS, "cat dog cow", "all texts"), ("B", ANIMALS, "the dog or the cow", "two texts"),
    ("B", ANIMALS, "It is not the dog.", "a denied text"),
    ("B", ANIMALS, "A dog bit me once.", "a text in a story"),
    ("C", CELLS, "The nucleus, unlike the mitochondria", "a text in a comparison"),
    ("B", LETTERS, "\\boxed{B}", "a key that is another's text"),
    ("B", SPEED, "The answer is 42 m/s", "another unit"), ("C", SPEED, "\\boxed{42}", "no unit"),
    ("B", TRUTH, "True", "the opposite"), ("ii", ROMAN, "i, ii or iii", "a list of numerals"),
    ("2", NUMBERS, "1, 2, 3", "a list of numbers"), ("2", NUMBERS, "I saw 2 cats", "a count"),
]  # fmt: skip

HONEST_WORDS = [
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
    ("rule.exact", "2", "two", "", "a number word"), ("rule.exact", "twenty-one", "21", "", "and back"),
    ("rule.exact", "the well-known man", "Well known man.", "", "hyphen, article, case"),
    ("rule.exact", "Paris", "The answer is Paris, not London.", "", "a denied one after it"),
    ("rule.count", "3", "There are 3 bars with values below 40.", "", "what is counted goes on"),
    ("rule.count", "4", "I can see four chairs around 1 table.", "", "the same in words"),
    ("rule.count", "0", "None of them.", "", "none of them"),
    ("rule.count", "0", "There are no dogs in the picture.", "", "no dogs"),
    ("rule.count", "5", "<answer>There are 5 cars.</answer>", "", "a sentence in an element"),
    ("rule.numeric", "5", "about 5", "", "an estimate of a value"),
    ("rule.numeric", "5", "The length is 5 cm.", "", "a unit"),
    ("rule.chart_relaxed", "1200000", "$1.2M", "", "currency and scale"),
    ("rule.chart_relaxed", "$1.2bn", "1.2 billion", "", "bn"),
    ("rule.chart_relaxed", "-1234", "(1,234)", "", "an accounting negative"),
    ("rule.chart_relaxed", "45%", "45 percent", "", "a word for the sign"),
    ("rule.chart_relaxed", "12 kg", "12.3", "", "the unit left out"),
    ("rule.chart_relaxed", "2010/11", "2010/11", "", "a season"),
    ("rule.chart_relaxed", "18-24", "18-24", "", "a range as a label"),
    ("rule.chart_relaxed", "2,000 people", "1,950 people", "", "a quantity that looks like a year"),
    ("rule.chart_relaxed", "2012", "In 2012.", "", "a year in a phrase"),
]  # fmt: skip

HOSTILE_WORDS = [
    ("rule.yes_no", "no", "No idea", "", "no idea"), ("rule.yes_no", "no", "no one knows", "", "no one"),
    ("rule.yes_no", "no", "\\boxed{No comment}", "", "no comment"),
    ("rule.yes_no", "no", "There is no way to tell.", "", "no way"),
    ("rule.yes_no", "no", "I know nothing", "", "words within words"),
    ("rule.yes_no", "yes", "yes or no", "", "both"), ("rule.yes_no", "no", "yes/no", "", "a slash"),
    ("rule.yes_no", "yes", "true and false", "", "both, as truth"),
    ("rule.yes_no", "yes", "Yes. No.", "", "one after the other"),
    ("rule.yes_no", "yes", "maybe yes", "", "perhaps"), ("rule.yes_no", "yes", "Is it true?", "", "a question"),
    ("rule.yes_no", "yes", "I can't say that it is true.", "", "a refusal"),
    ("rule.yes_no", "yes", "neither true nor false", "", "neither"),
    ("rule.yes_no", "yes", "the correct way to do it", "", "an adjective"),
    ("rule.exact", "yes", "no idea", "", "no answer"), ("rule.exact", "no", "no idea", "", "no no"),
    ("rule.exact", "Paris", "not Paris", "", "denied"), ("rule.exact", "Paris", "It is not Paris.", "", "denied"),
    ("rule.exact", "Paris", "maybe Paris", "", "perhaps"), ("rule.exact", "Paris", "Paris?", "Where?", "x") ,
    ("rule.exact", "Paris", "Paris or London", "", "two"), ("rule.exact", "Paris", "Paris, London, Rome", "", "a list"),
    ("rule.exact", "Paris", "It is Paris or London.", "", "two in a sentence"),
    ("rule.exact", "Paris", "The answer is Paris. Or maybe London.", "", "taken back"),
    ("rule.exact", "Paris", "I doubt the answer is Paris", "", "doubted"),
    ("rule.exact", "Paris", "Is it Paris?", "", "a question"),
    ("rule.exact", "Paris", "Paris London Rome", "Is it Paris, London or Rome?", "the prompt's candidates"),
    ("rule.exact", "Paris", "It is Paris. It is London.", "", "two sentences"),
    ("rule.exact", "Paris", "I once saw Paris by night", "", "contained"),
    ("rule.exact", "-5", "It is 5.", "", "a sign lost"), ("rule.exact", "5", "It is 15.", "", "a digit more"),
    ("rule.exact", "null", "0", "", "a word that is a number elsewhere"),
    ("rule.exact", "11", "once", "", "the same in Spanish"),
    ("rule.exact", "cat", "It is cats.", "", "a plural"), ("rule.exact", "cafe", "It is café.", "", "an accent"),
    ("rule.count", "0", "none of your business", "", "no count"), ("rule.count", "0", "no idea", "", "no idea"),
    ("rule.count", "0", "None of the above", "", "no option"), ("rule.count", "0", "There is no way to tell", "", "no way"),
    ("rule.count", "5", "at most 5", "", "a bound"), ("rule.count", "5", "not 5", "", "denied"),
    ("rule.count", "5", "5 or 6", "", "two"), ("rule.count", "5", "between 4 and 6", "", "a range"),
    ("rule.count", "5", "5-ish", "", "about"), ("rule.count", "5", "about 5", "", "an estimate"),
    ("rule.count", "5", "\\boxed{about 5}", "", "an estimate in a box"),
    ("rule.count", "100", "less than 100", "", "a bound"), ("rule.count", "5", "5+", "", "or more"),
    ("rule.count", "5", "5 or more", "", "the same in words"),
    ("rule.count", "3", "I see 3 red and 2 blue squares.", "", "two counts"),
    ("rule.count", "5", "There aren't 5 dogs.", "", "denied in a sentence"),
    ("rule.numeric", "100", "less than 100", "", "a bound"), ("rule.numeric", "5", "not 5", "", "denied"),
    ("rule.numeric", "5", "\\boxed{> 5}", "", "a sign for a bound"),
    ("rule.numeric", "5", "at least 5 metres", "", "with a unit"), ("rule.numeric", "5", "up to 5", "", "up to"),
    ("rule.numeric", "5", "It is under 5.", "", "in a sentence"),
    ("rule.numeric", "5", "maybe 5 or so", "", "or so"),
    ("rule.chart_relaxed", "2010", "2011", "", "a year"), ("rule.chart_relaxed", "2,000", "in 2019", "", "a date"),
    ("rule.chart_relaxed", "2010/11", "2011/12", "", "another season"),
    ("rule.chart_relaxed", "2010-2011", "2011-2012", "", "other years"),
    ("rule.chart_relaxed", "18-24", "25-34", "", "another range"),
    ("rule.chart_relaxed", "12/05/2010", "12/05/2011", "", "another date"),
    ("rule.chart_relaxed", "100", "less than 100", "", "a bound"),
    ("rule.chart_relaxed", "12 kg", "12 g", "", "another unit"),
    ("rule.chart_relaxed", "1234", "(1,234)", "", "a negative"), ("rule.chart_relaxed", "5", "5%", "", "x"),
    ("rule.chart_relaxed", "1.2M", "1.2bn", "", "another scale"),
    ("rule.chart_relaxed", "1st", "1.02", "", "a rank"),
]  # fmt: skip
HOSTILE_WORDS = [row for row in HOSTILE_WORDS if row[-1] != "x"]


def value(name: str, reference: object, completion: str, prompt: str) -> float | None:
    bound = bind(name, {})
    sample = Sample(prompt=prompt, reference=reference, completion=completion)
    return bound.spec.fn(view(sample, part=bound.spec.reads, reference=None), **bound.params).value


@pytest.mark.parametrize(("reference", "prompt", "completion", "why"), HONEST_CHOICE)
def test_a_choice_is_read(reference, prompt, completion, why) -> None:
    assert value("rule.choice", reference, completion, prompt) == 1.0, why


@pytest.mark.parametrize(("reference", "prompt", "completion", "why"), HOSTILE_CHOICE)
def test_what_chooses_nothing_earns_nothing(reference, prompt, completion, why) -> None:
    assert value("rule.choice", reference, completion, prompt) == 0.0, why


@pytest.mark.parametrize(("name", "reference", "completion", "prompt", "why"), HONEST_WORDS)
def test_a_word_or_number_is_read(name, reference, completion, prompt, why) -> None:
    assert value(name, reference, completion, prompt) == 1.0, why


@pytest.mark.parametrize(("name", "reference", "completion", "prompt", "why"), HOSTILE_WORDS)
def test_what_answers_nothing_earns_nothing(name, reference, completion, prompt, why) -> None:
    assert value(name, reference, completion, prompt) == 0.0, why
