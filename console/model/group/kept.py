"""A stored group as it is shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache

from harmo.audit.records import KeptGroup
from harmo.console.model.group import shown
from harmo.console.model.group.shown import Cell, Column, Completion, Picture, Shown, Turn
from harmo.rewards.plan import INTERACTION, compile_recipe
from harmo.rewards.recipe import Recipe
from harmo.scorers import registry
from harmo.scorers.types import THINK_TAGS, Image, ImageRef, Message, Reward, Sample, ThinkTags


def of_kept(kept: KeptGroup) -> Shown:
    """The group as its page shows it; what was not kept is empty."""
    columns = columns_of(kept)
    correctness = kept.group.correctness or (None,) * len(kept.rewards)
    completions = []
    for place, (sample, reward, right) in enumerate(
        zip(kept.group.samples, kept.rewards, correctness, strict=True)
    ):
        cells = _cells(reward, len(columns))
        fault = kept.faults[place]
        completions.append(
            Completion(
                place=place,
                id=kept.ids[place],
                turns=turns_of(sample.completion, role="assistant"),
                tokens=sample.num_tokens,
                truncated=sample.truncated,
                correct=shown.judged(right, columns, cells),
                reward=reward.value,
                reason=fault or reward.reason,
                cells=cells,
            )
        )
    return Shown(
        id=kept.group.id,
        source=_source(kept),
        asked=_asked(kept),
        columns=columns,
        completions=shown.settled(completions, () if kept.texts == "full" else kept.digests),
        size=kept.group.size,
        tags=tags_of(kept.recipe.recipe),
    )


def columns_of(kept: KeptGroup) -> tuple[Column, ...]:
    """The columns with what multiplied them, the interaction's last where there is one."""
    columns = [
        Column(name=c.name, family=c.family.value, weight=w, shadow=c.shadow)
        for c, w in zip(kept.recipe.columns, kept.weights, strict=False)
    ]
    if kept.interaction:
        columns.append(Column(name=INTERACTION, family="combine", weight=0.0))
    return tuple(columns)


def tags_of(recipe: object) -> ThinkTags:
    """What stands round the think part, as a recipe's file says; the usual tags in doubt."""
    return _tags(json.dumps(recipe, sort_keys=True, default=str))


@lru_cache(maxsize=64)
def _tags(recipe: str) -> ThinkTags:
    registry.load()
    try:
        return compile_recipe(Recipe.model_validate_json(recipe)).think_tags
    except ValueError:
        # A scorer that is not installed here, or a recipe of another version: still shown.
        return THINK_TAGS


def digest_of(image: Image) -> str:
    """sha256 of a picture's bytes, in hexadecimal: its name in addresses."""
    return hashlib.sha256(image.content).hexdigest()


def turns_of(written: str | Sequence[Message], *, role: str) -> tuple[Turn, ...]:
    """A text or a conversation as turns.

    Args:
        written: As the store has it.
        role: Whose a bare text is.
    """
    if isinstance(written, str):
        return (Turn(role=role, parts=(written,)),)
    return tuple(
        Turn(
            role=turn.role,
            parts=tuple(p.index if isinstance(p, ImageRef) else p for p in turn.parts),
            calls=tuple((call.name, call.arguments) for call in turn.tool_calls),
        )
        for turn in written
    )


def _cells(reward: Reward, width: int) -> tuple[Cell, ...]:
    paid = list(reward.contributions) + [0.0] * width
    cells = [
        Cell(
            score=score.value,
            confidence=None if score.value is None else score.confidence,
            contribution=paid[k],
            reason=score.reason,
            detail=score.detail,
        )
        for k, score in enumerate(reward.scores)
    ]
    rest = range(len(cells), width)
    cells += [Cell(score=None, confidence=None, contribution=paid[k]) for k in rest]
    return tuple(cells)


def _source(kept: KeptGroup) -> shown.Source:
    return shown.Source(
        recipe=kept.recipe.name,
        version=kept.recipe.version,
        scorer_version=kept.recipe.scorer_version,
        run=kept.group.run or "",
        step=kept.group.step,
        split=kept.group.split,
        number=kept.number,
        scored_at_s=kept.scored_at_s,
        texts=kept.texts,
    )


def _asked(kept: KeptGroup) -> shown.Asked:
    first = kept.group.samples[0] if kept.group.samples else Sample()
    return shown.Asked(
        prompt=turns_of(first.prompt, role="user"),
        pictures=tuple(
            Picture(
                address=f"/group/{kept.number}/picture/{digest_of(image)}" if image.content else "",
                width=image.width,
                height=image.height,
            )
            for image in first.images
        ),
        prefix=first.prefix,
        reference=first.reference,
        references=first.references,
        task=first.task,
        constraints=first.constraints,
    )
