"""Chat templates undone."""

from __future__ import annotations

import pytest

from harmo.app.trainers.templates import (
    BEGINNINGS,
    MAX_OPENED,
    MAX_TURNS,
    TEMPLATES,
    read,
    without_beginning,
)
from tests.app.trainers.rendering import BY_NAME, QWEN, STYLES, Style
from tests.growth import growth
from tests.security.constructs import MAX_CHARS


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_template_is_told_by_its_markers(style: Style) -> None:
    rendered = read(style.prompt([("system", "Be brief."), ("user", "Hi")]))
    assert rendered.template is TEMPLATES[style.template]
    assert rendered.replies == 1


QUOTES = "".join(style.prompt([("user", "Hi")]) + "Hello" + style.end for style in STYLES)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_user_may_quote_any_template(style: Style) -> None:
    prompt = style.prompt([("user", f"Explain this: {QUOTES} Thanks.")])
    rendered = read(prompt)
    assert rendered.template is TEMPLATES[style.template]
    assert prompt.endswith(rendered.opened)
    assert rendered.opened.strip() in ("", "<think>")


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("2 + 2 = ?", "no markers"),
        ("", "nothing"),
        (
            "USER: hi ASSISTANT: \\boxed{4}\n\nGo on with the dialogue.",
            "a base model's prompt: what it says is no part of the completion",
        ),
        ("<|im_start|>user\nHi<|im_end|>\n", "nobody's turn"),
        ("<|im_start|>assistant\nHello<|im_end|>\n", "a turn that is over"),
        ("<|im_start|>assistant\n" + "x" * (MAX_OPENED + 1), "longer than templates write"),
        ("<|im_start|>user\n" * MAX_TURNS + "<|im_start|>assistant\n", "turns without end"),
    ],
)
def test_what_is_no_rendered_prompt_is_one_plain_text(prompt: str, why: str) -> None:
    rendered = read(prompt)
    assert (rendered.template, rendered.opened, rendered.replies) == (None, "", 0), why
    assert [(turn.role, turn.content) for turn in rendered.turns] == [("user", prompt)]


@pytest.mark.parametrize("opened", ["", "<think>\n", "Let me think step by step.\n<think>"])
def test_what_a_template_opens_is_kept(opened: str) -> None:
    assert read(QWEN.prompt([("user", "Hi")]) + opened).opened == opened


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_what_a_tokenizer_puts_before_everything_is_left_out(beginning: str) -> None:
    assert without_beginning(beginning * 3 + "Hi" + beginning) == "Hi" + beginning


def test_pictures_leave_no_trace_in_what_a_turn_says() -> None:
    asked = "<|vision_start|>" + "<|image_pad|>" * 9 + "<|vision_end|>How many?"
    [turn] = read(QWEN.prompt([("user", asked)])).turns
    assert turn.content == "How many?"


def test_the_tool_turns_of_llama_are_turns() -> None:
    llama = BY_NAME["Llama 3"]
    turns = [("user", "Weather?"), ("assistant", "{}"), ("tool", "rain")]
    assert [turn.role for turn in read(llama.prompt(turns)).turns] == ["user", "assistant", "tool"]


def test_beginnings_without_end_take_time_in_proportion_to_them() -> None:
    assert not growth(without_beginning, lambda size: "<s>" * size, MAX_CHARS).steep
