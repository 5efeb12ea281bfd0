"""How good the policy is on pictures it never trained on, as the service judges it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from harmo_client import wire
from harmo_client.adapters.core.chat import Picture, to_png
from harmo_client.client import RewardClient
from harmo_client.train.demo.policy import EOS, IMAGE, MAX_TOKENS, PAD, ToyPolicy
from harmo_client.train.demo.task import QUESTION, Scene

if TYPE_CHECKING:
    import torch

GREEDY, SAMPLED = "greedy", "sampled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Means over the held-out pictures; all but the first are of sampled completions."""

    accuracy_greedy: float
    accuracy_sampled: float
    format: float
    similarity: float
    mean_tokens: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """One measurement with what it read."""

    measured: Measured
    texts: list[str]
    """The sampled completions, one a picture."""
    unscored: int
    """Completions the service gave no reward for."""


def group_of(scene: Scene, group_id: str, completions: Sequence[wire.Completion]) -> wire.Group:
    """The wire's group for completions about one picture."""
    content: list[wire.TextPart | wire.ImagePart]
    content = [wire.ImagePart(type="image"), wire.TextPart(type="text", text=QUESTION)]
    return wire.Group(
        id=group_id,
        prompt=[wire.Message(role="user", content=content)],
        images=[to_png(cast("Picture", scene.picture))],
        reference=scene.colour,
        references={"caption": scene.caption},
        completions=list(completions),
    )


def measure(
    policy: ToyPolicy, scenes: Sequence[Scene], client: RewardClient, *, recipe: str, step: int
) -> Exam:
    """Accuracy, format, similarity and length of one greedy and one sampled completion each."""
    greedy = _write(policy, scenes, GREEDY)
    sampled = _write(policy, scenes, SAMPLED)
    groups = [
        group_of(scene, str(index), pair)
        for index, (scene, *pair) in enumerate(zip(scenes, greedy, sampled, strict=True))
    ]
    answer = client.score(groups, recipe=recipe, run="demo", step=step, split="eval")
    return Exam(
        measured=Measured(
            accuracy_greedy=_mean(answer, "rule", GREEDY),
            accuracy_sampled=_mean(answer, "rule", SAMPLED),
            format=_mean(answer, "aspect", SAMPLED),
            similarity=_mean(answer, "model", SAMPLED),
            mean_tokens=round(sum(one.num_tokens or 0 for one in sampled) / len(sampled), 2),
        ),
        texts=[one.text or "" for one in sampled],
        unscored=sum(one.reward is None for group in answer.groups for one in group.completions),
    )


def _write(policy: ToyPolicy, scenes: Sequence[Scene], way: str) -> list[wire.Completion]:
    import torch

    encoded = policy.encode(scenes)
    policy.model.eval()
    with torch.no_grad():
        ids_BT = policy.model.generate(
            **encoded, max_new_tokens=MAX_TOKENS, do_sample=way == SAMPLED, suppress_tokens=[IMAGE]
        )
    policy.model.train()
    written_BT: torch.Tensor = ids_BT[:, encoded["input_ids"].shape[1] :]
    texts = policy.processor.tokenizer.batch_decode(written_BT, skip_special_tokens=True)
    return [
        wire.Completion(
            id=way,
            text=text,
            num_tokens=int((row != PAD).sum()),
            truncated=int(row[-1]) not in (EOS, PAD),
        )
        for text, row in zip(texts, written_BT, strict=True)
    ]


def _mean(answer: wire.ScoreResponse, family: str, way: str) -> float:
    """Mean score of the family's column over the completions written that way."""
    place = next(
        index
        for index, column in enumerate(answer.columns)
        if column.family == family and not column.shadow
    )
    scores = [
        score
        for group in answer.groups
        for completion in group.completions
        if completion.id == way and (score := completion.scores[place]) is not None
    ]
    return round(sum(scores) / len(scores), 3) if scores else 0.0
