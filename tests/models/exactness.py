"""Hosted models held to transformers' own template and forward, one conversation at a time."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence

import torch
from PIL import Image as PILImage

from harmo.models.base import Conversations, ModelScore, Turn
from harmo.models.checkpoint.loader import LoadedModel
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
