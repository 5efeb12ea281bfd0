"""A hosted model against transformers scoring one conversation at a time."""

from __future__ import annotations

import asyncio
import random
import string
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
import yaml

from harmo.models.base import Conversations, Load, ModelScore, Turn
from harmo.models.checkpoint.loader import load
from harmo.models.hosted import HostedModel, serve
from tests.models import tiny
from tests.models.exactness import (
    COMPLETIONS,
    EXACT,
    assert_exact,
    group,
    one_at_a_time,
    picture,
    said,
    scored,
    values,
)

LETTERS = string.ascii_lowercase + " "


@pytest.mark.parametrize("arch", tiny.TEXT)
def test_text_families_are_exact(saved, arch: str) -> None:
    prompt = "How many squares are there? " * 3
    asked = group(prompt), group(prompt + "Say why.", ["3", "4", "3 or 4"])
    assert_exact(load(saved(arch, "scalar"), device="cpu"), *asked)


@pytest.mark.parametrize("arch", tiny.IMAGE)
def test_image_families_are_exact(saved, arch: str) -> None:
    images = [picture(40, 70, "red"), picture(64, 30, "blue")]
    asked = (
        group("Compare them.", images=images),
        group("And this?", ["red", "blue"], images[1:]),
        group("Without any.", ["yes", "no"]),
    )
    assert_exact(load(saved(arch, "value_file"), device="cpu"), *asked)


@pytest.mark.parametrize("head", [head for head in tiny.HEADS if head != "scalar"])
def test_heads_are_exact(saved, head: str) -> None:
    assert_exact(load(saved("qwen2", head), device="cpu"), group("Count them."))


def test_one_token_beside_four_thousand(saved) -> None:
    asked = group("q", ["y", "no " * 1300])
    assert_exact(load(saved("qwen2", "scalar"), device="cpu"), asked)


def test_several_turns_and_tools(saved) -> None:
    turns = (
        Turn(role="assistant", parts=("let me see",)),
        Turn(role="tool", parts=("42",)),
        Turn(role="assistant", parts=("42",)),
    )
    asked = Conversations(
        prompt=(Turn(role="system", parts=("be",)), Turn(role="user", parts=("q",))),
        completions=(turns, *map(said, ("42", "41"))),
    )
    assert_exact(load(saved("llama", "scalar"), device="cpu"), asked)


@pytest.mark.parametrize("pooling", ["last", "last_not_pad"])
def test_padding_that_is_the_end_token(tmp_path: Path, pooling: str) -> None:
    directory = tiny.checkpoint(tmp_path / "model", arch="qwen2", pad_token_id=tiny.IM_END)
    template = tiny.TEMPLATE.replace("<|im_end|>\n", "<|im_end|>")
    written = yaml.safe_dump({"template": template, "pooling": pooling})
    (directory / "harmo.yaml").write_text(written)
    loaded = load(directory, device="cpu")
    assert_exact(loaded, group("Count them."))
    ids = [1, 2, tiny.IM_END]
    assert loaded.head.positions(ids) == ((1,) if pooling == "last_not_pad" else (2,))


def test_any_split_into_requests_and_batches_gives_the_same_scores(saved) -> None:
    loaded = load(saved("qwen3", "scalar"), device="cpu")
    rng = random.Random(3)
    texts = ["".join(rng.choices("abc ", k=rng.randint(1, 120))) for _ in range(18)]
    prompts = ["First? " * 9, "Second?"]
    hosted = serve(loaded)
    assert hosted.card.rung == "tree"
    whole = scored(hosted, *(group(prompt, texts) for prompt in prompts))
    expected = torch.cat([values(scores) for scores in whole])
    for size, max_batch_tokens in ((18, 150), (5, 4096), (1, 300), (7, 64)):
        requests = [
            group(prompt, texts[start : start + size])
            for prompt in prompts
            for start in range(0, len(texts), size)
        ]
        hosted = serve(loaded, max_batch_tokens=max_batch_tokens)
        assert hosted.card.rung == "tree", "the same model may be served again"
        parts = scored(hosted, *requests)
        split = torch.cat([values(scores) for scores in parts])
        torch.testing.assert_close(split, expected, atol=1e-6, rtol=1e-6)


