"""Several models as one: outputs side by side, a fault of any is the fault of all."""

from __future__ import annotations

import pytest

from harmo.models.base import Conversations, Fault, ModelCard, ModelScore, Rung
from harmo.models.ensemble import Ensemble


class Told:
    """A model that gives what it was told to, and remembers its deadline."""

    def __init__(self, *scores: ModelScore, **fields: object) -> None:
        self.scores, self.deadline_s, self.closed = list(scores), None, False
        card = {
            "name": "rm",
            "head": "scalar",
            "aspects": ("reward",),
            "meaning": "raw",
            "images": True,
            "max_tokens": 512,
            "rung": Rung.TREE,
            "version": "sha256:0",
            "device": "cpu",
        }
        self.card = ModelCard(**card | fields)

    async def score(self, group: Conversations, *, deadline_s: float | None = None):
        self.deadline_s = deadline_s
        return self.scores

    async def shown(self, group: Conversations):
        return [{"tokens": at} for at, _ in enumerate(group.completions)]

    async def close(self) -> None:
        self.closed = True


GROUP = Conversations(prompt=(), completions=((), ()))


async def test_outputs_stand_side_by_side() -> None:
    one = Told(ModelScore(values=(1.0,)), ModelScore(values=(2.0,)))
    two = Told(ModelScore(values=(0.1, 0.2)), ModelScore(values=(0.3, 0.4)))
    answers = await Ensemble([one, two]).score(GROUP, deadline_s=7.0)
    assert [answer.values for answer in answers] == [(1.0, 0.1, 0.2), (2.0, 0.3, 0.4)]
    assert one.deadline_s == two.deadline_s == 7.0


async def test_a_members_fault_is_the_completions() -> None:
    one = Told(ModelScore(values=(1.0,)), ModelScore(values=(2.0,)))
    two = Told(ModelScore(fault=Fault.DEADLINE), ModelScore(values=(3.0,)))
    first, second = await Ensemble([one, two]).score(GROUP)
    assert (first.fault, first.values) == (Fault.DEADLINE, ())
    assert (second.fault, second.values) == (None, (2.0, 3.0))


async def test_a_fault_says_what_its_member_says() -> None:
    too_long = ModelScore(fault=Fault.COMPLETION_TOO_LONG, detail={"tokens": 600})
    fine = ModelScore(values=(1.0,))
    first, _ = await Ensemble([Told(fine, fine), Told(too_long, fine)]).score(GROUP)
    assert first.detail == {"tokens": 600}


async def test_what_each_member_reads_is_shown_by_its_name() -> None:
    shown = await Ensemble([Told(), Told(name="other")]).shown(GROUP)
    assert shown == [{name: {"tokens": at} for name in ("rm", "other")} for at in (0, 1)]


async def test_members_are_closed_by_whoever_hosts_them() -> None:
    member = Told()
    await Ensemble([member]).close()
    assert not member.closed


def test_the_card_is_the_least_of_what_its_members_allow() -> None:
    vector = Told(
        name="v",
        aspects=("helpful", "safe"),
        images=False,
        max_tokens=100,
        rung=Rung.PADDED,
        device="cuda",
    )
    card = Ensemble([Told(), vector]).card
    assert card.name == "rm+v"
    assert card.aspects == ("rm", "v.helpful", "v.safe")
    assert (card.images, card.max_tokens, card.device) == (False, 100, "cpu+cuda")
    assert card.rung is Rung.PADDED, "one word of the list, that of the plainest member"


@pytest.mark.parametrize("order", [1, -1])
def test_the_version_tells_the_members_and_their_order(order: int) -> None:
    members = [Told(version="sha256:1"), Told(version="sha256:2")]
    same = Ensemble(members).card.version == Ensemble(members[::order]).card.version
    assert same is (order == 1)


@pytest.mark.parametrize(
    ("meanings", "expected"),
    [
        (("unit", "unit"), "unit"),
        (("p_correct", "p_correct"), "p_correct"),
        (("unit", "p_correct"), "unit"),
        (("raw", "p_correct"), "raw"),
    ],
)
def test_what_the_outputs_mean(meanings: tuple[str, str], expected: str) -> None:
    assert Ensemble([Told(meaning=meaning) for meaning in meanings]).card.meaning == expected
