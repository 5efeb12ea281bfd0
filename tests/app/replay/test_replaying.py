"""A store that a service wrote, replayed: its own recipe pays the same, or it is said why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harmo import Sample, Score, scorer
from harmo.app.hosting import Hosting
from harmo.app.replay.comparing import GONE, NO_TEXTS
from harmo.app.replay.replaying import ReplayError
from harmo.app.replay.report import Report, as_json, verdicts
from harmo.app.replay.results import FILE, ResultsError
from harmo.audit.prune import Bounds, prune
from harmo.audit.query import Query
from harmo.audit.read import Reader
from harmo.audit.records import KeptGroup
from harmo.audit.write import Writer
from harmo.models.base import Conversations, ModelScore
from harmo.rewards.combine import combine
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import RecipeError
from harmo.scorers.types import Image, Reason
from tests.app.fakes import FakeRewardModel
from tests.app.replay import served
from tests.app.replay.groups import kept_recipe
from tests.app.replay.served import RECIPE, recipe, replay

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEEN: list[str] = []


@scorer("aspect.seen", on_loop=True)
def seen(sample: Sample) -> Score:
    """1.0, and remembers what it saw."""
    SEEN.append(sample.text)
    return Score(value=1.0)


@scorer("aspect.broken_once", on_loop=True)
def broken_once(sample: Sample) -> Score:
    """Raises the first time that it sees a text."""
    if sample.text not in SEEN:
        SEEN.append(sample.text)
        raise ZeroDivisionError
    return Score(value=1.0)


@scorer("aspect.redness", on_loop=True)
def redness(sample: Sample) -> Score:
    """How many hundred bytes the pictures have."""
    return Score(value=sum(len(image.content) for image in sample.images) / 100)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    SEEN.clear()
    yield
    SEEN.clear()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of twelve groups in six steps, and four odd ones."""
    folder = tmp_path_factory.mktemp("served") / "store"
    odd = {"run": "exp", "step": 9, "groups": served.odd_groups()}
    await served.serve_into(folder, *served.requests(), odd)
    return folder


def causes(report: Report) -> str:
    (said,) = verdicts(report)
    return said.partition("rewards are other: ")[2]


async def test_under_its_own_recipe_a_store_has_the_same_rewards(store, tmp_path):
    report = await replay(store, recipe(), to=tmp_path / "to")
    changes = report.tally.changes
    assert (changes.groups, changes.other_rewards, changes.largest_change) == (16, 0, 0.0)
    assert report.versions[0].columns["kept"] == [
        "judge", "answer", "aspect.format", "length.cosine", "length.kimi", "aspect.repetition",
    ]  # fmt: skip
    assert "the same rewards" in next(verdicts(report))
    assert not (tmp_path / "to").exists(), "nothing was scored, so nothing is written"


async def test_and_so_it_has_where_all_is_scored_again(store, tmp_path):
    report = await replay(store, recipe(), rescore=True, to=tmp_path / "to")
    changes = report.tally.changes
    assert (changes.groups, changes.other_rewards) == (16, 0)
    assert changes.largest_change < 1e-6
    assert report.versions[0].scorers == "same"
    assert report.scorer_version == report.versions[0].job.recipe.scorer_version
    assert "the same rewards" in next(verdicts(report))
    assert {name: c.other_scores for name, c in report.tally.columns.items()} == dict.fromkeys(
        ("judge", "answer", "aspect.format", "length.cosine", "length.kimi", "aspect.repetition"), 0
    )


async def test_and_so_it_has_under_a_gate_where_what_is_cut_is_wrong(tmp_path):
    fields = {"combine": "gate", "on_truncated": "wrong"}
    own = {**RECIPE, **fields}
    odd = {"run": "exp", "step": 9, "groups": served.odd_groups()}
    await served.serve_into(tmp_path / "store", *served.requests(count=1), odd, recipe=own)
    for rescore in (False, True):
        report = await replay(tmp_path / "store", recipe(**fields), rescore=rescore)
        assert report.tally.changes.groups == 6
        assert report.tally.changes.other_rewards == 0
        assert report.tally.changes.largest_change < 1e-6


