"""Clauses that decide nothing, by kind: conditions, what others say, comparisons, exceptions."""

from __future__ import annotations

import pytest

from tests.scorers.rule.prose import ANIMALS, value

PROMPTS = ("", ANIMALS)

REPORTED = [
    "Some say {key}.", "Some people say {key}.", "some say {key}", "Many would say {key}.",
    "They say {key}.", "Most students choose {key}.", "People often pick {key}.",
    "Some think it is {key}.", "Some argue that {key} is correct.", "Many people guess {key}.",
    "Some say the answer is {key}.", "Most people would answer {key}.", "Someone said {key}.",
    "Others claim the answer is {key}.", "Some would choose ({key}).", "Critics say {key}.",
    "It is said that {key} is correct.", "Experts say the answer is {key}.", "A few prefer {key}.",
    "Lots of people would go with {key}.", "The majority think {key}.",
    "One might be tempted to say {key}.", "Supposedly {key}.", "Allegedly {key}.",
    "<answer>Some say {key}</answer>",
    "\\boxed{{\\text{{some say }} {key}}}",
]  # fmt: skip
CONDITIONAL = [
    "If it barks, {key}", "If it barks, then {key}.", "if it barks, the answer is {key}",
    "Unless it meows, {key}.", "Assuming it barks, {key}.", "Suppose it barks, then {key}.",
    "Provided it barks, {key}.", "In case it barks, the answer is {key}.", "If so, {key}.",
    "The answer is {key} if it barks.", "The answer is {key}, if it barks.", "{key} if it barks",
    "The answer is {key} if it barks, {other} if it meows.", "{key}, unless it meows.",
    "If it were a dog, the answer would be {key}.", "If it barks: {key}.",
    "{key} as long as it barks.", "{key}, assuming it barks.",
    "If true, {key}. If false, {other}.", "Had it barked, {key} would be right.",
    "If it barks and wags, and has a tail, {key}.", "<answer>If it barks, {key}</answer>",
    "\\boxed{{\\text{{if it barks, }} {key}}}", "Wenn er bellt, {key}.", "如果它叫，{key}",
]  # fmt: skip
BETTERED = [
    "{key}, but {other} is better", "{key} is good, but {other} is better.",
    "{key}; however, {other} is better.", "{key}, although {other} is better.",
    "The answer is {key}, but {other} is better.", "{key}, but {other} is more accurate.",
    "{key} is fine, but {other} fits better.", "{other} is better than {key}.",
    "{key}, though {other} is the better answer", "{key}, yet {other} is preferable.",
    "{key} is correct, but {other} is more correct.", "{key}. But {other} is more likely.",
    "{key}, but {other} could be right.", "{key}, but {other} might be better.",
    "{key} is worse than {other}.", "{key} is no better than {other}.",
    "{key} is no match for {other}.", "{key} is second best.", "{key} is the second best answer.",
    "{key}, no wait.",
]  # fmt: skip
ALL_BUT = [
    "Every animal but", "All animals but", "Any animal but", "Each animal but", "Everything but",
    "Every other animal but", "All of the animals but", "All the animals but", "Anything but",
    "Every animal except", "Any animal other than", "All animals apart from", "Every animal save",
    "Any of these but", "Each of the animals but",
    "All animals aside from", "It is every animal but", "The answer is every animal but",
]  # fmt: skip

