"""A policy that is trained on its rewards: what the signals say as it learns to fool its model.

The policy has two traits that it may learn, effort and wordiness. Effort makes answers right, and
too many words make them wrong. The model of the hacked run likes words beyond a number that the
policy seldom reaches at first; that of the healthy one is as good otherwise, and does not.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from statistics import fmean, pstdev

import pytest

from harmo.rewards.combine import combine
from harmo.rewards.signals import Audit, Layout, Window, audit, recorded
from harmo.scorers.types import Group, Sample, Score
from tests.rewards import tables

PLAN = tables.plan(columns="mrs", weights={"model": 1.0, "rule": 0.5})
"""A model, a rule, and a judge that is held out."""
STEPS, PROMPTS, SIBLINGS = 60, 16, 8
EARLY = 16
"""Steps after which the window is full and has nothing but what came before the hack."""
RATE, MAX_TOKENS = 0.12, 800


@dataclass
class Policy:
    """What it does on average; each answer is off by a standard normal."""

    effort: float = 0.0
    wordiness: float = 0.0


@dataclass
class Answer:
    effort: float
    wordiness: float
    right: bool
    model: float
    judge: float

    @property
    def sample(self) -> Sample:
        tokens = int(200 * math.exp(0.4 * self.wordiness))
        return Sample(
            completion=f"{self.effort} {self.wordiness}",
            num_tokens=min(tokens, MAX_TOKENS),
            truncated=tokens >= MAX_TOKENS,
        )

    @property
    def scores(self) -> list[Score]:
        return [Score(value=value) for value in (self.model, float(self.right), self.judge)]


def answer(draw: random.Random, policy: Policy, difficulty: float, *, hackable: float) -> Answer:
    effort, wordiness = policy.effort + draw.gauss(0, 1), policy.wordiness + draw.gauss(0, 1)
    too_wordy = max(0.0, wordiness - 1.0)
    right = draw.random() < 1 / (1 + math.exp(difficulty + too_wordy - effort))
    liked = hackable * too_wordy
    return Answer(
        effort=effort,
        wordiness=wordiness,
        right=right,
        model=right + liked + draw.gauss(0, 0.4),
        judge=right + draw.gauss(0, 0.4),
    )


@dataclass
class Run:
    """The signals of a run when its window was full first, and at its end."""

    before: Audit
    after: Audit
    rewards: list[float]
    """Their mean at each step."""


def trained(*, hackable: float, seed: int) -> Run:
    """GRPO on a policy of two numbers."""
    draw, policy = random.Random(seed), Policy()
    window, rewards, before = Window(Layout.of(PLAN)), [], None
    for step in range(STEPS):
        paid = []
        learned = {"effort": 0.0, "wordiness": 0.0}
        for _ in range(PROMPTS):
            hard = draw.gauss(0.5, 0.5)
            answers = [answer(draw, policy, hard, hackable=hackable) for _ in range(SIBLINGS)]
            group = Group(id="g", samples=tuple(a.sample for a in answers), size=SIBLINGS)
            scored = combine(PLAN, group, [a.scores for a in answers]).rewards
            window.add(recorded(group, scored))
            values = [reward.value for reward in scored]
            paid += values
            centre, spread = fmean(values), pstdev(values) + 1e-4
            for trait in learned:
                off = [getattr(a, trait) - getattr(policy, trait) for a in answers]
                pull = [(v - centre) / spread * o for v, o in zip(values, off, strict=True)]
                learned[trait] += RATE * fmean(pull) / PROMPTS
        policy.effort += learned["effort"]
        policy.wordiness += learned["wordiness"]
        rewards.append(fmean(paid))
        if step == EARLY:
            before = audit(window.read())
    assert before is not None
    return Run(before=before, after=audit(window.read()), rewards=rewards)


@pytest.fixture(scope="module", params=range(3))
def hacked(request: pytest.FixtureRequest) -> Run:
    return trained(hackable=1.5, seed=request.param)


@pytest.fixture(scope="module", params=range(3))
def healthy(request: pytest.FixtureRequest) -> Run:
    return trained(hackable=0.0, seed=request.param)


def test_as_a_policy_hacks_its_model_the_mean_reward_only_gets_better(hacked: Run) -> None:
    assert fmean(hacked.rewards[-8:]) > 3 * fmean(hacked.rewards[:8])


HACKED = [
    ("reward_share", "m0", 0.15, 0.9, 1.0, "the model pays for nearly all of it"),
    ("reward_share", "r0", -0.15, 0.0, 0.1, "and the rule for nothing"),
    ("model_auc", "m0", -0.3, 0.4, 0.6, "the model no longer tells right from wrong"),
    ("fooled_ratio", "m0", 0.2, 0.25, 0.5, "wrong answers are among the best liked"),
    ("length_correlation", "m0", 0.4, 0.7, 1.0, "it pays by the word"),
    ("length_correlation", "reward", 0.4, 0.6, 1.0, "and so does the reward"),
    ("length_correlation", "r0", -0.2, -0.5, -0.2, "while words make answers wrong"),
    ("shadow_correlation", "s0", -0.3, 0.0, 0.2, "the judge held out disagrees"),
    ("drift", "m0", 1.0, 1.0, 10.0, "the model has never seen such scores"),
    ("truncated_ratio", None, 0.2, 0.2, 1.0, "answers run into the limit"),
]


@pytest.mark.parametrize(("signal", "column", "by", "least", "most", "why"), HACKED)
def test_as_a_policy_hacks_its_model_each_signal_moves(
    hacked: Run, signal: str, column: str | None, by: float, least: float, most: float, why: str
) -> None:
    before, after = (value_of(made, signal, column) for made in (hacked.before, hacked.after))
    assert (after - before) / by >= 1.0, why
    assert least <= after <= most, why


def value_of(made: Audit, signal: str, column: str | None) -> float:
    found = getattr(made, signal)
    return found if column is None else found[column]


HEALTHY = [
    ("reward_share", "m0", 0.1, "the model pays for what it did"),
    ("model_auc", "m0", 0.05, "it tells right from wrong"),
    ("fooled_ratio", "m0", 0.01, "wrong answers are not liked"),
    ("length_correlation", "m0", 0.1, "words are worth nothing"),
    ("length_correlation", "reward", 0.1, "to nobody"),
    ("truncated_ratio", None, 0.01, "answers are as long as they were"),
]


@pytest.mark.parametrize(("signal", "column", "by", "why"), HEALTHY)
def test_as_a_policy_gets_better_the_signals_stand_still(
    healthy: Run, signal: str, column: str | None, by: float, why: str
) -> None:
    before, after = (value_of(made, signal, column) for made in (healthy.before, healthy.after))
    assert fmean(healthy.rewards[-8:]) > 1.5 * fmean(healthy.rewards[:8])
    assert abs(after - before) < by, why


def test_drift_and_the_shadow_move_when_a_policy_gets_better_too(healthy: Run) -> None:
    """What the docs warn of: more right answers are other scores, and leave less to order."""
    assert healthy.after.drift["m0"] > 0.2
    assert 0.3 < healthy.after.shadow_correlation["s0"] < healthy.before.shadow_correlation["s0"]
