"""Texts to token ids, as the tokenizer has them, beside other threads."""

from __future__ import annotations

import threading
import time

import pytest

from harmo.models.tokens import encoded
from tests.models import tiny

END = "<|im_end|>"


@pytest.mark.parametrize(
    "odd", ["\ufdfa", "e\u0301", "\U0001f469\u200d", "\u202e", "\x00", "\ufeff"]
)
def test_a_batch_of_one_is_encoded_as_the_text_alone(odd: str) -> None:
    core = tiny.tokenizer().backend_tokenizer
    text = f"{odd}a {odd * 3}{END}"
    assert encoded(core, text) == core.encode(text, add_special_tokens=False).ids


def test_a_long_text_is_encoded_without_the_gil() -> None:
    core, text = tiny.tokenizer().backend_tokenizer, "word " * 400_000
    begun, ticks = threading.Event(), 0

    def encode() -> None:
        begun.set()
        encoded(core, text)

    thread = threading.Thread(target=encode)
    thread.start()
    assert begun.wait(5)
    while thread.is_alive():
        time.sleep(0.001)
        ticks += 1
    # It takes most of a second; under the GIL this thread would get five turns or so.
    assert ticks > 25