async def test_a_store_is_not_written_into(store, tmp_path):
    def digests() -> dict[str, str]:
        files = (path for path in store.iterdir() if not path.name.endswith(("-shm", "-wal")))
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = digests()
    await replay(store, recipe(), rescore=True, to=tmp_path)
    assert digests() == before


async def test_scores_lie_beside_the_store_unless_it_is_said_where(store, tmp_path):
    copy = served.rewritten(store, tmp_path / "audit", lambda kept: kept)
    await replay(copy, recipe(aspect=[{"scorer": "aspect.seen"}]))
    assert (tmp_path / "audit.replay" / FILE).is_file()


async def test_a_recipe_that_is_another_is_named(store):
    report = await replay(store, recipe(weights={**RECIPE["weights"], "model": 0.0}))
    assert causes(report).startswith("the recipe is now served sha256:")
    assert "scorer_version" not in causes(report)
    assert report.tally.columns["judge"].paid_after == 0.0


class OtherModel(FakeRewardModel):
    """Other weights, other scores."""

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        scores = await super().score(group, deadline_s=deadline_s)
        return [replace(score, values=(score.values[0] + 1.0,)) for score in scores]


async def test_code_or_weights_that_are_others_are_named_with_the_column(store, tmp_path):
    def models() -> Hosting:
        model = OtherModel("fake")
        model.card = replace(model.card, version="sha256:other")
        return Hosting(models={"fake": model})

    report = await replay(store, recipe(), rescore=True, to=tmp_path, models=models)
    assert report.tally.changes.other_rewards > 0
    assert "scorer_version was sha256:" in causes(report)
    assert causes(report).endswith("other scores come from judge")
    assert "the recipe" not in causes(report)


def miskept(kept: KeptGroup) -> KeptGroup:
    """As if the format had been scored otherwise."""
    first, *others = kept.rewards
    if first.value is None:
        return kept
    scores = (*first.scores[:2], Score(value=0.25), *first.scores[3:])
    first = replace(first, value=first.value + 1.0, scores=scores)
    return replace(kept, rewards=(first, *others))


async def test_a_column_that_gives_other_scores_under_the_same_version_is_named(store, tmp_path):
    copy = served.rewritten(store, tmp_path / "store", miskept)
    report = await replay(copy, recipe(), rescore=True, query=Query(steps=(0, 0)))
    assert causes(report) == "other scores come from aspect.format"


async def test_only_what_changed_is_scored(store, tmp_path):
    new = {"aspect": [*RECIPE["aspect"], {"scorer": "aspect.seen"}]}
    report = await replay(store, recipe(**new), to=tmp_path, models=Hosting)
    (version,) = report.versions
    assert version.columns["scored"] == ["aspect.seen"]
    assert version.scorers == "not compared", "the model is not loaded, and need not be"
    members = sum(group.groups for group in report.versions)
    assert len(SEEN) > members
    assert report.tally.columns["aspect.seen"].newly_scored == len(SEEN)


async def test_a_model_that_a_new_column_needs_is_asked_for(store, tmp_path):
    new = {"model": [{"scorer": "model.similarity", "name": "near", "reference": "caption"}]}
    new["model"][0]["params"] = {"encoder": "mine"}
    with pytest.raises(RecipeError, match="--encoder"):
        await replay(store, recipe(**new), to=tmp_path)


async def test_what_serve_refuses_is_refused(store):
    with pytest.raises(RecipeError, match="is refused"):
        await replay(store, recipe(allow_inversion=False))


async def test_a_mode_that_the_stored_model_was_not_fitted_for_is_said(store):
    """The stored outputs are raw, whatever is hosted by that name now or is not."""
    report = await replay(store, recipe(accuracy="fallback", weights={}), models=Hosting)
    (note,) = report.notes
    assert "must be a fitted P(correct): judge gives none" in note


