"""The signals of stored groups: as the service had them, and over a whole run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from harmo.audit.query import Query
from harmo.audit.read import Reader
from harmo.rewards.combine import GroupReward, combine
from harmo.rewards.plan import Plan
from harmo.rewards.signals import MEANINGS, Audit, Bounds, Layout, Window, audit, recorded, series
from harmo.rewards.signals.record import text_key
from harmo.rewards.signals.stored import digest_key, stored
from harmo.scorers.types import Family, Group, Reason, Sample, Score
from tests.audit.made import made_plan, made_store
from tests.rewards import tables

NAN = float("nan")
PLANS = [
    ({"columns": "mrals"}, "a sum with every family and a shadow"),
    ({"columns": "mrr", "combine": "gate"}, "an interaction, and two rules that share"),
    ({"columns": "mral", "combine": "lexicographic"}, "all weights muted"),
    ({"columns": "mra", "combine": "hero", "p_correct": True}, "the model muted"),
    ({"columns": "ms"}, "only a shadow judges"),
    ({"columns": "ml"}, "nothing judges"),
    ({"columns": "mras", "on_truncated": "wrong"}, "truncated ones are wrong"),
]


@dataclass
class Scored:
    group: Group
    given: list[list[Score]]
    """What the scorers gave."""
    paid: GroupReward


def drawn(plan: Plan, seed: int, *, count: int, per_step: int = 4) -> list[Scored]:
    """Groups with abstentions, repeated texts, truncated completions and one that is in pieces."""
    draw = random.Random(seed)
    made = []
    for g in range(count):
        members = draw.randint(2, 8)
        samples = tuple(
            Sample(
                completion=f"text {draw.randint(0, 6)}",
                num_tokens=draw.randint(1, 100),
                truncated=draw.random() < 0.15,
            )
            for _ in range(members)
        )
        size = members + (g % 7 == 3)
        group = Group(id=str(g), samples=samples, size=size, step=g // per_step)
        given = [[cell(draw) for _ in plan.columns] for _ in samples]
        made.append(Scored(group, given, combine(plan, group, given)))
    return made


def cell(draw: random.Random) -> Score:
    if draw.random() < 0.04:
        return Score.abstain(Reason.DEADLINE)
    return Score(value=draw.choice([0.0, 0.25, 0.5, 1.0]))


def block(groups: Sequence[Scored], steps: Sequence[float] | None = None) -> SimpleNamespace:
    """What a store gives of them: scores from before truncation is applied."""
    given = [row for scored in groups for row in scored.given]
    rewards = [reward for scored in groups for reward in scored.paid.rewards]
    samples = [sample for scored in groups for sample in scored.group.samples]
    return SimpleNamespace(
        steps_G=np.array([s.group.step for s in groups] if steps is None else steps, float),
        sizes_G=np.array([s.group.size for s in groups]),
        group_N=np.repeat(np.arange(len(groups)), [len(s.group.samples) for s in groups]),
        rewards_N=np.array([NAN if r.value is None else r.value for r in rewards]),
        tokens_N=np.array([sample.num_tokens for sample in samples], float),
        truncated_N=np.array([sample.truncated for sample in samples]),
        scores_NK=np.array([[NAN if s.value is None else s.value for s in row] for row in given]),
        contributions_NC=np.array([r.contributions for r in rewards]),
    )


def keys(groups: Sequence[Scored]) -> np.ndarray:
    return np.array([text_key(sample) for scored in groups for sample in scored.group.samples])


def layout_of(plan: Plan, width: int) -> Layout:
    recipe = plan.recipe.model_dump(mode="json")
    return Layout.stored(plan.columns, recipe, contributions=width)


@pytest.mark.parametrize(("made", "why"), PLANS, ids=[why for _, why in PLANS])
def test_what_is_stored_says_what_the_service_said(made, why):
    plan = tables.plan(**made)
    groups = drawn(plan, 1, count=160)
    blocks = [block(groups[:50]), block(groups[50:51]), block(groups[51:])]
    layout = layout_of(plan, len(groups[0].paid.rewards[0].contributions))
    assert replace(layout, cut=()) == Layout.of(plan)
    for point in series(layout, blocks, texts=keys(groups), points=9, groups=64):
        window = Window(Layout.of(plan), Bounds(groups=64))
        for scored in groups[: int(point.last + 1) * 4]:
            window.add(recorded(scored.group, scored.paid.rewards))
        assert same(point.audit, audit(window.read())), why


def same(one: Audit, other: Audit) -> bool:
    told = [(getattr(one, f.name), getattr(other, f.name)) for f in fields(Audit)]
    return all(a is b or a == pytest.approx(b, rel=1e-12) for a, b in told)


def test_drift_is_against_the_first_scores_of_the_run():
    plan = tables.plan(columns="mr")
    groups = drawn(plan, 2, count=600)
    last = series(Layout.of(plan), [block(groups)], points=3)[-1]
    window = Window(Layout.of(plan))
    for scored in groups:
        window.add(recorded(scored.group, scored.paid.rewards))
    assert last.audit.drift == pytest.approx(audit(window.read()).drift)
    assert "m0" in last.audit.drift


def test_a_recipe_that_cannot_be_read_leaves_the_columns():
    columns = [
        SimpleNamespace(name="kind", family=Family.MODEL, shadow=False),
        SimpleNamespace(name="answer", family=Family.RULE, shadow=False),
        SimpleNamespace(name="other", family=Family.RULE, shadow=False),
        SimpleNamespace(name="judge", family=Family.RULE, shadow=True),
    ]
    layout = Layout.stored(columns, {"combine": "of another year"}, contributions=5)
    assert layout.paid == {0: "kind", 1: "answer", 2: "other", 4: "combine.interaction"}
    assert layout.judges == {1: 0.5, 2: 0.5}
    assert (layout.models, layout.shadows, layout.contributions) == ((0,), (3,), 5)


def test_a_store_gives_the_signals_of_its_runs(tmp_path):
    """A store's own tables go in as they are, and the numbers are those of its groups."""
    made_store(tmp_path, groups=1000)
    reader = Reader(tmp_path)
    (recipe,) = reader.recipes("exp-2")
    tables = list(reader.tables(Query(run="exp-2", split="train")))
    layout = Layout.stored(
        recipe.columns, recipe.recipe, contributions=tables[0].contributions_NC.shape[1]
    )
    points = series(layout, tables, points=4, groups=100)
    assert layout == Layout.of(made_plan())
    assert [point.audit.groups for point in points] == [120] * 4
    window = Window(layout, Bounds(groups=120))
    for kept in reader.groups(Query(run="exp-2", split="train")):
        window.add(recorded(kept.group, kept.rewards))
    served, shown = audit(window.read()), points[-1].audit
    # Where a sibling has no token count the service counts characters, which no table has.
    for name, rho in served.length_correlation.items():
        assert shown.length_correlation[name] == pytest.approx(rho, abs=0.02)
    told = {"duplicate_siblings_ratio": None, "length_correlation": shown.length_correlation}
    assert same(replace(served, **told), shown)
    assert set(shown.model_auc) == {"model.similarity"}