SAID = [
    "I say {key}.", "I'd say {key}.", "I would say {key}.", "So I pick {key}.",
    "Let us choose {key}.", "Some say {other}, but the answer is {key}.",
    "Many people think {other}. The answer is {key}.", "Others say {other}; I say {key}.",
    "Some would pick {other}, but it is {key}.", "Most of the evidence supports {key}.",
    "They say {other}. I choose {key}.",
    "The answer is {key}. If it were a cat, the answer would be {other}.",
    "{key}. If it meowed, it would be {other}.", "I choose {key}. If it meowed, {other}.",
    "If x = 3, then y = 9, so the answer is {key}.", "If we compare them, the answer is {key}.",
    "If you look closely, it is {key}.", "Since it barks, {key}.", "Because it barks, {key}.",
    "If it were a cat, the answer would be {other}. It barks, so {key}.",
    "The answer is {key}, even if {other} is tempting.",
    "If it were {other}, it would meow. Therefore {key}.",
    "The correct option is {key}. Had it meowed, {other} would be right.",
    "\\boxed{{{key}}}. If it were a cat, the answer would be {other}.",
    "Between {key} and {other}, {key} is better.", "Between {other} and {key}, {key} is better.",
    "Of {other} and {key}, {key} is better.", "{key} is better than {other}.",
    "{other} is good, but {key} is better.", "{key} is the better answer.", "{key} is better.",
    "Comparing {other} and {key}, {key} is the best.", "{key} is more accurate than {other}.",
    "Between {other} and {key}, I choose {key}.", "between {other} and {key}, {key} is more likely",
    "Although {other} is better known, {key} is correct.", "None but {key}.",
    "The most likely answer is {key}.", "The answer must be {key}, unless I am mistaken.",
    "Most people know that dogs bark. The answer is {key}.", "I would answer {key}.",
    "The answer is {key}. Others say {other}.",
    "The answer is {key}. If you have any questions, feel free to ask.",
    "Option {other} could be right if it meowed. Option {key} is right.",
    "All options are wrong but {key} is right.", "Nothing other than {key}.",
]  # fmt: skip


@pytest.mark.parametrize("key", ["B", "C"])
@pytest.mark.parametrize("prompt", PROMPTS, ids=["alone", "listed"])
@pytest.mark.parametrize("template", REPORTED + CONDITIONAL + BETTERED)
def test_a_clause_that_decides_nothing_chooses_nothing(template, prompt, key) -> None:
    answer = template.format(key=key, other="A")
    assert value("rule.choice", key, answer, prompt) == 0.0


@pytest.mark.parametrize("template", REPORTED + CONDITIONAL)
def test_nor_does_it_with_a_yes_or_a_text(template) -> None:
    assert value("rule.yes_no", "yes", template.format(key="yes", other="no")) == 0.0
    assert value("rule.exact", "Paris", template.format(key="Paris", other="Rome")) == 0.0
    texts = template.format(key="the dog", other="the cat")
    assert value("rule.choice", "B", texts, ANIMALS) == 0.0


@pytest.mark.parametrize("but", ALL_BUT)
def test_all_but_one_is_not_the_one(but) -> None:
    for written in ("{}", "{}.", "<answer>{}</answer>", "\\boxed{{\\text{{{}}}}}"):
        assert value("rule.choice", "B", written.format(f"{but} the dog"), ANIMALS) == 0.0
        assert value("rule.choice", "B", written.format(f"{but} B")) == 0.0
        assert value("rule.exact", "Paris", written.format(f"{but} Paris")) == 0.0


@pytest.mark.parametrize("but", [
    "Nothing but", "No animal but", "None but", "No other animal but", "No animal except",
    "None other than", "No animal other than", "All animals make sounds but",
])  # fmt: skip
def test_none_but_one_is_the_one(but) -> None:
    assert value("rule.choice", "B", f"{but} the dog barks.", ANIMALS) == 1.0


@pytest.mark.parametrize("key", ["B", "C"])
@pytest.mark.parametrize("prompt", PROMPTS, ids=["alone", "listed"])
@pytest.mark.parametrize("template", SAID)
def test_a_decision_stands_whatever_clauses_stand_beside_it(template, prompt, key) -> None:
    answer = template.format(key=key, other="A")
    assert value("rule.choice", key, answer, prompt) == 1.0
    assert value("rule.choice", "A", answer, prompt) == 0.0