async def test_a_replay_that_was_cut_short_goes_on(store, tmp_path):
    """Steps 0 to 2 are done: of the rest only the rest is scored."""
    new = {"aspect": [{"scorer": "aspect.seen"}]}
    told: list[tuple[str, int]] = []
    some = Query(steps=(0, 2))
    await replay(store, recipe(**new), query=some, to=tmp_path, told=told)
    first, SEEN[:] = list(SEEN), []
    whole = await replay(store, recipe(**new), to=tmp_path, told=told)
    assert told == [("scoring", 30), ("comparing", 30), ("scoring", 51), ("comparing", 81)]
    second, SEEN[:] = list(SEEN), []
    assert (len(first), len(second)) == (30, 50), "the 51st was too long to be scored"
    again = await replay(store, recipe(**new), to=tmp_path, told=told)
    assert SEEN == []
    assert told[4:] == [("comparing", 81)]
    assert as_json(again)["changes"] == as_json(whole)["changes"]


async def test_other_weights_find_the_scores_of_an_earlier_replay(store, tmp_path):
    new = {"aspect": [{"scorer": "aspect.seen"}]}
    await replay(store, recipe(**new), to=tmp_path)
    SEEN.clear()
    await replay(store, recipe(**new, combine="gate"), to=tmp_path)
    assert SEEN == []


async def test_what_the_service_failed_at_is_asked_again(store, tmp_path):
    new = {"aspect": [{"scorer": "aspect.broken_once"}]}
    first = await replay(store, recipe(**new), query=Query(steps=(0, 0)), to=tmp_path)
    assert first.tally.columns["aspect.broken_once"].scored_after == 2
    again = await replay(store, recipe(**new), query=Query(steps=(0, 0)), to=tmp_path)
    assert again.tally.columns["aspect.broken_once"].scored_after == 10


def hashed(kept: KeptGroup) -> KeptGroup:
    """Kept with `audit_texts: hash` up to step 1."""
    early = kept.group.step is not None and kept.group.step < 2
    return replace(kept, texts="hash") if early else kept


async def test_texts_that_were_not_kept_are_said_and_left_out(store, tmp_path):
    copy = served.rewritten(store, tmp_path / "store", hashed)
    report = await replay(copy, recipe(aspect=[{"scorer": "aspect.seen"}]))
    assert report.skipped == {NO_TEXTS: 4}
    assert report.skipped_completions == 20
    assert report.tally.changes.groups == 12
    weights = await replay(copy, recipe(combine="gate"))
    assert weights.skipped == {}
    assert weights.tally.changes.groups == 16, "numbers are enough"


async def test_a_length_term_gets_the_metadata_it_looks_into(store, tmp_path):
    def targeted(kept: KeptGroup) -> KeptGroup:
        samples = [replace(s, metadata={"target_tokens": 100}) for s in kept.group.samples]
        return hashed(replace(kept, group=replace(kept.group, samples=tuple(samples))))

    copy = served.rewritten(store, tmp_path / "store", targeted)
    some = Query(steps=(0, 3))
    report = await replay(copy, recipe(length=[{"scorer": "length.l1_exact"}]), query=some)
    assert report.skipped == {NO_TEXTS: 4}
    assert report.tally.columns["length.l1_exact"].scored_after == 20
    assert report.tally.columns["length.l1_exact"].mean_score_after < 0.0


async def test_pictures_are_read_where_a_column_needs_them(store, tmp_path):
    image = Image(content=b"\x89PNG" * 5, media_type="image/png", width=8, height=8)

    def pictured(kept: KeptGroup) -> KeptGroup:
        samples = [replace(sample, images=(image,)) for sample in kept.group.samples]
        return replace(kept, group=replace(kept.group, samples=tuple(samples)))

    copy = served.rewritten(store, tmp_path / "store", pictured)
    some = Query(steps=(0, 0))
    report = await replay(copy, recipe(aspect=[{"scorer": "aspect.redness"}]), query=some)
    assert report.tally.columns["aspect.redness"].mean_score_after == 0.2


async def test_several_versions_of_a_run_are_replayed_together(store, tmp_path):
    """One has the column, the other has not; each is compared with its own rewards."""
    bare = compile_recipe(recipe(aspect=[]))

    def earlier(kept: KeptGroup) -> KeptGroup:
        return barely(kept, bare) if kept.group.step == 0 else kept

    copy = served.rewritten(store, tmp_path / "store", earlier)
    report = await replay(copy, recipe(), query=Query(steps=(0, 2)))
    bare_version, own_version = report.versions
    assert bare_version.columns["scored"] == ["aspect.format"]
    assert (own_version.columns["scored"], own_version.same_recipe) == ([], True)
    assert own_version.changes.other_rewards == 0
    assert bare_version.changes.other_rewards > 0
    assert report.tally.changes.groups == 6
    assert len(list(verdicts(report))) == 2


