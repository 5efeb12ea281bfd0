"""Two instances behind nginx, as `deploy/nginx/harmo.conf` sets it up, and one of them killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from harmo_client import wire
from harmo_client.client import AsyncRewardClient
from tests.deploy.nginx import Refusing, missing, proxied
from tests.reliability.asking import Rewards, alone, body, maths, together
from tests.reliability.cluster import Server, two_started, until
from tests.reliability.conftest import RECIPES

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

GROUPS = maths(30)


@pytest.mark.parametrize(
    ("status", "headers", "tries", "why"),
    [
        (429, {}, 2, "the other instance may have room"),
        (503, {}, 2, "the other instance may be ready"),
        (0, {}, 2, "scoring again has no effect but the answer"),
        (500, {}, 1, "a bug is one everywhere"),
        (429, {"X-Harmo-Group": "g"}, 1, "its siblings wait here: the client comes again"),
        (503, {"X-Harmo-Group": "g"}, 2, "all of its siblings are handed on like this"),
        (0, {"X-Harmo-Group": "g"}, 2, "so are those that this instance held"),
    ],
)
def test_what_one_instance_refuses_or_loses_is_handed_on_unless_its_siblings_wait_there(
    status: int, headers: dict[str, str], tries: int, why: str, tmp_path: Path
) -> None:
    with ExitStack() as running:
        both = [running.enter_context(Refusing(status)) for _ in range(2)]
        url = running.enter_context(proxied(tmp_path, *both)).plain
        answer = httpx.post(f"{url}/score", content="{}", headers=headers, trust_env=False)
        assert answer.status_code == (status or 502), why
        assert sum(one.posts for one in both) == tries, why


@pytest.mark.parametrize("status", [200, 0])
def test_no_log_of_the_proxy_has_the_key_that_stands_in_an_address(
    status: int, tmp_path: Path
) -> None:
    with Refusing(status) as one, proxied(tmp_path, one, one) as proxy:
        for path in ("/slime", "/v1/score/evaluation", "/get_reward?group_size=2"):
            asked = f"{proxy.plain}{path}{'&' if '?' in path else '?'}token=swordfish"
            assert httpx.post(asked, content="{}", trust_env=False).status_code in (status, 502)
    logs = {path.name: path.read_text() for path in tmp_path.glob("*.log")}
    assert "POST /slime" in logs["harmo.log"]
    assert not any("swordfish" in text for text in logs.values())


@pytest.fixture(scope="module")
def pair(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Two instances that start side by side."""
    folder, recipes = tmp_path_factory.mktemp("pair"), {"maths": RECIPES["maths"]}
    with two_started(folder, recipes, site) as both:
        yield both


def test_the_proxy_keeps_metrics_inside_and_passes_everything_else_on(
    pair: tuple[Server, Server], tmp_path: Path
) -> None:
    with proxied(tmp_path, *pair) as proxy, httpx.Client(base_url=proxy.plain) as http:
        assert http.get("/metrics").status_code == 403
        assert http.get("/livez").status_code == 204
        assert http.post("/score", content="{").status_code == 400
        assert http.get("/recipes/maths").json()["name"] == "maths"


async def test_members_of_a_named_group_meet_on_one_instance(
    pair: tuple[Server, Server], tmp_path: Path
) -> None:
    before = list(map(groups_of, pair))
    with proxied(tmp_path, *pair) as proxy:
        url = proxy.plain
        whole = await in_pieces(url, "met", [f"g{n}" for n in range(16)])
    assert whole == {f"g{n}": True for n in range(16)}
    assert min(now - then for now, then in zip(map(groups_of, pair), before, strict=True)) > 0