ENDS = [
    ([0, 0, 1, 1, 2, 2], 60, 4, [(0, 0), (0, 1), (1, 2)], "a point a step, over the last four"),
    ([0, 0, 1, 1, 2, 2], 1, 2, [(0, 2)], "one point has them all"),
    ([0] * 6, 60, 2, [(0, 0)], "a step is not cut"),
    (range(10), 5, 1, [(0, 1), (2, 3), (4, 5), (6, 7), (8, 9)], "wider, so that all count"),
    ([2, 0, 1, 0, 2, 1], 60, 2, [(0, 0), (1, 1), (2, 2)], "steps come out of order"),
    ([0, NAN, 1, NAN], 60, 9, [(0, 0), (0, 1)], "groups without a step are left out"),
    ([NAN, NAN], 60, 9, [], "no step at all"),
    ([], 60, 9, [], "no groups"),
]


@pytest.mark.parametrize(("steps", "points", "width", "expected", "why"), ENDS)
def test_windows_end_with_steps_and_leave_no_group_out(steps, points, width, expected, why):
    plan = tables.plan(columns="mr")
    steps = list(steps)
    found = series(
        Layout.of(plan),
        [block(drawn(plan, 3, count=len(steps)), steps)] if steps else [],
        points=points,
        groups=width,
    )
    assert [(point.first, point.last) for point in found] == expected, why


def test_groups_of_one_step_stay_in_order_and_keep_their_samples_together():
    plan = tables.plan(columns="mr")
    groups = drawn(plan, 4, count=5)
    run = stored(Layout.of(plan), [block(groups, [1, 0, NAN, 1, 0])])
    rewards = [block([groups[g]]).rewards_N for g in (1, 4, 0, 3)]
    assert run.steps.tolist() == [0, 0, 1, 1]
    np.testing.assert_array_equal(run.samples.rewards, np.concatenate(rewards))
    assert (np.diff(run.samples.groups) >= 0).all()


def test_nothing_is_said_of_duplicates_where_nobody_read_the_texts():
    plan = tables.plan(columns="mr")
    groups = drawn(plan, 5, count=64)
    unread = series(Layout.of(plan), [block(groups)])[-1].audit
    assert unread.duplicate_siblings_ratio is None
    alike = np.zeros(len(block(groups).rewards_N))
    said = series(Layout.of(plan), [block(groups)], texts=alike)[-1].audit
    assert said.duplicate_siblings_ratio == 1.0


def test_a_digest_has_a_key_of_its_own():
    assert digest_key("0" * 63 + "1") == digest_key("0" * 64)  # beyond 52 bits nobody looks
    assert digest_key("f" * 64) == float(2**52 - 1)
    assert digest_key("a" * 64) != digest_key("ab" * 32)


def test_every_signal_has_its_sentence_and_the_docs_have_the_same():
    signals = [f.name for f in fields(Audit) if f.name != "groups"]
    assert sorted(MEANINGS) == sorted(signals)
    docs = " ".join(Path("docs/signals.md").read_text().split())
    for name, meaning in MEANINGS.items():
        assert f"- `{name}`: {meaning.sentence}" in docs, "docs/signals.md says it differently"
        for word in ("predict", "will be", "early", "warn"):
            assert word not in meaning.sentence, f"{name} promises"
