"""A hosted model against transformers scoring one conversation at a time."""

from __future__ import annotations

import asyncio
import io
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
import transformers as tf
import yaml
from PIL import Image as PILImage

from benchmarks import random_model
from harmo.models.base import Conversations, ModelScore, QueueFullError, Turn
from harmo.models.checkpoint.heads import LastHead
from harmo.models.checkpoint.loader import LoadedModel, load
from harmo.models.forward.backbone import Backbone
from harmo.models.forward.selftest import (
    NotDeterministicError,
    Subject,
    choose_rung,
    require_deterministic,
)
from harmo.models.forward.token_group import Pictures, share
from harmo.models.hosted import HostedModel, serve
from tests.models import tiny

EXACT = 1e-5
COMPLETIONS = (
    "Three.",
    "",
    "Three. " * 30,
    "Three.",
    "one\n\ntwo\n\nthree",
    "<think>\nWell,\n</think>\n\n3",
    "x",
)
"""Identical ones, an empty one, prefixes of one another, long beside short."""


def said(text: str) -> tuple[Turn, ...]:
    return (Turn(role="assistant", parts=(text,)),)


def group(
    prompt: str, completions: Sequence[str] = COMPLETIONS, images: Sequence[bytes] = ()
) -> Conversations:
    return Conversations(
        prompt=(Turn(role="user", parts=(*range(len(images)), prompt)),),
        completions=tuple(map(said, completions)),
        images=tuple(images),
    )


def picture(width: int, height: int, colour: str) -> bytes:
    buffer = io.BytesIO()
    shades = PILImage.linear_gradient("L").resize((width, height)).convert("RGB")
    PILImage.blend(shades, PILImage.new("RGB", (width, height), colour), 0.5).save(buffer, "PNG")
    return buffer.getvalue()


@torch.inference_mode()
def one_at_a_time(loaded: LoadedModel, asked: Conversations) -> torch.Tensor:
    """`values_MK`: transformers' own template, processor and forward, a conversation at a time."""
    rows = []
    for completion in asked.completions:
        messages = [
            {"role": turn.role, "content": content(loaded, turn)}
            for turn in (*asked.prompt, *completion)
        ]
        text = loaded.tokenizer.apply_chat_template(messages, tokenize=False)
        if asked.images:
            images = [PILImage.open(io.BytesIO(raw)).convert("RGB") for raw in asked.images]
            inputs = loaded.processor(text=[text], images=[images], return_tensors="pt")
        else:
            inputs = loaded.tokenizer(text, add_special_tokens=False, return_tensors="pt")
        ids = inputs["input_ids"][0].tolist()
        accepted = {k: v for k, v in inputs.items() if k != "token_type_ids"}
        hidden = loaded.backbone(**accepted).last_hidden_state[0]
        steps = [at for at, token in enumerate(ids) if token == tiny.STEP]
        read = list(loaded.head.positions(ids, steps))
        rows.append(loaded.head(hidden[read], [len(read)])[0])
    return torch.stack(rows)


def content(loaded: LoadedModel, turn: Turn) -> object:
    manifest = loaded.manifest
    if turn.role == "assistant" and manifest.step_token:
        steps = manifest.steps("".join(map(str, turn.parts)))
        return "".join(step + manifest.step_token for step in steps)
    if loaded.processor is None:
        return "".join(map(str, turn.parts))
    return [
        {"type": "text", "text": p} if isinstance(p, str) else {"type": "image"} for p in turn.parts
    ]


def scored(hosted: HostedModel, *asked: Conversations) -> list[list[ModelScore]]:
    """The scores of several requests that arrive together; closes the model."""

    async def run() -> list[list[ModelScore]]:
        try:
            return list(await asyncio.gather(*(hosted.score(one) for one in asked)))
        finally:
            await hosted.close()

    return asyncio.run(run())


def values(scores: Sequence[ModelScore]) -> torch.Tensor:
    assert all(score.fault is None for score in scores), scores
    return torch.tensor([score.values for score in scores])


def assert_exact(loaded: LoadedModel, *asked: Conversations, rung: str = "tree") -> None:
    expected = [one_at_a_time(loaded, one) for one in asked]
    hosted = serve(loaded)
    assert hosted.card.rung == rung
    for scores, alone in zip(scored(hosted, *asked), expected, strict=True):
        torch.testing.assert_close(values(scores), alone, atol=EXACT, rtol=EXACT)


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


def test_sixteen_bits_stay_within_two_percent_and_keep_the_order(tmp_path: Path) -> None:
    directory = random_model.save(tmp_path / "model", hidden=256, layers=2)
    loaded = load(directory, device="cpu", dtype="bfloat16")
    rng = random.Random(5)
    texts = [random_model.words(rng.randint(1, 80), rng) for _ in range(16)]
    asked = group(random_model.words(60, rng), texts)
    alone = one_at_a_time(loaded, asked)[:, 0]
    ours = values(scored(serve(loaded), asked)[0])[:, 0]
    slack = 0.02 * alone.std()
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


