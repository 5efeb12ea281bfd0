"""Model scorers: what hosted models make of a group. They only ask; `models` runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, TypeGuard

from pydantic import Field

from harmo.models.base import (
    Conversations,
    Encoder,
    Meaning,
    ModelCard,
    ModelScore,
    RewardModel,
    ToolCall,
    Turn,
)
from harmo.models.transform import Transform
from harmo.scorers.reading.quotes import unquoted, written
from harmo.scorers.registry import scorer
from harmo.scorers.spec import Output
from harmo.scorers.transforms import Reduction, par, reduce, span
from harmo.scorers.types import MAX_SCORE, Group, ImageRef, Message, Reason, Sample, Score

_UNSUPPORTED = Reason.UNSUPPORTED_LANGUAGE.value
_LEAST_WIDTH = 1e-6


@scorer("model.similarity", resource="encoder", reads="answer", bounds=(0.0, 1.0))
async def similarity(
    group: Group,
    *,
    encoder: Encoder,
    to: Literal["reference", "image"] = "reference",
    low: Annotated[float, Field(ge=-1, lt=1)] = 0.0,
    high: Annotated[float, Field(gt=-1, le=1)] = 1.0,
) -> list[Score]:
    """Likeness of a text to the reference, in [0, 1]: clip((cosine - low) / (high - low), 0, 1).

    The best of several references counts. For open-ended English with a sentence to compare with:
    on short or near-miss answers embeddings are worse than chance, so those belong to rules. An
    empty text, or one the encoder cannot read, is 0.0. Abstains on the group where the reference
    is missing, is no text, or is in a language the encoder cannot read.

    Args:
        group: `text` is the part the term reads, `reference` the one it names.
        encoder: A hosted text encoder, or a CLIP or SigLIP one where `to` is `image`.
        to: Compare with the reference, or with the prompt's pictures.
        low: Cosine that counts as 0.
        high: Cosine that counts as 1.

    Returns:
        One score per sample, in order.
    """
    accepted = _accepted(group) if to == "reference" else _pictures(group)
    references = [reference for reference in accepted if _is_readable(reference)]
    if not accepted:
        return _abstain(group, Reason.NO_REFERENCE)
    if len(references) < len(accepted):
        return _abstain(group, Reason.UNREADABLE_REFERENCE)
    texts = [sample.text for sample in group.samples]
    asked = [text for text in texts if text.strip()]
    answers = [await _compared(encoder, asked, reference) for reference in references]
    readable = [answer for answer in answers if answer is not None]
    if not readable:
        return _abstain(group, Reason.UNSUPPORTED_LANGUAGE)
    by_text = zip(*readable, strict=True)
    verdicts = iter([_likeness(answers, low, high) for answers in by_text])
    return [next(verdicts) if text.strip() else Score(value=0.0) for text in texts]


async def _compared(
    encoder: Encoder, texts: Sequence[str], reference: str | bytes
) -> list[ModelScore] | None:
    """Each text with one reference; None where the encoder cannot read that reference."""
    if isinstance(reference, bytes):
        return await encoder.similarities(texts, reference)
    # The reference is asked about itself: only its own fault may make the group abstain.
    *answers, itself = await encoder.similarities([*texts, reference], reference)
    return None if itself.fault == _UNSUPPORTED else answers


def _pictures(group: Group) -> Sequence[object]:
    """The prompt's pictures."""
    images = group.samples[0].images if group.samples else ()
    return [image.content for image in images]


def _accepted(group: Group) -> Sequence[object]:
    """The accepted references as they came; a prompt's samples share them."""
    reference = group.samples[0].reference if group.samples else None
    if reference is None:
        return []
    return reference if isinstance(reference, list) else [reference]


def _is_readable(reference: object) -> TypeGuard[str | bytes]:
    """True of a picture, and of a text that says something."""
    return isinstance(reference, bytes) or (isinstance(reference, str) and bool(reference.strip()))


def _abstain(group: Group, reason: Reason) -> list[Score]:
    return [Score.abstain(reason)] * len(group.samples)


def _likeness(answers: Sequence[ModelScore], low: float, high: float) -> Score:
    """One text against each reference: the best, or the abstention where one is missing."""
    cosines: list[float] = []
    shown: dict[str, object] = {}
    for answer in answers:
        if answer.fault == _UNSUPPORTED:
            cosines.append(low)
        elif answer.fault is not None:
            return Score.abstain(Reason(answer.fault))
        else:
            cosines.append(answer.values[0])
            shown = {**shown, **answer.detail}
    value = (max(cosines) - low) / max(high - low, _LEAST_WIDTH)
    return Score(value=min(max(value, 0.0), 1.0), detail={**shown, "cosine": max(cosines)})


def _output(
    meaning: Meaning | None,
    *,
    transform: Transform | None,
    against: str | None,
    reduction: Reduction,
    strength: float,
    **_: object,
) -> Output:
    """What `model.reward` gives: the model's own output, unless a param makes another of it."""
    if transform is not None or against is not None:
        return Output(bounds=span(transform=transform, against=against))
    if reduction == "mean":
        return Output.of_model(meaning)
    # The mean of numbers in [0, 1] less their variance is one too; less more than that is not.
    leaves = reduction == "mean_minus_variance" and strength > 1
    return Output(bounds=None if leaves else Output.of_model(meaning).bounds)


