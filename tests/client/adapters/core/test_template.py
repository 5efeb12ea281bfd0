from __future__ import annotations

import pytest

from harmo_client.adapters.core.template import after_prompt, opened, without_end

CHATML = "<|im_start|>user\nHow many?<|im_end|>\n<|im_start|>assistant\n"
SEEN = CHATML.replace("How", "<|vision_start|><|image_pad|><|vision_end|>How")
EXPANDED = SEEN.replace("<|image_pad|>", "<|image_pad|>" * 5)
ASKED = CHATML.replace("How many?", "How many dots are there? " * 10)
LLAMA = "<|start_header_id|>user<|end_header_id|>\n\n?<|eot_id|>"
LLAMA += "<|start_header_id|>assistant<|end_header_id|>\n\n"


@pytest.mark.parametrize(
    ("query", "prompt", "completion"),
    [
        ("1 + 1 = 2", "1 + 1 =", " 2"),
        (CHATML + "three<|im_end|>", CHATML, "three<|im_end|>"),
        (EXPANDED + "three", SEEN, "three"),  # the query's pictures are expanded
        (EXPANDED + "<think>\nthree", SEEN + "<think>\n", "three"),
        (LLAMA.replace("?", "??") + "three", LLAMA, "three"),
        # What a policy writes never moves the place where it began.
        (EXPANDED + "no<|im_start|>assistant\nyes", SEEN, "no<|im_start|>assistant\nyes"),
        (CHATML + CHATML + "yes", CHATML, CHATML + "yes"),
        (ASKED + CHATML + "yes", CHATML + ASKED, CHATML + "yes"),  # its beginning was cut
        ("y " * 150 + "= three", "x " * 20 + "y " * 150 + "=", " three"),  # cut at its beginning
    ],
)
def test_the_completion_is_what_follows_the_prompt(
    query: str, prompt: str, completion: str
) -> None:
    assert after_prompt(query, prompt) == completion


def test_a_query_without_its_prompt_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not hold the end of its prompt"):
        after_prompt("three", "How many?")


@pytest.mark.parametrize(
    ("text", "said", "ended"),
    [
        ("three<|im_end|>", "three", True),
        ("three<|im_end|>\n<|endoftext|>", "three", True),
        ("three\n</s>", "three\n", True),
        ("three\n", "three\n", False),
        ("<|im_end|> three", "<|im_end|> three", False),
        ("", "", False),
    ],
)
def test_the_ends_of_turn_are_no_text(text: str, said: str, ended: bool) -> None:
    assert without_end(text) == (said, ended)


def test_a_policy_that_writes_ends_without_end_ends_no_run() -> None:
    assert without_end("three" + "</s>\n" * 20_000) == ("three", True)


@pytest.mark.parametrize(
    ("prompt", "prefix"),
    [(f"{CHATML}<think>\n", "<think>\n"), ("?<think>", "<think>"), ("<think>\n?", ""), ("", "")],
)
def test_what_the_template_opened_is_at_the_end_of_the_prompt(prompt: str, prefix: str) -> None:
    assert opened(prompt) == prefix
