"""The client against the real application, with no socket between them."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from harmo.app.settings import Settings
from harmo_client import errors, wire
from harmo_client.adapters.trl import HarmoReward
from harmo_client.chunks import ChunkLimits
from harmo_client.client import AsyncRewardClient, RewardClient
from tests.app.serving import Serving

T = TypeVar("T")


class Bridge(httpx.BaseTransport):
    """The application on an event loop of its own, for sync and async clients."""

    def __init__(self, settings: Settings) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._serving = Serving(settings)
        self.run(self._serving.__aenter__())
        self.asgi = httpx.ASGITransport(self._serving.app)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=120)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.run(self._exchange(request))

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        response = await self.asgi.handle_async_request(request)
        content = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=content)

    def stop(self) -> None:
        self.run(self._serving.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def bridge() -> Iterator[Bridge]:
    bridge = Bridge(
        Settings(
            recipes=("math", "chart"), workers=1, max_completions=64, api_keys=("k", "few:chart")
        )
    )
    yield bridge
    bridge.stop()


@pytest.fixture
def client(bridge: Bridge) -> RewardClient:
    return RewardClient("http://harmo", transport=bridge, api_key="k", retry_for_s=0.0)


def sums(id: str, *texts: str, **fields: Any) -> wire.Group:
    completions = [
        wire.Completion(id=str(i), text=text, num_tokens=len(text)) for i, text in enumerate(texts)
    ]
    return wire.Group(
        **{"id": id, "prompt": "2 + 2?", "reference": "4", "completions": completions, **fields}
    )


def test_right_wrong_and_unscored_arrive_as_such(client: RewardClient) -> None:
    answer = client.score(
        [sums("a", "\\boxed{4}", "\\boxed{5}", "no idea"), sums("b", "\\boxed{4}", reference=None)],
        recipe="math",
        run="exp",
        step=1,
        explain=True,
    )
    place = [column.name for column in answer.columns].index("answer")
    right, wrong, silent = answer.groups[0].completions
    assert [c.scores[place] for c in (right, wrong, silent)] == [1.0, 0.0, 0.0]
    assert right.detail is not None
    [unscored] = answer.groups[1].completions
    assert (unscored.reward, unscored.reason) == (None, "no_reference")


def test_chunks_of_a_large_call_come_back_whole(bridge: Bridge) -> None:
    groups = [sums(str(i), *(f"\\boxed{{{j}}}" for j in range(8))) for i in range(20)]

    async def ask() -> wire.ScoreResponse:
        async with AsyncRewardClient(
            "http://harmo", transport=bridge.asgi, api_key="k", limits=ChunkLimits(completions=64)
        ) as client:
            return await client.score(groups, recipe="math")

    answer = bridge.run(ask())
    assert [group.id for group in answer.groups] == [str(i) for i in range(20)]
    assert all(group.stats.scored == 8 for group in answer.groups)


@pytest.mark.parametrize(
    ("options", "fields", "error"),
    [
        ({"api_key": None}, {}, errors.UnauthorisedError),
        ({"api_key": "wrong"}, {}, errors.UnauthorisedError),
        ({"api_key": "few"}, {"recipe": "math"}, errors.UnauthorisedError),
        ({}, {"recipe": "nowhere"}, errors.BadRequestError),
        ({"limits": ChunkLimits(completions=100)}, {}, errors.BadRequestError),
    ],
)
def test_refusals_are_typed(
    bridge: Bridge, options: Any, fields: Any, error: type[errors.StatusError]
) -> None:
    client = RewardClient("http://harmo", transport=bridge, **{"api_key": "k", **options})
    # Only the request that is to be too large is.
    groups = [sums(str(i), *["x"] * 20) for i in range(4 if "limits" in options else 2)]
    with pytest.raises(error):
        client.score(groups, **fields)


def test_a_client_can_ask_what_there_is(client: RewardClient) -> None:
    assert client.ready()
    assert "math" in {recipe.name for recipe in client.recipes()}
    page = client.recipe("math")
    assert [column.family for column in page.columns] == ["rule", "aspect", "length"]
    assert page.recipe["combine"] == "sum"


def test_the_trl_adapter_is_served_rewards_columns_and_nothing_made_up(
    client: RewardClient,
) -> None:
    reward = HarmoReward(
        client, recipe="math", num_generations=2, end_token_ids=[1], reference="solution"
    )
    batch = {
        "prompts": [
            [{"role": "user", "content": text}] for text in ("2 + 2?",) * 2 + ("why?",) * 2
        ],
        "completions": [
            [{"role": "assistant", "content": text}]
            for text in ("\\boxed{4}", "\\boxed{5}", "\\boxed{6}", "\\boxed{7}")
        ],
        "completion_ids": [[5, 1]] * 4,
        "solution": ["4", "4", None, None],
    }
    right, wrong, *unscored = reward(**batch)
    assert right is not None
    assert wrong is not None
    assert right - wrong == pytest.approx(1.0, abs=0.3)
    assert unscored == [None, None]
    columns = [column(**batch) for column in reward.columns()]
    assert [sum(row) for row in zip(*(values[:2] for values in columns), strict=True)] == [
        pytest.approx(right),
        pytest.approx(wrong),
    ]
    assert all(values[2:] == [None, None] for values in columns)


def test_the_readmes_example_prints_what_the_readme_says(
    bridge: Bridge, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = Path(__file__).parents[2] / "client" / "README.md"
    example, printed = re.findall(r"```\w+\n(.*?)```", readme.read_text(), re.DOTALL)
    address = '"http://localhost:8000"'
    assert address in example
    exec(example.replace(address, f'{address}, transport=bridge, api_key="k"'), {"bridge": bridge})
    assert capsys.readouterr().out == printed