@pytest.mark.parametrize(
    ("query", "headers", "complete"),
    [
        ({}, {}, False),
        ({}, {"X-Harmo-Group": "g"}, True),
        ({"run": "r", "group_size": "2"}, {}, True),
        ({"run": "r"}, {"X-Harmo-Group-Size": "2"}, True),
        ({"run": "r"}, {}, False),
    ],
    ids=["nothing says so", "a name", "the address", "a size", "an address that waits for nobody"],
)
async def test_a_group_needs_a_name_that_the_proxy_can_see(
    pair: tuple[Server, Server],
    tmp_path: Path,
    query: dict[str, str],
    headers: dict[str, str],
    complete: bool,
) -> None:
    with proxied(tmp_path, *pair) as proxy:
        url = proxy.plain
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:

            async def post(member: str) -> bool:
                asked = body(piece("g", member), recipe="maths", run=f"{query}{headers}")
                asked |= {"wait_for_group_ms": 3000}
                answer = await http.post("/score", json=asked, params=query, headers=headers)
                return bool(answer.json()["groups"][0]["complete"])

            assert await asyncio.gather(post("a"), post("b")) == [complete] * 2


async def test_groups_move_with_their_members_when_an_instance_is_killed(
    pair: tuple[Server, Server], tmp_path: Path
) -> None:
    first, second = pair
    names = [f"g{n}" for n in range(16)]
    with proxied(tmp_path, *pair) as proxy:
        url = proxy.plain
        waiting = asyncio.ensure_future(in_pieces(url, "moved", names, members="a"))
        held = "harmo_waiting_members"
        await asyncio.to_thread(
            until, lambda: first.metric(held) + second.metric(held) == 16, "all of them wait"
        )
        assert min(first.metric(held), second.metric(held)) > 0, "on both"
        await asyncio.to_thread(first.kill)
        others = await in_pieces(url, "moved", names, members="b")
        assert await waiting == others == dict.fromkeys(names, True)
    first.start()
    await asyncio.to_thread(first.wait_ready)


async def in_pieces(
    url: str, run: str, names: list[str], *, members: str = "ab"
) -> dict[str, bool]:
    """Which groups of two were whole in every answer, each member asked about by itself."""
    async with AsyncRewardClient(url, in_flight=100, retry_for_s=60.0) as asking:
        work = (
            asking.score([piece(name, member)], recipe="maths", run=run, wait_for_group_ms=60_000)
            for name in names
            for member in members
        )
        answers = await asyncio.gather(*work)
    whole = dict.fromkeys(names, True)
    for answer in answers:
        (scored_group,) = answer.groups
        assert scored_group.completions[0].reward == 1.0
        whole[scored_group.id] &= scored_group.complete
    return whole


def piece(name: str, member: str) -> wire.Group:
    """One right answer of a group of two."""
    completions = [wire.Completion(id=member, text="\\boxed{4}")]
    return wire.Group(id=name, prompt="2 + 2 = ?", reference="4", size=2, completions=completions)


def groups_of(server: Server) -> float:
    return server.metric("harmo_groups_total")


async def test_an_instance_that_is_killed_and_one_that_drains_cost_no_client_a_reward(
    pair: tuple[Server, Server], tmp_path: Path
) -> None:
    first, second = pair
    with proxied(tmp_path, *pair) as proxy:
        url = proxy.plain
        expected = alone(url, GROUPS, "maths")
        assert min(map(scored, pair)) > 0, "both took part"
        assert await kept(url, "killed", first, first.kill) == [expected] * 3
        first.start()
        await asyncio.to_thread(first.wait_ready)
        assert await kept(url, "drained", second, second.terminate) == [expected] * 3
        assert await asyncio.to_thread(second.wait) == 0


async def kept(url: str, run: str, server: Server, end: Callable[[], object]) -> list[Rewards]:
    """What the clients got while one server came to its end."""
    load = asyncio.ensure_future(together(url, GROUPS, "maths", clients=3, run=run))
    before = scored(server)
    await asyncio.to_thread(until, lambda: scored(server) > before + 10, "the load is under way")
    await asyncio.to_thread(end)
    return await load


def scored(server: Server) -> float:
    return server.metric("harmo_completions_total")