ANSWERED = [
    "La respuesta correcta es la {key}", "La respuesta es la {key}.", "Es la {key}.",
    "La opción correcta es la {key}.", "la respuesta correcta es la opción {key}",
    "La réponse est la {key}.", "La bonne réponse est la {key}.", "C'est la {key}.",
    "La bonne réponse est la lettre {key}.", "A resposta correta é a {key}.",
    "A resposta é a {key}.", "A alternativa correta é a {key}.", "La risposta corretta è la {key}.",
    "La risposta è la {key}.", "Die richtige Antwort ist die {key}.", "Die Antwort ist {key}.",
    "Правильный ответ: {key}", "Правильный ответ — {key}.", "正确答案是{key}。",
    "答えは{key}です。",
    "정답은 {key}입니다.", "Het juiste antwoord is {key}.", "Prawidłowa odpowiedź to {key}.",
    "Doğru cevap {key}.", "Đáp án đúng là {key}.", "Por lo tanto, la respuesta es la {key}.",
]  # fmt: skip
UNANSWERED = [
    "La respuesta correcta no es la {key}", "La réponse n'est pas la {key}.", "No es la {key}.",
    "A resposta não é a {key}.", "La risposta non è la {key}.", "答案不是{key}。",
    "Die Antwort ist nicht die {key}.", "La respuesta es la {key} o la {other}.",
    "La réponse est la {key} ou la {other}.", "A resposta é a {key} ou a {other}.",
    "La risposta è la {key} o la {other}.", "Die Antwort ist die {key} oder die {other}.",
    "Quizás la {key}.", "Peut-être la {key}.", "Vielleicht {key}.", "Talvez a {key}.",
    "Het antwoord is niet {key}.",
]  # fmt: skip


@pytest.mark.parametrize("key", ["B", "C", "D"])
@pytest.mark.parametrize("prompt", PROMPTS, ids=["alone", "listed"])
def test_other_languages_have_an_article_before_a_letter(prompt, key) -> None:
    for template in ANSWERED:
        assert value("rule.choice", key, template.format(key=key), prompt) == 1.0, template
        assert value("rule.choice", "A", template.format(key=key), prompt) == 0.0, template
    for template in UNANSWERED:
        answer = template.format(key=key, other="A")
        assert value("rule.choice", key, answer, prompt) == 0.0, template


CONCESSIONS = [
    "It's not obvious", "It is not obvious", "Not obvious", "It isn't easy to see",
    "I was not sure", "It's hard to tell", "Not at first sight", "It is no surprise",
]  # fmt: skip


@pytest.mark.parametrize("concession", CONCESSIONS)
def test_what_is_conceded_denies_no_yes_and_no_no(concession) -> None:
    for right, wrong in (("yes", "no"), ("no", "yes")):
        for answer in (f"{concession}, but {right}.", f"{concession}, but the answer is {right}."):
            assert value("rule.yes_no", right, answer) == 1.0
            assert value("rule.yes_no", wrong, answer) == 0.0


@pytest.mark.parametrize("answer", [
    "no. of items", "No. of items", "no. of dogs: 5", "The no. of items", "No. 5", "no.5",
    "<answer>no. of people</answer>", "\\boxed{\\text{no. of items}}", "No of items", "Item no. 3",
])  # fmt: skip
def test_a_number_of_things_is_no_no(answer) -> None:
    assert value("rule.yes_no", "no", answer) == 0.0
    assert value("rule.exact", "no", answer) == 0.0


@pytest.mark.parametrize("answer", ["No.", "No. Of course not.", "no. It is of gold.", "No, of it"])
def test_a_no_that_a_sentence_ends_with_is_one(answer) -> None:
    assert value("rule.yes_no", "no", answer) == 1.0


SPECIES = [
    ("E", "coli"),
    ("C", "elegans"),
    ("B", "subtilis"),
    ("D", "melanogaster"),
    ("H", "pylori"),
]


@pytest.mark.parametrize(("initial", "species"), SPECIES)
def test_an_abbreviated_genus_is_no_key(initial, species) -> None:
    for written in ("{}", "It is {}.", "The answer is {}.", "\\boxed{{{}}}", "<answer>{}</answer>"):
        answer = written.format(f"{initial}. {species}")
        assert value("rule.choice", initial, answer) == 0.0, answer


GUT = "Which one lives in the gut?\nA. B. subtilis\nB. E. coli\nC. C. elegans"


@pytest.mark.parametrize(
    ("key", "text"), [("A", "B. subtilis"), ("B", "E. coli"), ("C", "C. elegans")]
)
def test_an_abbreviated_genus_may_be_an_option(key, text) -> None:
    for written in ("{1}", "The answer is {1}.", "\\boxed{{{1}}}", "{0}. {1}", "{0}", "({0}) {1}"):
        for other in "ABC":
            answer = written.format(key, text)
            assert value("rule.choice", other, answer, GUT) == float(other == key), answer
