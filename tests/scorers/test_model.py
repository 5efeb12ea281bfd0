"""Model scorers over fakes of the protocol: what is asked, and what is made of the answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmo.models.base import Conversations, ModelCard, ModelScore, Turn
from harmo.models.ensemble import Ensemble
from harmo.models.transform import Sigmoid
from harmo.scorers.model import conversations, reward, similarity
from harmo.scorers.types import Group, Image, ImageRef, Message, Reason, Sample

CARD = ModelCard(
    name="rm",
    head="scalar",
    aspects=("reward",),
    meaning="raw",
    images=False,
    max_tokens=512,
    rung="padded",
    version="sha256:0",
    device="cpu",
)


class FakeEncoder:
    """Cosines by text; texts in `unreadable` are in no language it knows."""

    card = CARD

    def __init__(self, cosines, unreadable=(), fault=None):
        self.cosines, self.unreadable, self.fault = cosines, unreadable, fault
        self.asked = []

    async def similarities(self, texts, reference, *, deadline_s=None):
        self.asked.append((tuple(texts), reference))
        return [self._score(text, reference) for text in texts]

    def _score(self, text, reference):
        if text in self.unreadable or reference in self.unreadable:
            return ModelScore(fault="unsupported_language")
        if text == self.fault:
            return ModelScore(fault="deadline")
        return ModelScore(values=(1.0 if text == reference else self.cosines[text, reference],))

    async def close(self):
        return None


class FakeModel:
    """Answers with what it was given, and remembers what it was asked."""

    def __init__(self, *answers, card=CARD):
        self.answers, self.card, self.asked = list(answers), card, None

    async def score(self, group, *, deadline_s=None):
        self.asked = group
        return self.answers

    async def close(self):
        return None


def group(*texts, **fields) -> Group:
    samples = tuple(Sample(completion=text, **fields) for text in texts)
    return Group(id="g", samples=samples, size=len(samples))


def verdicts(scores):
    return [score.reason or pytest.approx(score.value) for score in scores]


SIMILARITIES = [
    ("cosine, cut to [0, 1]", ["a", "b"], "ref", {}, [0.8, 0.0]),
    ("an affine map, cut", ["a", "b"], "ref", {"low": 0.3, "high": 0.9}, [0.5 / 0.6, 0.0]),
    ("a band of no width", ["a", "b"], "ref", {"low": 0.5, "high": 0.5}, [1.0, 0.0]),
    ("the best of several references", ["a", "b"], ["ref", "other"], {}, [0.8, 0.6]),
    ("no text is no likeness", ["a", " \n"], "ref", {}, [0.8, 0.0]),
    ("a text it cannot read is wrong, not excused", ["a", "?"], "ref", {}, [0.8, 0.0]),
    ("a fault of ours", ["a", "late"], "ref", {}, [0.8, Reason.DEADLINE]),
    ("no reference", ["a"], None, {}, [Reason.NO_REFERENCE]),
    ("no accepted reference", ["a"], [], {}, [Reason.NO_REFERENCE]),
    ("a blank reference", ["a"], "  ", {}, [Reason.UNREADABLE_REFERENCE]),
    ("a reference that is no text", ["a"], 3, {}, [Reason.UNREADABLE_REFERENCE]),
    ("a reference it cannot read", ["a", ""], "??", {}, [Reason.UNSUPPORTED_LANGUAGE] * 2),
    ("one of them it can", ["a"], ["??", "ref"], {}, [0.8]),
]
COSINES = {("a", "ref"): 0.8, ("b", "ref"): -0.2, ("a", "other"): 0.1, ("b", "other"): 0.6}


@pytest.mark.parametrize(("why", "texts", "reference", "params", "expected"), SIMILARITIES)
async def test_similarity(why, texts, reference, params, expected):
    encoder = FakeEncoder(COSINES, unreadable=("?", "??"), fault="late")
    asked = group(*texts, reference=reference)
    assert verdicts(await similarity(asked, encoder=encoder, **params)) == expected, why


async def test_similarity_asks_once_for_a_group():
    encoder = FakeEncoder(COSINES)
    await similarity(group("a", "b", reference="ref"), encoder=encoder)
    assert encoder.asked == [(("a", "b", "ref"), "ref")]


async def test_similarity_to_the_pictures_of_the_prompt():
    picture = Image(content=b"png", media_type="image/png", width=1, height=1)
    encoder = FakeEncoder({("a", b"png"): 0.3, ("b", b"png"): -0.1})
    asked = group("a", "b", " ", images=(picture,))
    assert verdicts(await similarity(asked, encoder=encoder, to="image")) == [0.3, 0.0, 0.0]
    blind = group("a", reference="ref")
    scores = await similarity(blind, encoder=encoder, to="image")
    assert verdicts(scores) == [Reason.NO_REFERENCE]


VECTOR = replace(CARD, aspects=("helpful", "harmless"))
REWARDS = [
    ("a raw output", CARD, (2.0,), {}, 2.0),
    ("a transform", CARD, (0.0,), {"transform": Sigmoid()}, 0.5),
    ("one aspect", VECTOR, (2.0, 0.5), {"aspect": "harmless"}, 0.5),
    ("all aspects", VECTOR, (2.0, 1.0), {}, 1.5),
    ("the most pessimistic", VECTOR, (2.0, 1.0), {"reduction": "min"}, 1.0),
    ("PAR", CARD, (1.2,), {"against": "reference_rewards"}, 0.703952),
]


@pytest.mark.parametrize(("why", "card", "values", "params", "expected"), REWARDS)
async def test_reward(why, card, values, params, expected):
    model = FakeModel(ModelScore(values=values), ModelScore(fault="completion_too_long"), card=card)
    asked = group("x", "y", metadata={"reference_rewards": [0.2, 1.2, -0.8]})
    scores = await reward(asked, reward_model=model, **params)
    assert verdicts(scores) == [pytest.approx(expected), Reason.COMPLETION_TOO_LONG], why


BASELINES = [
    ({}, Reason.NO_REFERENCE),
    ({"reference_rewards": []}, Reason.NO_REFERENCE),
    ({"reference_rewards": [True]}, Reason.UNREADABLE_REFERENCE),
    ({"reference_rewards": ["1"]}, Reason.UNREADABLE_REFERENCE),
    ({"reference_rewards": [10**400]}, Reason.UNREADABLE_REFERENCE),
]


@pytest.mark.parametrize(("metadata", "reason"), BASELINES)
async def test_par_needs_its_references(metadata, reason):
    asked = group("x", metadata=metadata)
    model = FakeModel(ModelScore(values=(1.0,)))
    scores = await reward(asked, reward_model=model, against="reference_rewards")
    assert verdicts(scores) == [reason]
    assert model.asked is None


async def test_an_unknown_aspect_is_named():
    with pytest.raises(ValueError, match=r"'kind'.*helpful, harmless"):
        await reward(group("x"), reward_model=FakeModel(card=VECTOR), aspect="kind")


PNG = Image(content=b"png", media_type="image/png", width=1, height=1)
SYSTEM = Message(role="system", parts=("be brief",))
PROMPTS = [
    ("text is one user turn", "hi", (), [("user", ("hi",))]),
    ("images come before it", "hi", (PNG, PNG), [("user", (0, 1, "hi"))]),
    (
        "images come before the first user text",
        (SYSTEM, Message(role="user", parts=("hi",))),
        (PNG,),
        [("system", ("be brief",)), ("user", (0, "hi"))],
    ),
    (
        "images stay where they were put",
        (Message(role="user", parts=("see", ImageRef(index=0), "?")),),
        (PNG,),
        [("user", ("see", 0, "?"))],
    ),
    ("no user turn", (SYSTEM,), (PNG,), [("user", (0,)), ("system", ("be brief",))]),
]


@pytest.mark.parametrize(("why", "prompt", "images", "expected"), PROMPTS)
def test_what_a_model_reads_of_a_prompt(why, prompt, images, expected):
    asked = conversations(group("x", prompt=prompt, images=images))
    assert [(turn.role, turn.parts) for turn in asked.prompt] == expected, why
    assert asked.images == tuple(image.content for image in images)


def test_what_a_model_reads_of_completions():
    turns = (
        Message(role="assistant", parts=("look up",)),
        Message(role="tool", parts=("42",)),
        Message(role="assistant", parts=("42",)),
    )
    asked = conversations(
        Group(
            id="g",
            size=2,
            samples=(
                Sample(completion="4</think>2", prefix="<think>"),
                Sample(completion=turns, prefix="<think>"),
            ),
        )
    )
    assert asked.completions[0] == (Turn(role="assistant", parts=("<think>4</think>2",)),)
    assert [turn.parts for turn in asked.completions[1]] == [
        ("<think>", "look up"),
        ("42",),
        ("42",),
    ]


async def test_an_ensemble_is_its_members_outputs():
    one = FakeModel(ModelScore(values=(1.0,)), ModelScore(values=(2.0,)))
    two = FakeModel(
        ModelScore(values=(0.1, 0.2)),
        ModelScore(fault="deadline"),
        card=replace(VECTOR, name="v", meaning="unit", max_tokens=100),
    )
    both = Ensemble([one, two])
    asked = Conversations(prompt=(), completions=((), ()))
    answers = await both.score(asked)
    assert [answer.values for answer in answers] == [(1.0, 0.1, 0.2), ()]
    assert answers[1].fault == "deadline"
    assert both.card.aspects == ("rm", "v.helpful", "v.harmless")
    assert (both.card.name, both.card.meaning, both.card.max_tokens) == ("rm+v", "raw", 100)
    scores = await reward(group("x", "y"), reward_model=both, reduction="min")
    assert verdicts(scores) == [0.1, Reason.DEADLINE]


@pytest.mark.parametrize(
    ("meanings", "expected"),
    [(("unit", "unit"), "unit"), (("unit", "p_correct"), "unit"), (("raw", "unit"), "raw")],
)
def test_what_an_ensembles_output_means(meanings, expected):
    members = [FakeModel(card=replace(CARD, meaning=meaning)) for meaning in meanings]
    assert Ensemble(members).card.meaning == expected
