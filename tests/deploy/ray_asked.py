"""What is asked of a box and of the plain service, and how answers are compared."""

from __future__ import annotations

import base64
import io

from PIL import Image

from harmo_client import wire

GROUPS = 80
LENGTH = "5 \\text{ m}"
HARD = ("\\boxed{500 \\text{ cm}}", "\\boxed{400 \\text{ cm}}")
"""Only a worker can tell them apart."""


def group(id: str, *texts: str, first: int = 0, **fields: object) -> wire.Group:
    """One group, its completions numbered from `first`."""
    completions = [
        wire.Completion(id=str(i), text=text, num_tokens=8) for i, text in enumerate(texts, first)
    ]
    given = {"prompt": "2 + 2 = ?", "reference": "4", **fields}
    return wire.Group(id=id, completions=completions, **given)


def groups(count: int = GROUPS) -> list[wire.Group]:
    """Right and wrong answers, of which every fourth group takes a worker to compare."""
    return [
        group(f"hard-{n}", *HARD, prompt="How long?", reference=LENGTH)
        if n % 4 == 0
        else group(
            f"easy-{n}",
            f"<think>It is {n}.</think><answer>{n}</answer>",
            f"<think>{'Well. ' * (n % 7)}</think><answer>{n + 1}</answer>",
            f"\\boxed{{{n}}}",
            prompt=f"What is {n}?",
            reference=str(n),
        )
        for n in range(count)
    ]


def pictured() -> list[wire.Group]:
    """Groups that differ in their picture alone."""
    return [
        group(
            f"picture-{shade}",
            "<think>It is grey.</think><answer>4</answer>",
            "black",
            images=[{"data": png(shade), "media_type": "image/png"}],
        )
        for shade in (0, 128, 255)
    ]


def described() -> list[wire.Group]:
    """Groups that an encoder compares with a sentence."""
    return [
        group(
            f"sentence-{n}",
            f"<think>It is so.</think><answer>There are {n} trees by the road.</answer>",
            "I see the sea and many boats on it.",
            prompt="What is to be seen?",
            reference=None,
            references={"response": f"By the road one sees {n} old trees."},
        )
        for n in range(12)
    ]


def png(shade: int) -> str:
    """A square of one grey, as the wire has it."""
    written = io.BytesIO()
    Image.new("L", (40, 40), shade).save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()


Rows = dict[tuple[str, str], tuple[float | None, tuple[float | None, ...]]]


def rows(answer: wire.ScoreResponse) -> Rows:
    """Reward and scores of every completion."""
    return {
        (group.id, each.id): (each.reward, tuple(each.scores))
        for group in answer.groups
        for each in group.completions
    }
