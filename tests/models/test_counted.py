"""What models say of their work: what waits, what a batch holds, what went through."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from harmo.models.base import Rung
from harmo.models.checkpoint.loader import load
from harmo.models.encoder.similarity import load_encoder
from harmo.models.hosted import serve
from harmo.models.room import CHARACTERS_PER_TOKEN, CLOCK, Clock
from tests.models import tiny_encoders
from tests.models.counting import Counting
from tests.models.exactness import group, scored

PROMPT = "How many? " * 4
COMPLETIONS = ("Three.", "3", "Three.", "I count three of them.")
"""The third is the first once more: it costs nothing, and has its tokens all the same."""


@pytest.mark.parametrize(
    ("rung", "forwarded"),
    [
        (Rung.TREE, lambda prompt, texts: prompt + sum(texts)),
        (Rung.CACHED, lambda prompt, texts: prompt + len(texts) * max(texts)),
        (Rung.PACKED, lambda prompt, texts: sum(prompt + text for text in texts)),
        (Rung.PADDED, lambda prompt, texts: len(texts) * (prompt + max(texts))),
        (Rung.ALONE, lambda prompt, texts: sum(prompt + text for text in texts)),
    ],
)
def test_tokens_are_counted_as_they_are_and_as_they_went_through(saved, rung, forwarded) -> None:
    counts = Counting()
    hosted = serve(load(saved("qwen2", "scalar"), device="cpu"), observer=counts)
    hosted._replicas[0]._rung = rung
    asked = group(PROMPT, COMPLETIONS)
    tokens = hosted._tokeniser.tokenise(asked).group
    assert tokens is not None
    scored(hosted, asked)
    prompt, texts = len(tokens.prompt), [len(suffix) for suffix in tokens.suffixes]
    (batch,) = counts.batches
    assert batch.completions == 3, "distinct ones"
    assert batch.tokens == prompt + sum(texts), "as the budget counts, whatever the rung"
    assert batch.forwarded == forwarded(prompt, texts)
    assert counts.real == sum(prompt + text for text in texts) + prompt + texts[0]
    assert len(counts.waits) == len(counts.tokenising) == 1


def test_what_has_no_score_has_no_tokens(saved) -> None:
    counts = Counting()
    hosted = serve(load(saved("qwen2", "scalar"), device="cpu"), observer=counts)
    scores = scored(hosted, group("q", ["too long " * 5000]))[0]
    assert [score.fault for score in scores] == ["completion_too_long"]
    assert (counts.batches, counts.real) == ([], 0)
    assert len(counts.waits) == 1, "it waited until it was known"


async def test_an_encoder_counts_what_it_embeds_and_what_it_remembers_not_again(tmp_path) -> None:
    counts = Counting()
    source = str(tiny_encoders.sentence_encoder(tmp_path / "encoder"))
    encoder = load_encoder(source, device="cpu", observer=counts)
    texts = ("three red squares", "a dog")
    for _ in range(2):
        await encoder.similarities(texts, "squares")
    lengths = [encoder._itemiser.text(text).tokens for text in (*texts, "squares")]  # type: ignore[attr-defined]
    assert [ran.forwarded for ran in counts.batches] == [3 * max(lengths), 0]
    assert [ran.completions for ran in counts.batches] == [2, 2]
    assert counts.real == 2 * (lengths[0] + lengths[1] + 2 * lengths[2])
    await encoder.close()


async def test_a_queue_says_how_much_waits_and_how_long_until_a_device_begins_it(saved) -> None:
    counts = Counting()
    loaded = load(saved("qwen2", "scalar"), device="cpu")
    hosted = serve(loaded, max_ready_characters=1, observer=counts)
    free, busy = threading.Event(), threading.Event()

    def hold(*_: object) -> None:
        busy.set()
        assert free.wait(20)

    loaded.backbone.register_forward_pre_hook(hold)
    assert (hosted.load().completions, hosted.load().oldest_s) == (0, 0.0)
    first = asyncio.create_task(hosted.score(group("one", ["y"])))
    await asyncio.to_thread(busy.wait, 10)
    assert hosted.load().completions == 0, "it waits no more"
    clock = Clock()
    CLOCK.set(clock)
    second = asyncio.create_task(hosted.score(group("two" * 40, ["y", "n"])))
    third = asyncio.create_task(hosted.score(group("three", ["y"])))
    await asyncio.sleep(0.05)
    waiting = hosted.load()
    assert waiting.completions == 3
    assert 120 // CHARACTERS_PER_TOKEN <= waiting.tokens <= 200, "estimated: none is tokenised"
    assert waiting.oldest_s >= 0.05
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)
    assert hosted.load().completions == 2, "what nobody wants waits no more"
    began_s = time.monotonic()
    free.set()
    await asyncio.gather(first, second)
    assert hosted.load().completions == 0
    assert len(counts.waits) == 3
    assert 0.05 <= clock.waited_s <= 0.06 + time.monotonic() - began_s + waiting.oldest_s
    await hosted.close()
