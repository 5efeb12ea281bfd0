"""The made store is what it says: real rewards, a hacked run, and details as scorers write them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.rewards.combine import combine
from harmo.scorers import registry
from harmo.scorers.types import ZERO_VARIANCE, Sample
from tests.audit.hostile import HOSTILE
from tests.audit.made import made_groups, made_plan, made_store


@pytest.fixture(scope="module")
def groups() -> list[KeptGroup]:
    return list(made_groups())


def test_rewards_are_what_its_recipe_makes_of_the_scores(groups: list[KeptGroup]) -> None:
    plan = made_plan()
    for kept in groups[::7]:
        scores = [reward.scores for reward in kept.rewards]
        combined = combine(plan, kept.group, scores)
        assert combined.rewards == kept.rewards
        assert combined.weights == kept.weights


def test_in_the_last_run_the_reward_rises_while_correctness_falls(tmp_path: Path) -> None:
    made_store(tmp_path)
    with closing(Reader(tmp_path)) as reader:
        (table,) = reader.tables(Query(run="exp-2", split="train"))
    steps = table.steps_G[table.group_N]
    middle, late = (steps > 24) & (steps <= 36), steps > 48
    assert np.nanmean(table.rewards_N[late]) > np.nanmean(table.rewards_N[middle]) + 0.05
    assert np.nanmean(table.correct_N[late]) < np.nanmean(table.correct_N[middle]) - 0.05


def test_there_is_something_of_everything(groups: list[KeptGroup]) -> None:
    reasons = {r.reason.value for g in groups for r in g.rewards if r.reason is not None}
    assert reasons >= {"deadline", "unknown_task", "no_reference", "completion_too_long"}
    assert any(sample.truncated for g in groups for sample in g.group.samples)
    assert any(g.faults.count(None) < len(g.faults) for g in groups)
    assert any(not g.group.complete for g in groups)
    assert {g.group.split for g in groups} == {"train", "eval"}
    assert any(isinstance(sample.completion, tuple) for g in groups for sample in g.group.samples)
    values = [[r.value for r in g.rewards if r.value is not None] for g in groups]
    assert sum(max(v) - min(v) < ZERO_VARIANCE for v in values if len(v) > 1) > 20


def test_details_have_the_form_of_real_ones(groups: list[KeptGroup]) -> None:
    registry.load()
    kept = next(g for g in groups if g.group.samples[0].constraints and g.rewards[0].value)
    sample = kept.group.samples[0]
    for k, column in enumerate(made_plan().columns):
        name = column.scorer.spec.name
        if name in ("model.similarity", "length.cosine"):
            continue
        spec, params = column.scorer.spec, column.scorer.params
        found = spec.fn(sample, **params)
        if not hasattr(found, "detail"):
            found = found.spec.fn(
                Sample(completion="12", reference="12", task=sample.task), **found.params
            )
        drawn = set(kept.rewards[0].scores[k].detail)
        assert set(found.detail) - {"why", "number"} <= drawn | {"why"}, name


def test_same_seed_same_store(groups: list[KeptGroup]) -> None:
    assert list(made_groups(groups=30)) == list(made_groups(groups=30))
    assert list(made_groups(groups=30, seed=1)) != list(made_groups(groups=30))


def test_hostile_texts_and_pictures_come_on_request() -> None:
    made = list(made_groups(groups=120, hostile=True, pictures=True))
    written = [s.completion for g in made for s in g.group.samples if isinstance(s.completion, str)]
    for name, text in HOSTILE.items():
        assert any(text in each for each in written), name
    assert all(s.images[0].content.startswith(b"\x89PNG") for g in made for s in g.group.samples)
