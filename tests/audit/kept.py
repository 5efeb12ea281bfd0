"""Groups by strategy: whatever the wire lets in, in any combination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from harmo.audit.records import KeptColumn, KeptGroup, KeptRecipe
from harmo.scorers.types import (
    Family,
    Group,
    Image,
    ImageRef,
    Message,
    Reason,
    Reward,
    Sample,
    Score,
    ToolCall,
)

texts = st.text(st.characters(exclude_categories=()), max_size=12)
"""Lone surrogates and NUL among them."""
finite = st.floats(allow_nan=False, allow_infinity=False)
scores = st.floats(-1e12, 1e12) | st.sampled_from([0.0, -0.0, 1.0])
numbers = finite | st.integers() | st.sampled_from([-0.0, 2**63, -(2**64), 10**400, 1e300, 5e-324])
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
flat = st.none() | st.booleans() | finite | st.integers(-(2**70), 2**70) | texts
details = st.dictionaries(texts, flat | st.lists(flat, max_size=3), max_size=3)
reasons = st.sampled_from(Reason)
calls = st.builds(ToolCall, name=texts, arguments=texts, id=st.none() | texts)
messages = st.lists(
    st.builds(
        Message,
        role=st.sampled_from(["system", "user", "assistant", "tool"]),
        parts=st.lists(texts | st.builds(ImageRef, index=st.integers(0, 9)), max_size=3).map(tuple),
        tool_calls=st.lists(calls, max_size=2).map(tuple),
        tool_call_id=st.none() | texts,
        name=st.none() | texts,
    ),
    max_size=3,
).map(tuple)
images = st.builds(
    Image,
    content=st.binary(min_size=1, max_size=20),
    media_type=st.sampled_from(["image/png", "image/jpeg"]),
    width=st.integers(1, 9),
    height=st.integers(1, 9),
)
shares = st.builds(
    Sample,
    prompt=texts | messages,
    prefix=texts,
    images=st.lists(images, max_size=2).map(tuple),
    reference=json_values,
    references=st.dictionaries(texts, json_values, max_size=2),
    task=st.none() | texts,
    constraints=json_values,
    metadata=st.dictionaries(texts, json_values, max_size=2),
    think_tags=st.sampled_from([("<think>", "</think>"), ("<|a|>", "<|b|>")]),
)
"""What one request brought for its members."""
RECIPES = tuple(
    KeptRecipe(
        name=f"r{width}",
        version=f"sha256:{width}",
        scorer_version="sha256:s",
        columns=tuple(
            KeptColumn(
                name=f"c{k}",
                family=list(Family)[k % 4],
                shadow=k == 2,
                meaning=(None, "p_correct", "raw")[k],
            )
            for k in range(width)
        ),
        recipe={"name": f"r{width}", "weights": {"rule": 1.0}},
    )
    for width in (1, 2, 3)
)


@st.composite
def scored(draw: st.DrawFn) -> Score:
    """A score or an abstention."""
    detail = draw(details)
    if draw(st.booleans()):
        confidence = draw(st.floats(0, 1))
        return Score(value=draw(scores), confidence=confidence, detail=detail)
    return Score(reason=draw(reasons), confidence=0.0, detail=detail)


@st.composite
def rewarded(draw: st.DrawFn, columns: int, paid: int) -> Reward:
    """A reward, or None with a reason."""
    value = draw(st.none() | finite)
    return Reward(
        value=value,
        reason=draw(reasons) if value is None else None,
        scores=tuple(draw(scored()) for _ in range(columns)),
        contributions=tuple(draw(st.lists(finite, min_size=paid, max_size=paid))),
    )


@st.composite
def kept_groups(draw: st.DrawFn) -> KeptGroup:
    """A group of none to four samples that one to three requests brought."""
    recipe, interaction = draw(st.sampled_from(RECIPES)), draw(st.booleans())
    columns = len(recipe.columns)
    paid, count = columns + interaction, draw(st.integers(0, 4))
    brought = draw(st.lists(shares, min_size=1, max_size=3))
    samples = tuple(
        replace(
            draw(st.sampled_from(brought)),
            completion=draw(texts | messages),
            num_tokens=draw(st.none() | st.integers(0, 10_000_000)),
            truncated=draw(st.booleans()),
        )
        for _ in range(count)
    )
    known = st.none() | st.booleans()
    right = draw(st.lists(known, min_size=count, max_size=count).map(tuple) | st.just(()))
    faults = st.lists(st.none() | reasons, min_size=count, max_size=count)
    group = Group(
        id=draw(texts),
        samples=samples,
        size=count + draw(st.integers(0 if count else 1, 2)),
        run=draw(st.none() | texts.filter(bool)),
        step=draw(st.none() | st.integers(0, 2**53)),
        split=draw(st.sampled_from(["train", "eval"])),
        correctness=right,
    )
    return KeptGroup(
        recipe=recipe,
        scored_at_s=draw(st.floats(0, 1e10)),
        group=group,
        ids=tuple(draw(st.lists(texts, min_size=count, max_size=count))),
        faults=tuple(draw(faults)),
        weights=tuple(draw(st.lists(finite, min_size=paid, max_size=paid))),
        rewards=tuple(draw(rewarded(columns, paid)) for _ in range(count)),
        interaction=interaction,
        texts=draw(st.sampled_from(["full", "full", "hash", "none"])),
    )


def as_kept(kept: KeptGroup) -> KeptGroup:
    """What there should be of it in the store, but for number and digests."""
    if kept.texts == "full":
        return kept
    samples = tuple(
        Sample(
            task=s.task,
            images=tuple(replace(image, content=b"") for image in s.images),
            num_tokens=s.num_tokens,
            truncated=s.truncated,
            think_tags=s.think_tags,
        )
        for s in kept.group.samples
    )
    rewards = tuple(
        replace(reward, scores=tuple(replace(s, detail={}) for s in reward.scores))
        for reward in kept.rewards
    )
    return replace(kept, group=replace(kept.group, samples=samples), rewards=rewards)


def as_numbers(kept: KeptGroup) -> KeptGroup:
    """What there should be of it where texts are not asked for."""
    bare = as_kept(replace(kept, texts="none"))
    task = kept.group.samples[0].task if kept.group.samples else None
    samples = tuple(
        Sample(task=task, num_tokens=s.num_tokens, truncated=s.truncated)
        for s in kept.group.samples
    )
    return replace(
        bare,
        group=replace(bare.group, samples=samples),
        ids=tuple(map(str, range(len(samples)))),
        texts=kept.texts,
    )


def numbered(groups: Sequence[KeptGroup], back: Sequence[KeptGroup]) -> list[KeptGroup]:
    """The groups with the numbers and digests that the store gave them."""
    return [
        replace(kept, number=got.number, digests=got.digests)
        for kept, got in zip(groups, back, strict=True)
    ]