def test_sixteen_bits_stay_within_three_percent_and_keep_the_order(tmp_path: Path) -> None:
    directory = tiny.classifier(tmp_path / "model", hidden_size=256, intermediate_size=768)
    loaded = load(directory, device="cpu", dtype="bfloat16")
    rng = random.Random(5)
    texts = ["".join(rng.choices(LETTERS, k=rng.randint(1, 80))) for _ in range(16)]
    asked = group("".join(rng.choices(LETTERS, k=60)), texts)
    alone = one_at_a_time(loaded, asked)[:, 0]
    ours = values(scored(serve(loaded), asked)[0])[:, 0]
    slack = 0.03 * alone.std()
    assert (ours - alone).abs().max() <= slack
    apart = (alone[:, None] - alone[None]) > 2 * slack
    assert (ours[:, None] > ours[None])[apart].all()


def test_an_over_long_completion_leaves_its_siblings_alone(saved) -> None:
    loaded = load(saved("qwen2", "scalar"), device="cpu")
    asked = group("q", ["y", "n" * 5000, "z"])
    scores = scored(serve(loaded), asked)[0]
    assert [score.fault for score in scores] == [None, "completion_too_long", None]
    kept = values([scores[0], scores[2]])
    expected = one_at_a_time(loaded, group("q", ["y", "z"]))
    torch.testing.assert_close(kept, expected, atol=EXACT, rtol=EXACT)


def test_an_over_long_prompt_faults_the_group(saved) -> None:
    hosted = serve(load(saved("qwen2", "scalar"), device="cpu"))
    scores = scored(hosted, group("q" * 5000, ["y", "n"]))[0]
    assert [score.fault for score in scores] == ["prompt_too_long"] * 2


def test_a_passed_deadline_is_a_fault(saved) -> None:
    hosted = serve(load(saved("qwen2", "scalar"), device="cpu"))

    async def run() -> list[ModelScore]:
        return await hosted.score(group("q", ["y", "n"]), deadline_s=time.monotonic() - 1)

    assert [score.fault for score in asyncio.run(run())] == ["deadline"] * 2
    asyncio.run(hosted.close())


def test_a_score_that_is_not_finite_is_a_fault(saved) -> None:
    loaded = load(saved("qwen2", "scalar"), device="cpu")
    hosted = serve(loaded)
    for weight in loaded.head.parameters():
        weight.data.fill_(torch.nan)
    scores = scored(hosted, group("q", ["y"]))[0]
    assert [score.fault for score in scores] == ["non_finite"]


def test_more_than_there_is_room_for_waits_and_is_scored(saved) -> None:
    loaded = load(saved("qwen2", "scalar"), device="cpu")
    hosted = serve(loaded, max_ready_characters=1)
    asked = [group(f"Question {number}?", ["y " * 500, "n " * 500]) for number in range(6)]
    scores = scored(hosted, *asked)
    expected = scored(serve(loaded), *asked)
    assert all(score.fault is None for answer in scores for score in answer)
    for got, wanted in zip(scores, expected, strict=True):
        torch.testing.assert_close(values(got), values(wanted), atol=EXACT, rtol=EXACT)


@pytest.fixture
def held(saved):
    """A hosted model whose device waits for `free`, and what it was given, in order."""
    loaded = load(saved("qwen2", "scalar"), device="cpu")
    hosted = serve(loaded, max_ready_characters=1)
    free, busy, tokenised = threading.Event(), threading.Event(), []

    def hold(*_: object) -> None:
        busy.set()
        assert free.wait(20)

    loaded.backbone.register_forward_pre_hook(hold)
    tokenise = hosted._tokeniser.tokenise

    def noted(conversations: Conversations, **options):
        tokenised.append(conversations.prompt[0].parts[0])
        return tokenise(conversations, **options)

    hosted._tokeniser.tokenise = noted
    yield Held(hosted=hosted, free=free, busy=busy, tokenised=tokenised)
    free.set()
    asyncio.run(hosted.close())


@dataclass(frozen=True)
class Held:
    hosted: HostedModel
    free: threading.Event
    busy: threading.Event
    tokenised: list[object]

    async def first(self, prompt: str) -> asyncio.Task[list[ModelScore]]:
        """A group on the device, which holds it."""
        task = asyncio.create_task(self.hosted.score(group(prompt, ["y"])))
        await asyncio.to_thread(self.busy.wait, 10)
        return task