@scorer("model.reward", resource="reward_model", output_of=_output)
async def reward(
    group: Group,
    *,
    reward_model: RewardModel,
    aspect: str | None = None,
    reduction: Reduction = "mean",
    strength: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.5,
    against: Literal["reference_rewards"] | None = None,
    transform: Transform | None = None,
) -> list[Score]:
    """A hosted reward model's output for the whole conversation; its range is the model's.

    Abstains with the model's reason where it has no output (over-long, unreadable image, deadline).

    Args:
        group: Whole conversations; no part is cut out.
        reward_model: Scalar, vector, or an ensemble with one output per member.
        aspect: Name of the output to take; default: all of them, reduced to one.
        reduction: How several outputs become one: mean, min, mean_minus_variance, soft.
        strength: Weight of the variance, or temperature of `soft`.
        against: `reference_rewards`: PAR, the mean of logistic(x - r) over the list of numbers r
            under that key of the group's metadata, raw scores of completions of the policy before
            training; abstains (`no_reference`) without them.
        transform: Applied last, with frozen statistics, e.g. `{kind: sigmoid}`.

    Returns:
        One score per sample, in order.
    """
    listed = [] if against is None else _listed(group, against)
    baseline = [float(r) for r in listed if _is_number(r)]
    if against is not None and not listed:
        return _abstain(group, Reason.NO_REFERENCE)
    if len(baseline) < len(listed):
        return _abstain(group, Reason.UNREADABLE_REFERENCE)
    chosen = slice(None) if aspect is None else _place(reward_model.card, aspect)

    def score(answer: ModelScore, sample: Sample) -> Score:
        if answer.fault is not None:
            return _abstention(answer, sample)
        raw = reduce(answer.values[chosen], reduction, strength=strength)
        value = raw if against is None else par(raw, baseline)
        outputs = dict(zip(reward_model.card.aspects, answer.values, strict=False))
        detail = {**outputs, **answer.detail}
        return Score(value=value if transform is None else transform(value), detail=detail)

    answers = await reward_model.score(conversations(group))
    return [score(*pair) for pair in zip(answers, group.samples, strict=False)]


def _abstention(answer: ModelScore, sample: Sample) -> Score:
    """Why a model has no output; its words may quote the completion."""
    detail = dict(answer.detail)
    if isinstance(why := detail.get("why"), str):
        detail["why"] = unquoted(why, written(sample))
    return Score.abstain(Reason(str(answer.fault)), **detail)


def _place(card: ModelCard, aspect: str) -> slice:
    """Where an output stands among the model's."""
    if aspect not in card.aspects:
        known = ", ".join(card.aspects)
        raise ValueError(f"model {card.name!r} has no aspect {aspect!r}; it has {known}")
    index = card.aspects.index(aspect)
    return slice(index, index + 1)


def _listed(group: Group, key: str) -> Sequence[object]:
    """What the group's metadata lists under a key; empty where it lists nothing."""
    listed = group.samples[0].metadata.get(key) if group.samples else None
    return listed if isinstance(listed, list) else []


def _is_number(value: object) -> TypeGuard[float]:
    """True of a number that a reward model could give."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= MAX_SCORE


def conversations(group: Group) -> Conversations:
    """A group as models read it: the prompt once, every completion's turns, the images."""
    first = group.samples[0] if group.samples else Sample()
    return Conversations(
        prompt=_prompt(first),
        completions=tuple(_completion(sample) for sample in group.samples),
        images=tuple(image.content for image in first.images),
    )


def _prompt(sample: Sample) -> tuple[Turn, ...]:
    """The prompt's turns; images without a place of their own come before the first user text."""
    messages = sample.prompt
    if isinstance(messages, str):
        messages = (Message(role="user", parts=(messages,)),)
    turns = [_turn(message) for message in messages]
    placed = any(isinstance(part, int) for turn in turns for part in turn.parts)
    if sample.images and not placed:
        at = next((i for i, turn in enumerate(turns) if turn.role == "user"), None)
        images = tuple(range(len(sample.images)))
        if at is None:
            return (Turn(role="user", parts=images), *turns)
        turns[at] = replace(turns[at], parts=(*images, *turns[at].parts))
    return tuple(turns)


def _completion(sample: Sample) -> tuple[Turn, ...]:
    """The assistant and tool turns, with the prefix before the first assistant text."""
    if isinstance(sample.completion, str):
        return (Turn(role="assistant", parts=(sample.prefix + sample.completion,)),)
    turns = [_turn(message) for message in sample.completion]
    at = next((i for i, turn in enumerate(turns) if turn.role == "assistant"), None)
    if sample.prefix and at is not None:
        turns[at] = replace(turns[at], parts=(sample.prefix, *turns[at].parts))
    return tuple(turns)


def _turn(message: Message) -> Turn:
    parts = tuple(part.index if isinstance(part, ImageRef) else part for part in message.parts)
    return Turn(
        role=message.role,
        parts=parts,
        tool_calls=tuple(
            ToolCall(name=call.name, arguments=call.arguments, id=call.id)
            for call in message.tool_calls
        ),
        tool_call_id=message.tool_call_id,
        name=message.name,
    )
