"""rule.choice over lists of options: each is right for itself alone, and nothing fixed pays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers.reading.extract import view
from harmo.scorers.rule.choice import choice
from harmo.scorers.types import Sample

STYLES = {
    "letters": tuple("ABCDEFGHIJ"),
    "Roman": ("I", "II", "III", "IV", "V", "VI", "VII", "VIII"),
    "small Roman": ("i", "ii", "iii", "iv", "v", "vi"),
    "numbers": tuple("123456789"),
}
LAYOUTS = {
    "lines with points": ("{key}. {text}", "\n"),
    "lines with brackets": ("({key}) {text}", "\n"),
    "lines with one bracket": ("{key}) {text}", "\n"),
    "in one line": ("({key}) {text}", " "),
}
TEXTS = [
    "red",
    "dark blue",
    "the mitochondria",
    "Paris",
    "New York City",
    "cannot be determined",
    "a triangle",
    "photosynthesis",
    "12 cm",
    "42 m/s",
    "0.5",
    "-3",
    "-7 m",
    "-x",
    "+2 eV",
    "$-\\sqrt{2}$",
    "> 5",
    "x^2 + 1",
    "\\frac{3}{4}",
    "$2x - 7$",
    "1,250",
    "75%",
    "July 4, 1776",
    "Jane Austen",
    "It increases",
    "none of these",
    "Plan B",
    "vitamin C",
    "the heart",
    "9:30 a.m.",
    "H2O",
    "left of the car",
    "two thirds",
]
OPEN_TEXTS = [
    "",
    "A or B",
    "A, B, C, D",
    "ABCD",
    "All of the above",
    "none",
    "I do not know",
    "\\boxed{}",
    "(A) (B) (C) (D)",
    "A/B",
    "either A or B",
    "A and B",
    "the options",
    "one of the above",
    "Both A and C are correct.",
    "Answer:",
    "\\boxed{A}\\boxed{B}\\boxed{C}",
    "<answer></answer>",
    "It could be A, B or C.",
    "A\nB\nC\nD",
    "I II III IV",
    "1 2 3 4",
    "1, 2, 3",
    "i, ii or iii",
    "See point B, angle C and figure A.",
    "maybe A, maybe B",
    "?",
    "yes and no",
    "A B C D E F G",
]
"""They leave it open, or say nothing: right for no reference."""
BY_KEY = [
    "{key}",
    "({key})",
    "{key}.",
    "{key})",
    "**{key}**",
    "\\boxed{{{key}}}",
    "\\boxed{{({key})}}",
    "<answer>{key}</answer>",
    "<answer>({key})</answer>",
    "The answer is {key}.",
    "Answer: {key}",
    "The correct answer is ({key}).",
    "Option {key}",
    "I choose option {key}.",
    "So the answer is {key}",
    "\\boxed{{\\text{{{key}}}}}",
    "Final answer: **{key}**",
    "Therefore, option {key} is correct.",
    "We compare them all.\n\nAnswer: {key}",
    "After some thought, I would go with ({key}).",
]
BY_TEXT = [
    "{text}",
    "\\boxed{{{text}}}",
    "<answer>{text}</answer>",
    "The answer is {text}.",
    "Answer: {text}",
    "I think it is {text}.",
    "So it must be {text}",
]
BY_BOTH = [
    "{key}. {text}",
    "({key}) {text}",
    "\\boxed{{{key}. \\text{{{text}}}}}",
    "<answer>({key}) {text}</answer>",
    "The answer is ({key}) {text}.",
    "Answer: {key}) {text}",
    "The correct option is {key}: {text}",
]


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """A prompt, and the keys and texts of its options."""
    keys = STYLES[draw(st.sampled_from(sorted(STYLES)))]
    texts = draw(st.lists(st.sampled_from(TEXTS), min_size=2, max_size=len(keys), unique=True))
    written, between = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))]
    options = list(zip(keys, texts, strict=False))
    listing = between.join(written.format(key=key, text=text) for key, text in options)
    return f"Which one is it?\n{listing}", options


REFERENCES = ["{key}", "({key})", "{key}. {text}", "{text}"]


def value(prompt: str, reference: str, completion: str) -> float | None:
    sample = Sample(prompt=prompt, reference=reference, completion=completion)
    return choice(view(sample, part="answer", reference=None)).value


@settings(max_examples=400, deadline=None)
@given(lists(), st.sampled_from(REFERENCES), st.data())
def test_each_option_is_right_for_itself_and_for_no_other(listed, reference, data) -> None:
    prompt, options = listed
    template = data.draw(st.sampled_from(BY_KEY + BY_TEXT + BY_BOTH))
    said = data.draw(st.sampled_from(options))
    for key, text in options:
        given_ = reference.format(key=key, text=text)
        answer = template.format(key=said[0], text=said[1])
        assert value(prompt, given_, answer) == float((key, text) == said), (given_, answer)


SIGNED = ["-3", "+2 eV", "-x", "> 5", "$-\\sqrt{2}$", "-\\frac{1}{2}", "≤ 4", "¬p", "-1.50"]


@pytest.mark.parametrize("key", ["A", "VII", "ii", "4"])
@pytest.mark.parametrize("text", SIGNED)
def test_a_sign_that_an_options_text_starts_with_denies_nothing(key, text) -> None:
    style = next(keys for keys in STYLES.values() if key in keys)
    texts = [f"colour {n}" for n in range(len(style))]
    options = dict(zip(style, texts, strict=True)) | {key: text}
    prompt = "Which one?\n" + "\n".join(f"{k}. {v}" for k, v in options.items())
    for template in BY_TEXT:
        for reference in (key, text, f"{key}. {text}"):
            assert value(prompt, reference, template.format(text=text)) == 1.0, template


@pytest.mark.parametrize("answer", [
    "\\boxed{{-{}}}", "-\\boxed{{{}}}", "\\boxed{{> {}}}", "¬\\boxed{{{}}}", "\\boxed{{\\neg {}}}",
    "<answer>-{}</answer>", "<answer>~{}</answer>", "$-$\\boxed{{{}}}", "¬{}", "\\boxed{{{}}}'",
])  # fmt: skip
@pytest.mark.parametrize("said", ["A", "B", "red", "x", "3"])
def test_a_sign_that_no_options_text_starts_with_denies(answer, said) -> None:
    prompt = "Which one?\nA. red\nB. x\nC. 3\nD. -7"
    for key in "ABCD":
        assert value(prompt, key, answer.format(said)) == 0.0


@settings(max_examples=300, deadline=None)
@given(lists(), st.sampled_from(OPEN_TEXTS), st.sampled_from(["{}", "\\boxed{{{}}}", "So: {}"]))
def test_what_leaves_it_open_is_wrong_for_every_option(listed, text, wrapper) -> None:
    prompt, options = listed
    answer = wrapper.format(text)
    paid = {key: value(prompt, key, answer) for key, _ in options}
    assert set(paid.values()) == {0.0}, answer


@settings(max_examples=300, deadline=None)
@given(lists(), st.sampled_from(["prompt", "options", "keys", "texts", "joined by or"]))
def test_an_echo_of_the_prompt_is_wrong_for_every_option(listed, kind) -> None:
    prompt, options = listed
    keys, texts = [key for key, _ in options], [text for _, text in options]
    answer = {
        "prompt": prompt,
        "options": prompt.partition("\n")[2],
        "keys": ", ".join(keys),
        "texts": ", ".join(texts),
        "joined by or": f"The answer is {' or '.join(keys)}.",
    }[kind]
    paid = [value(prompt, key, answer) for key in keys]
    assert set(paid) == {0.0}, answer


@settings(max_examples=300, deadline=None)
@given(lists(), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_text_is_right_for_two_options_and_none_abstains(listed, text) -> None:
    prompt, options = listed
    paid = [value(prompt, key, text) for key, _ in options]
    assert None not in paid
    assert sum(paid) <= 1


@pytest.mark.parametrize("refusal", [
    "not {key}", "I would rule out {key}.", "{key} is wrong.", "It can't be {key}.",
    "{key} is not the answer.", "The answer is not ({key}).", "\\boxed{{not {key}}}",
    "It is not \\boxed{{{key}}}", "Option {key} can be eliminated.", "neither of them, not {key}",
])  # fmt: skip
@settings(max_examples=30, deadline=None)
@given(listed=lists())
def test_what_refuses_an_option_does_not_choose_it(refusal, listed) -> None:
    prompt, options = listed
    for key, _ in options:
        answer = refusal.format(key=key)
        assert value(prompt, key, answer) == 0.0, answer