async def test_what_waits_is_not_tokenised_and_ends_at_its_deadline(held: Held) -> None:
    first = await held.first("one")
    soon_s = time.monotonic() + 0.05
    late = await held.hosted.score(group("two", ["y", "n"]), deadline_s=soon_s)
    assert [score.fault for score in late] == ["deadline"] * 2
    held.free.set()
    assert (await first)[0].fault is None
    assert held.tokenised == ["one"]


async def test_a_caller_that_leaves_takes_its_work_with_it(held: Held) -> None:
    first = await held.first("one")
    gone = [asyncio.create_task(held.hosted.score(group(f"gone {n}", ["y"]))) for n in range(20)]
    last = asyncio.create_task(held.hosted.score(group("last", ["y"])))
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    held.free.set()
    await asyncio.gather(first, last)
    assert held.tokenised == ["one", "last"]


async def test_a_hung_device_does_not_keep_its_callers_past_their_deadline(held: Held) -> None:
    soon_s = time.monotonic() + 0.05
    scores = await held.hosted.score(group("one", ["y"]), deadline_s=soon_s)
    assert [score.fault for score in scores] == ["deadline"]


async def test_how_long_a_completion_takes_is_known_once_one_was_scored(held: Held) -> None:
    assert held.hosted.load().completion_s == 0.0
    held.free.set()
    await held.hosted.score(group("measured", ["y"] * 4))
    assert held.hosted.load().completion_s > 0.0


async def test_what_waits_raw_counts_as_backlog(held: Held) -> None:
    held.free.set()
    await held.hosted.score(group("measured", ["y"]))
    held.free.clear()
    held.busy.clear()
    await held.first("one")
    before_s = held.hosted.load().backlog_s
    waiting = asyncio.create_task(held.hosted.score(group("two" * 5000, ["y"])))
    await asyncio.sleep(0)
    assert held.hosted.load().backlog_s > before_s
    waiting.cancel()


def test_replicas_share_the_work_and_give_the_same_scores(saved) -> None:
    replicas = [load(saved("qwen2", "scalar"), device="cpu") for _ in range(2)]
    used: set[int] = set()
    for number, replica in enumerate(replicas):
        replica.backbone.register_forward_hook(lambda *_, number=number: used.add(number))
    asked = [group(f"Question {number}?") for number in range(6)]
    hosted = serve(*replicas)
    used.clear()
    scores = scored(hosted, *asked)
    assert used == {0, 1}
    for one, got in zip(asked, scores, strict=True):
        expected = one_at_a_time(replicas[0], one)
        torch.testing.assert_close(values(got), expected, atol=EXACT, rtol=EXACT)


def test_a_device_that_hangs_is_told_and_gets_no_more_work(saved, monkeypatch) -> None:
    replicas = [load(saved("qwen2", "scalar"), device="cpu") for _ in range(2)]
    used: list[int] = []
    hosted = serve(*replicas)
    for number, replica in enumerate(replicas):
        replica.backbone.register_forward_hook(lambda *_, number=number: used.append(number))
    hangs = Load(fault="cpu: a batch has been running for 99 s")
    monkeypatch.setattr(hosted._replicas[0].batcher, "load", lambda **_: hangs)
    assert hosted.load().fault == hangs.fault
    scored(hosted, *(group(f"Question {number}?") for number in range(6)))
    assert set(used) == {1}


def test_replicas_of_different_models_are_refused(saved) -> None:
    models = [load(saved("qwen2", head), device="cpu") for head in ("scalar", "mlp")]
    with pytest.raises(ValueError, match="one model"):
        serve(*models)


def test_deterministic_scores_do_not_depend_on_company(saved) -> None:
    loaded = load(saved("qwen2", "scalar"), device="cpu")
    hosted = serve(loaded, deterministic=True)
    assert hosted.card.rung == "alone"
    together = scored(hosted, group("Count them."))[0]
    for text, score in zip(COMPLETIONS, together, strict=True):
        alone = scored(serve(loaded, deterministic=True), group("Count them.", [text]))[0]
        assert alone[0].values == score.values


def test_what_is_shown_says_the_tokens_and_the_rung(saved) -> None:
    hosted = serve(load(saved("qwen2", "scalar"), device="cpu"))
    one, two = asyncio.run(hosted.shown(group("Count them.", ["a", "abc"])))
    assert one["rung"] == two["rung"] == hosted.card.rung.value
    assert two["tokens"] > one["tokens"]
    assert "Count them." in str(one["conversation"])