def test_a_full_queue_turns_callers_away(saved) -> None:
    hosted = serve(load(saved("qwen2", "scalar"), device="cpu"), max_queue_tokens=1)

    async def run() -> list[object]:
        asked = [group(f"Question {number}?", ["y " * 500, "n " * 500]) for number in range(6)]
        calls = (hosted.score(one) for one in asked)
        return list(await asyncio.gather(*calls, return_exceptions=True))

    answers = asyncio.run(run())
    asyncio.run(hosted.close())
    assert any(isinstance(answer, QueueFullError) for answer in answers)
    assert any(isinstance(answer, list) for answer in answers)


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


class Restless(LastHead):
    """Gives every call other bits."""

    calls = 0

    def values(self, hidden, counts):
        self.calls += 1
        return super().values(hidden, counts) + self.calls * 1e-6


def test_deterministic_is_refused_where_bits_differ(saved) -> None:
    loaded = load(saved("qwen2", "scalar"), device="cpu")
    subject = Subject(
        backbone=Backbone(loaded.backbone, device=loaded.device),
        head=Restless(loaded.head.stack, pad_token_id=None),
        groups=(share([(1, 2, 3), (1, 2, 4)], [(2,), (2,)]),),
        max_tokens=100,
    )
    with pytest.raises(NotDeterministicError, match="without deterministic"):
        require_deterministic(subject)


def gemma2() -> tf.PreTrainedConfig:
    return tf.Gemma2Config(attn_logit_softcapping=2.0, sliding_window=6, head_dim=8, **SMALL)


def qwen3_5() -> tf.PreTrainedConfig:
    kinds = ["linear_attention", "full_attention"]
    linear = {f"linear_{part}_head_dim": 8 for part in ("key", "value")}
    heads = {"linear_num_key_heads": 2, "linear_num_value_heads": 4}
    return tf.Qwen3_5TextConfig(layer_types=kinds, head_dim=8, **linear, **heads, **SMALL)


def bidirectional() -> tf.PreTrainedConfig:
    return tf.BertConfig(**{k: v for k, v in SMALL.items() if k != "num_key_value_heads"})


SMALL = {
    "vocab_size": 100,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "pad_token_id": 0,
}


@pytest.mark.parametrize(
    ("make", "rung"),
    [
        pytest.param(gemma2, "cached", id="capped logits"),
        pytest.param(qwen3_5, "cached", id="linear attention layers"),
        pytest.param(bidirectional, "padded", id="sees both ways"),
    ],
)
def test_architectures_take_the_fastest_rung_that_agrees(
    make: Callable[[], tf.PreTrainedConfig], rung: str
) -> None:
    torch.manual_seed(0)
    module = tf.AutoModel.from_config(make()).eval().requires_grad_(requires_grad=False)
    for weight in module.parameters():
        weight.add_(torch.randn_like(weight) * 0.1)
    rng = random.Random(1)
    members = [(5, 6, 7, 8, *(rng.randrange(1, 100) for _ in range(n))) for n in (3, 9, 1)]
    subject = Subject(
        backbone=Backbone(module, device=torch.device("cpu")),
        head=LastHead(torch.nn.Linear(32, 1), pad_token_id=None),
        groups=(share(members, [(len(member) - 1,) for member in members]),),
        max_tokens=100,
    )
    assert choose_rung(subject) == rung


def test_images_that_see_each_other_are_shared_only_as_a_whole() -> None:
    text = {"head_dim": 8, "sliding_window": 64, **SMALL}
    vision = {"image_size": 28, "patch_size": 14, "num_hidden_layers": 1, "hidden_size": 16}
    config = tf.Gemma3Config(
        text_config=text,
        vision_config={**vision, "intermediate_size": 16, "num_attention_heads": 2},
        mm_tokens_per_image=4,
        image_token_index=99,
    )
    torch.manual_seed(0)
    module = tf.AutoModel.from_config(config).eval().requires_grad_(requires_grad=False)
    for weight in module.parameters():
        weight.add_(torch.randn_like(weight) * 0.1)
    pictures = Pictures(inputs={"pixel_values": torch.randn(1, 3, 28, 28)}, expansions=((99,) * 4,))
    members = [(5, 99, 99, 99, 99, 6, *rest) for rest in ((7, 8), (9,), (7, 3, 4))]
    reads = [(len(member) - 1,) for member in members]
    subject = Subject(
        backbone=Backbone(module, device=torch.device("cpu")),
        head=LastHead(torch.nn.Linear(32, 1), pad_token_id=None),
        groups=(share(members, reads, pictures),),
        max_tokens=100,
    )
    assert choose_rung(subject) == "cached"
