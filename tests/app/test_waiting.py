"""Members that come twice, and groups whose ids the service made up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace

import httpx
import pytest

from harmo.app.assembly import Assembly
from harmo.app.engine import ScoredGroup
from harmo.app.errors import ServiceError
from harmo.app.samples import Received
from harmo.app.scored import ScoredMembers
from harmo.scorers.types import Group, Image, Message, Sample
from tests.app.clock import simulated
from tests.app.simulated import PATIENCE_S, SCORING_S, Trainer, members, room, trainer


def share(*members: str, size: int = 3) -> Received:
    """Members by id, each written as `id` or `id=text`."""
    pairs = [member.partition("=") for member in members]
    samples = tuple(Sample(completion=text or id) for id, _, text in pairs)
    group = Group(id="g", samples=samples, size=size, run="r", step=1)
    return Received(group=group, ids=tuple(i for i, _, _ in pairs), faults=(None,) * len(members))


def asking(asked: Received, **fields: object) -> Received:
    """The same members of a group that was asked something else."""
    samples = tuple(replace(sample, **fields) for sample in asked.group.samples)  # type: ignore[arg-type]
    return replace(asked, group=replace(asked.group, samples=samples))


def picture(content: bytes) -> Image:
    return Image(content=content, media_type="image/png", width=8, height=8)


class Service:
    """An assembly whose scores take a while, and what was scored."""

    def __init__(self, *, named: bool = True) -> None:
        self.assembly = Assembly(room(), clock=asyncio.get_running_loop().time)
        self.named = named
        self.scored: list[tuple[str, ...]] = []

    def ask(self, asked: Received) -> asyncio.Task[ScoredMembers]:
        return asyncio.create_task(self._ask(asked))

    async def _ask(self, asked: Received) -> ScoredMembers:
        key = ("", "rules", "r", asked.group.step, "train", asked.group.id)
        with self.assembly.visit(("", "r"), 1) as visit:
            return await self.assembly.score(
                key,
                asked,
                visit,
                wait_s=PATIENCE_S,
                deadline_s=1e6,
                score=self._score,
                named=self.named,
            )

    async def _score(self, whole: Received, until_s: float) -> ScoredGroup:
        self.scored.append(tuple(str(sample.completion) for sample in whole.group.samples))
        await asyncio.sleep(SCORING_S)
        return ScoredGroup(group=whole.group, scores=[[]] * len(whole.ids), reward=None)  # type: ignore[arg-type]


def rows(answers: Sequence[ScoredMembers]) -> list[list[int]]:
    """Which rows of their groups the members got."""
    return [list(answer.rows) for answer in answers]


@pytest.mark.parametrize(
    ("first_goes_s", "again_s", "why"),
    [
        (None, 1.0, "the first request is still there"),
        (0.5, 1.0, "its client has gone, and was seen to"),
        (1.5, 1.0, "its client is seen to have gone when the retry is here"),
        (None, 2.0 + SCORING_S / 2, "the group is whole by now and being scored"),
        (2.0 + SCORING_S / 2, 2.0 + SCORING_S / 4, "the same, and the first client goes"),
    ],
)
def test_a_member_that_is_sent_again_is_one_member(
    first_goes_s: float | None, again_s: float, why: str
) -> None:
    async def run() -> None:
        service = Service()
        first, other = service.ask(share("a", "b")), None
        loop = asyncio.get_running_loop()
        if first_goes_s is not None:
            loop.call_later(first_goes_s, first.cancel)
        again: list[asyncio.Task[ScoredMembers]] = []
        loop.call_later(again_s, lambda: again.append(service.ask(share("a", "b"))))
        await asyncio.sleep(2.0)
        other = service.ask(share("c"))
        answers = await asyncio.gather(first, other, return_exceptions=True)
        retried = await again[0]
        assert [retried.complete, retried.received.shortfall] == [True, None], why
        assert len(service.scored) == 1, why
        assert sorted(service.scored[0]) == ["a", "b", "c"], why
        assert [service.scored[0][row] for row in retried.rows] == ["a", "b"], why
        if first_goes_s is None:
            assert rows(answers) == [list(retried.rows), [2]], why  # type: ignore[arg-type]
        assert loop.time() < PATIENCE_S, why
        assert service.assembly.is_idle, why

    simulated(run())


def test_a_member_of_a_short_group_that_is_sent_again_while_it_is_scored_gets_its_scores() -> None:
    async def run() -> None:
        service = Service()
        first = service.ask(share("a", "b"))
        await asyncio.sleep(PATIENCE_S + SCORING_S / 2)
        again = await service.ask(share("a", "b"))
        assert service.scored == [("a", "b")]
        assert again.received.shortfall == (await first).received.shortfall is not None

    simulated(run())


def test_an_id_that_comes_again_with_another_text_is_refused() -> None:
    async def run() -> None:
        service = Service()
        first = service.ask(share("a"))
        await asyncio.sleep(1)
        for wrong in (share("a=other"), share("a", "b"), share("b", size=4), share("b", "c", "d")):
            with pytest.raises(ServiceError, match="group 'g' waits for 3 members"):
                await service.ask(wrong)
        whole = service.ask(share("b", "c"))
        assert rows(await asyncio.gather(first, whole)) == [[0], [1, 2]]

    simulated(run())


FIRST: dict[str, object] = {
    "prompt": (Message(role="user", parts=("1 + 1 = ?",)),),
    "prefix": "<think>",
    "images": (picture(b"one"),),
    "reference": ["2", {"unit": None}],
    "references": {"short": "2"},
    "constraints": [{"instruction_id": "change_case:english_lowercase"}],
    "task": "math",
    "metadata": {"source": "a"},
}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("field", "another", "why"),
    [
        ("prompt", "1 + 1 = ?", "text is not a turn"),
        ("prompt", (Message(role="user", parts=("3 + 3 = ?",)),), "another question"),
        ("prefix", "", "no think part was opened"),
        ("images", (picture(b"two"),), "another picture of the same size"),
        ("images", (), "none at all"),
        ("reference", ["6", {"unit": None}], "the same question out of another data set"),
        ("references", {"short": "6"}, "one of several references"),
        ("constraints", None, "nothing to follow"),
        ("task", "code", "another rule judges it"),
    ],
)
def test_who_asks_something_else_is_no_member_whatever_names_they_share(
    field: str,
    another: object,
    why: str,
    named: bool,
) -> None:
    """Two trainings that were given the same run name, or one that counts its prompts twice."""

    async def run() -> None:
        service = Service(named=named)
        first = service.ask(asking(share("a"), **FIRST))
        await asyncio.sleep(1)
        with pytest.raises(ServiceError, match=rf"'g'.*run 'r'.*differs in `{field}`"):
            await service.ask(asking(share("b"), **{**FIRST, field: another}))
        rest = service.ask(asking(share("c", "d"), **{**FIRST, "metadata": {"source": "b"}}))
        assert [each.complete for each in await asyncio.gather(first, rest)] == [True, True], why
        assert service.scored == [("a", "c", "d")], why
        assert service.assembly.is_idle, why

    simulated(run())


def test_who_asks_something_else_is_no_late_member_of_a_group_that_was_answered() -> None:
    async def run() -> None:
        service = Service()
        await service.ask(asking(share("a"), reference="2"))
        others = [service.ask(asking(share(id), reference="6")) for id in "xyz"]
        late = await service.ask(asking(share("b"), reference="2"))
        assert [each.complete for each in await asyncio.gather(*others)] == [True] * 3
        assert late.received.shortfall is not None, "and who is one is still known as one"
        assert sorted(service.scored) == [("a",), ("b",), ("x", "y", "z")]

    simulated(run())


def test_of_a_group_without_a_name_every_three_that_come_are_one() -> None:
    """OpenRLHF says nothing but the text: the same text from the same prompt is another member."""

    async def run() -> None:
        service = Service(named=False)
        texts = ["x", "x", "y", "x", "y", "x", "z"]
        asked = [service.ask(share(f"made-up={text}")) for text in texts]
        await asyncio.sleep(1)
        assert service.scored == [("x", "x", "y"), ("x", "y", "x")]
        assert [task.done() for task in asked] == [True] * 6 + [False]
        await asked[-1]
        assert asyncio.get_running_loop().time() == pytest.approx(PATIENCE_S, abs=1)

    simulated(run())


def test_what_is_too_much_for_a_group_without_a_name_opens_the_next() -> None:
    async def run() -> None:
        service = Service(named=False)
        asked = [service.ask(share(*texts)) for texts in ("ab", "cd", "e", "fgh")]
        answers = await asyncio.gather(*asked, service.ask(share("i", "j", size=2)))
        assert [answer.complete for answer in answers] == [False, True, True, True, True]
        assert service.scored == [("c", "d", "e"), ("f", "g", "h"), ("i", "j"), ("a", "b")]
        assert service.assembly.is_idle

    simulated(run())


def test_two_steps_of_a_prompt_without_a_name_are_two_groups_and_late_members_belong_to_none() -> (
    None
):
    async def run() -> None:
        service = Service(named=False)
        short = [service.ask(share("0"))]
        await asyncio.gather(*short)
        late = [await service.ask(share(text)) for text in "12"]
        assert [answer.complete for answer in late] == [False, False]
        assert asyncio.get_running_loop().time() < PATIENCE_S + 1, "they did not wait"
        asked = [service.ask(share(text)) for text in "345"]
        assert [answer.complete for answer in await asyncio.gather(*asked)] == [True] * 3
        assert service.scored == [("0",), ("1",), ("2",), ("3", "4", "5")]

    simulated(run())


async def test_a_trainer_that_sends_a_prompt_in_batches_of_any_size_is_never_refused(
    client: httpx.AsyncClient,
) -> None:
    asked = {"recipe": "rules", "run": "batches", "group_size": 3, "wait_for_group_ms": 1500}

    async def batch(size: int) -> list[float]:
        same = {"prompt": "2 + 2 = ?", "response": "\\boxed{4}", "ground_truth": "4"}
        answer = await client.post("/v1/rewards", json=[same] * size, params=asked)
        assert answer.status_code == 200, answer.text
        return [each["score"] for each in answer.json()]

    assert await asyncio.gather(*map(batch, (2, 2, 1))) == [[1.0, 1.0], [1.0, 1.0], [1.0]]


def test_every_member_of_a_group_that_is_sealed_is_told_so() -> None:
    async def run() -> None:
        asking = trainer()
        await asking.by_pool(3, [("g", id) for id in "01234567"])
        assert [answer.complete for answer in asking.answers] == [False] * 8
        assert [answer.cause for answer in asking.answers] == ["stalled"] * 3 + ["late"] * 5

    simulated(run())


@pytest.mark.parametrize("seed", range(30))
def test_whatever_comes_everyone_is_answered_in_time_and_nothing_of_it_stays(seed: int) -> None:
    chance = random.Random(seed)

    async def run() -> None:
        space = room(10_000, 10_000)
        assembly = Assembly(space, clock=asyncio.get_running_loop().time)
        asking = []
        for n in range(4):
            one = Trainer(assembly=assembly, run=chance.choice("rs"), size=chance.choice([2, 5, 8]))
            one.step, one.named = chance.choice([None, n]), chance.random() < 0.5
            # Groups of one run have one size each, and ids of their own, as those of a trainer.
            todo = [(f"{n}-{group}", id) for group, id in members(9, one.size, shuffled=seed)]
            todo += [member for member in todo if chance.random() < 0.05] if one.named else []
            written_s = [(member, chance.uniform(0, 150)) for member in todo]
            pool = chance.randrange(1, 10)
            work = one.at_once(written_s) if n % 2 else one.by_pool(pool, todo)
            asking.append(asyncio.create_task(work))
        if chance.random() < 0.3:
            asyncio.get_running_loop().call_later(chance.uniform(0, 200), asking[0].cancel)
        ended = await asyncio.gather(*asking, return_exceptions=True)
        assert all(e is None or isinstance(e, float | asyncio.CancelledError) for e in ended), ended
        assert assembly.is_idle
        assert (space.members.taken, space.bytes.taken) == (0, 0)

    simulated(run())