def barely(kept: KeptGroup, bare: Plan) -> KeptGroup:
    """As a recipe without the aspect would have left it."""
    rows = [[*reward.scores[:2], *reward.scores[3:]] for reward in kept.rewards]
    combined = combine(bare, kept.group, rows)
    return replace(
        kept,
        recipe=kept_recipe(bare, scorer_version=kept.recipe.scorer_version),
        weights=combined.weights,
        rewards=combined.rewards,
    )


async def test_the_run_steps_task_and_split_are_those_asked(store):
    assert (await replay(store, recipe(), query=Query(steps=(1, 2)))).tally.changes.groups == 4
    assert (await replay(store, recipe(), query=Query(task="riddle"))).tally.changes.groups == 1
    with pytest.raises(ReplayError, match="runs: 'exp'"):
        await replay(store, recipe(), query=Query(run="other"))


async def test_unscored_completions_keep_their_reasons(store):
    rows: list[tuple[Reason | None, ...]] = []

    class Reasons:
        def begin(self, jobs: object) -> None: ...

        def take(self, kept: Any, rewards: Any, compared: object) -> None:
            rows.extend(tuple(r.reason for r in group) for group in rewards)

    await replay(store, recipe(), sink=Reasons())
    piece, unreferenced, riddle, over_long = rows[-4:]
    assert set(piece) == {None}
    assert set(unreferenced) == {None}, "the model alone may judge"
    assert set(riddle) == {Reason.UNKNOWN_TASK}
    assert over_long[-1] is Reason.COMPLETION_TOO_LONG


async def test_what_a_service_adds_meanwhile_is_left_out(store, tmp_path):
    """Groups of a version that nobody counted would have no job."""
    copy = tmp_path / "store"
    with_texts = list(Reader(store).groups(Query()))
    writer = Writer(copy)
    writer.write(with_texts[:3])

    class Adds:
        def begin(self, jobs: object) -> None:
            writer.write(with_texts[3:])

        def take(self, *block: object) -> None: ...

    report = await replay(copy, recipe(), sink=Adds())
    writer.close()
    assert report.tally.changes.groups == 3


async def test_what_is_pruned_meanwhile_is_counted(store, tmp_path):
    """The first of two runs leaves between the count and the comparison."""
    copy, groups = tmp_path / "store", list(Reader(store).groups(Query()))
    writer = Writer(copy)
    for run in ("early", "late"):
        writer.write([replace(kept, group=replace(kept.group, run=run)) for kept in groups])

    class Prunes:
        def begin(self, jobs: object) -> None:
            prune(writer, Bounds(max_bytes=1), now_s=groups[0].scored_at_s)

        def take(self, *block: object) -> None: ...

    report = await replay(copy, recipe(), sink=Prunes())
    writer.close()
    assert report.tally.changes.groups == len(groups)
    assert report.skipped == {GONE: len(groups)}
    assert report.skipped_completions == sum(len(kept.rewards) for kept in groups)


async def test_a_folder_inside_the_store_is_refused(store):
    for to in (store, store / "replay"):
        with pytest.raises(ResultsError, match="nothing is written into a store"):
            await replay(store, recipe(), rescore=True, to=to)
    assert not (store / "replay").exists()


async def test_the_most_changed_groups_lead_to_their_pages(store):
    report = await replay(store, recipe(weights={**RECIPE["weights"], "rule": 0.01}))
    told = as_json(report, console="http://wall:8080/")
    groups = told["most_changed"]
    assert isinstance(groups, list)
    assert groups[0]["page"] == f"http://wall:8080/group/{groups[0]['number']}"
    assert groups[0]["run"] == "exp"
    assert [g["moved"] for g in groups] == sorted((g["moved"] for g in groups), reverse=True)
