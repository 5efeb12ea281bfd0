from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Awaitable, Callable, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from harmo_client import errors, wire
from harmo_client.chunks import ChunkLimits
from harmo_client.client import AsyncRewardClient, RewardClient

MakeGroup = Callable[[str, Sequence[str]], wire.Group]
QUICK = {"first_wait_s": 0.001, "longest_wait_s": 0.001}


class Twins:
    """Runs one method of the sync or the async client, so that every test covers both."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def open(self, service: Any, **options: Any) -> RewardClient | AsyncRewardClient:
        make = RewardClient if self.kind == "sync" else AsyncRewardClient
        return make(
            "http://service", transport=httpx.MockTransport(service), **{**QUICK, **options}
        )

    def do(self, client: Any, method: str, *args: Any, **options: Any) -> Any:
        result = getattr(client, method)(*args, **options)
        return asyncio.run(_await(result)) if isinstance(result, Awaitable) else result

    def score(self, service: Any, groups: Any, *, client: Any = None, **options: Any) -> Any:
        return self.do(client or self.open(service), "score", groups, **options)


async def _await(result: Awaitable[Any]) -> Any:
    return await result


@pytest.fixture(params=["sync", "async"])
def twins(request: pytest.FixtureRequest) -> Twins:
    return Twins(request.param)


def rewards(answer: wire.ScoreResponse) -> list[list[float | None]]:
    return [[c.reward for c in g.completions] for g in answer.groups]


def test_rewards_come_back_in_the_order_asked(twins: Twins, service: Any, group: MakeGroup) -> None:
    answer = twins.score(service(), [group("b", ["x", "xxx"]), group("a", ["xx"])])
    assert [g.id for g in answer.groups] == ["b", "a"]
    assert rewards(answer) == [[1.25, 3.25], [2.25]]


def test_an_unscored_completion_stays_null_with_its_reason(
    twins: Twins, service: Any, group: MakeGroup
) -> None:
    answer = twins.score(service(), [group("0", ["unscored", ""])])
    assert rewards(answer) == [[None, 0.25]]
    assert answer.groups[0].completions[0].reason == "deadline"


def test_what_is_asked_reaches_the_service(twins: Twins, service: Any, group: MakeGroup) -> None:
    fake = service()
    client = twins.open(fake, api_key="k")
    twins.score(
        fake,
        [group("0", ["x"])],
        client=client,
        recipe="demo",
        run="exp",
        step=3,
        split="eval",
        explain=True,
        wait_for_group_ms=50,
        deadline_s=1.5,
    )
    [request], [body] = fake.requests, fake.bodies
    assert request.url == "http://service/score?explain=true"
    assert request.headers["Authorization"] == "Bearer k"
    assert request.headers["X-Deadline-Ms"] == "1500"
    assert {k: v for k, v in body.items() if k != "groups"} == {
        "recipe": "demo",
        "run": "exp",
        "step": 3,
        "split": "eval",
        "wait_for_group_ms": 50,
    }


@pytest.mark.parametrize(
    ("sizes", "asked", "named", "why"),
    [
        ([4], {"wait_for_group_ms": 50, "run": "a/b é"}, ("0", "a%2Fb%20%C3%A9"), "one piece"),
        ([4], {"run": "r"}, (None, None), "it waits for nobody"),
        ([1], {"wait_for_group_ms": 50, "run": "r"}, (None, None), "it is whole"),
        ([None], {"wait_for_group_ms": 50, "run": "r"}, (None, None), "so is what has no size"),
        ([4, 4], {"wait_for_group_ms": 50, "run": "r"}, (None, None), "two may have to go apart"),
    ],
)
def test_a_group_in_pieces_is_named_to_whatever_stands_before_the_service(
    service: Any,
    group: MakeGroup,
    sizes: list[int | None],
    asked: dict[str, Any],
    named: tuple[str | None, str | None],
    why: str,
) -> None:
    fake = service()
    client = RewardClient("http://service", transport=httpx.MockTransport(fake))
    pieces = [
        group(str(n), ["x"]).model_copy(update={"size": size}) for n, size in enumerate(sizes)
    ]
    client.score(pieces, **asked)
    [request] = fake.requests
    sent = (request.headers.get("X-Harmo-Group"), request.headers.get("X-Harmo-Run"))
    assert sent == named, why


def test_nobody_stops_listening_before_the_deadline_or_while_a_group_gathers(
    service: Any, group: MakeGroup
) -> None:
    fake = service()
    client = RewardClient("http://service", transport=httpx.MockTransport(fake), timeout_s=10.0)
    for deadline_s in (None, 60.0):
        client.score([group("0", ["x"])], deadline_s=deadline_s, wait_for_group_ms=2000)
    waits = [request.extensions["timeout"]["read"] for request in fake.requests]
    assert waits == [12.0, 67.0]


@pytest.mark.parametrize(
    "script",
    [
        [503],
        [(429, {"Retry-After": "0"}), 500, 408],
        [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError],
    ],
)
def test_a_passing_fault_is_retried_with_the_same_key_and_body(
    twins: Twins, service: Any, group: MakeGroup, script: list[Any]
) -> None:
    fake = service(script=script)
    assert rewards(twins.score(fake, [group("0", ["x"])])) == [[1.25]]
    assert len(fake.requests) == len(script) + 1
    assert len({request.headers["Idempotency-Key"] for request in fake.requests}) == 1
    assert len({request.content for request in fake.requests}) == 1


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([422], errors.BadRequestError),
        ([401], errors.UnauthorisedError),
        ([503] * 9999, errors.BudgetExhaustedError),
        ([httpx.ConnectError] * 9999, errors.BudgetExhaustedError),
        ([b"0.0"], errors.InvalidResponseError),
        ([b""], errors.InvalidResponseError),
    ],
)
def test_failures_are_typed_and_never_a_zero(
    twins: Twins, service: Any, group: MakeGroup, script: list[Any], kind: type[Exception]
) -> None:
    client = twins.open(service(script=script), retry_for_s=0.05)
    with pytest.raises(kind):
        twins.score(None, [group("0", ["x"])], client=client)


def test_waiting_leaves_a_line_in_the_log_per_attempt(
    twins: Twins, service: Any, group: MakeGroup, caplog: pytest.LogCaptureFixture
) -> None:
    twins.score(service(script=[503, httpx.ConnectError]), [group("0", ["x"])])
    lines = [record.message for record in caplog.records if record.name == "harmo_client.retry"]
    assert len(lines) == 2
    assert "HTTP 503" in lines[0]
    assert "ConnectError" in lines[1]


def test_chunks_travel_apart_are_retried_apart_and_merge_in_order(
    twins: Twins, service: Any, group: MakeGroup
) -> None:
    fake = service(script=[503, httpx.ReadError])
    client = twins.open(fake, limits=ChunkLimits(completions=2))
    groups = [group(str(i), ["x" * i, "y"]) for i in range(7)]
    answer = twins.score(fake, groups, client=client)
    assert [g.id for g in answer.groups] == [str(i) for i in range(7)]
    assert rewards(answer) == [[i + 0.25, 1.25] for i in range(7)]
    assert len(fake.requests) == 9
    assert len({request.headers["Idempotency-Key"] for request in fake.requests}) == 7


def test_at_most_four_chunks_are_in_flight(service: Any, group: MakeGroup) -> None:
    fake, under_way, most = service(), [0], [0]

    async def busy(request: httpx.Request) -> httpx.Response:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        for _ in range(5):
            await asyncio.sleep(0)
        under_way[0] -= 1
        return fake(request)

    async def run() -> None:
        transport = httpx.MockTransport(busy)
        async with AsyncRewardClient(
            "http://service", transport=transport, limits=ChunkLimits(completions=1)
        ) as client:
            await client.score([group(str(i), ["x"]) for i in range(12)])

    asyncio.run(run())
    assert most == [4]


def test_bodies_are_made_and_read_off_the_event_loop(service: Any, group: MakeGroup) -> None:
    threads: list[threading.Thread] = []

    class Watched(AsyncRewardClient):
        def call(self, *args: Any, **options: Any) -> Any:
            threads.append(threading.current_thread())
            return super().call(*args, **options)

        def answer(self, *args: Any) -> Any:
            threads.append(threading.current_thread())
            return super().answer(*args)

    async def run() -> None:
        transport = httpx.MockTransport(service())
        async with Watched("http://service", transport=transport) as client:
            await client.score([group("0", ["x"])])

    asyncio.run(run())
    assert len(threads) == 2
    assert threading.main_thread() not in threads


def test_one_refused_chunk_ends_the_call(twins: Twins, service: Any, group: MakeGroup) -> None:
    fake = service(script=[422, *[503] * 9999])
    client = twins.open(fake, limits=ChunkLimits(completions=1), retry_for_s=600.0)
    with pytest.raises(errors.BadRequestError):
        twins.score(fake, [group(str(i), ["x"]) for i in range(8)], client=client)


VERSIONS = [
    ("version", "the recipe behind 'demo' changed"),
    ("scorer_version", "the scorers behind"),
]


@pytest.mark.parametrize(("changed", "message"), VERSIONS)
def test_a_version_that_changes_within_a_run_stops_it(
    twins: Twins, service: Any, group: MakeGroup, changed: str, message: str
) -> None:
    fake = service()
    client = twins.open(fake)
    twins.score(fake, [group("0", ["x"])], client=client, run="exp")
    fake.spoil = lambda answer: answer["recipe"].update({changed: "sha256:new"})
    with pytest.raises(errors.VersionChangedError, match=message):
        twins.score(fake, [group("0", ["x"])], client=client, run="exp")
    # Another run starts afresh, and so does a recipe that was asked for by name.
    twins.score(fake, [group("0", ["x"])], client=client, run="other")
    fake.spoil = lambda answer: answer["recipe"].update({changed: "sha256:new", "name": "math"})
    twins.score(fake, [group("0", ["x"])], client=client, run="exp", recipe="math")


def test_another_default_recipe_within_a_run_stops_it(
    twins: Twins, service: Any, group: MakeGroup
) -> None:
    fake = service()
    client = twins.open(fake)
    twins.score(fake, [group("0", ["x"])], client=client, run="exp")
    fake.spoil = lambda answer: answer["recipe"].update(name="math")
    with pytest.raises(errors.VersionChangedError, match="first 'demo'"):
        twins.score(fake, [group("0", ["x"])], client=client, run="exp")


def test_rewards_of_a_recipe_that_was_not_asked_for_are_refused(
    twins: Twins, service: Any, group: MakeGroup
) -> None:
    with pytest.raises(errors.InvalidResponseError, match="'math' was asked, 'demo' answered"):
        twins.score(service(), [group("0", ["x"])], recipe="math")


def test_a_version_change_that_is_allowed_becomes_the_new_pin(
    twins: Twins, service: Any, group: MakeGroup
) -> None:
    fake = service()
    client = twins.open(fake, allow_version_change=True)
    twins.score(fake, [group("0", ["x"])], client=client, run="exp")
    fake.spoil = lambda answer: answer["recipe"].update(version="sha256:new")
    assert (
        twins.score(fake, [group("0", ["x"])], client=client, run="exp").recipe.version
        == "sha256:new"
    )
    assert client.pinned["exp", None].version == "sha256:new"


def test_a_resumed_run_is_held_to_the_versions_it_brings(
    twins: Twins, service: Any, group: MakeGroup
) -> None:
    seen = wire.RecipeRef(name="demo", version="sha256:0", scorer_version="sha256:a")
    client = twins.open(service(), pinned={("exp", None): seen})
    with pytest.raises(errors.VersionChangedError):
        twins.score(None, [group("0", ["x"])], client=client, run="exp")


def test_recipes_can_be_read(twins: Twins, service: Any) -> None:
    fake = service()
    [summary] = twins.do(twins.open(fake), "recipes")
    assert summary.name == "demo"
    page = twins.do(twins.open(fake), "recipe", "a/b c")
    assert [column.name for column in page.columns] == ["answer", "aspect.format"]
    assert page.recipe["combine"] == "sum"
    assert fake.requests[-1].url.raw_path == b"/recipes/a%2Fb%20c"


@pytest.mark.parametrize(
    ("script", "ready"), [([], True), ([503], False), ([httpx.ConnectError], False)]
)
def test_ready_asks_once(twins: Twins, service: Any, script: list[Any], ready: bool) -> None:
    fake = service(script=script)
    assert twins.do(twins.open(fake), "ready") is ready
    assert len(fake.requests) == 1


def test_ready_does_not_take_a_wrong_address_for_a_busy_service(twins: Twins, service: Any) -> None:
    with pytest.raises(errors.BadRequestError):
        twins.do(twins.open(service(script=[404])), "ready")


@pytest.mark.parametrize("options", [{"timeout_s": 0.0}, {"retry_for_s": -1.0}, {"in_flight": 0}])
def test_senseless_options_are_refused(twins: Twins, service: Any, options: Any) -> None:
    with pytest.raises(ValueError, match=r"timeout_s > 0"):
        twins.open(service(), **options)


def test_the_environments_proxy_is_not_asked_for_a_service_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with RewardClient(f"http://127.0.0.1:{server.server_port}", timeout_s=5.0) as client:
            assert client.ready()


class Ready(BaseHTTPRequestHandler):
    """Answers 200 to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: tests read no log of it."""


def test_an_api_key_may_end_its_line_and_is_never_quoted(twins: Twins, service: Any) -> None:
    assert twins.open(service(), api_key="secret\n").headers["Authorization"] == "Bearer secret"
    for key in ("sec\nret", "s\u00e9cret", " "):
        with pytest.raises(ValueError, match="API key") as refused:
            twins.open(service(), api_key=key)
        assert "cret" not in str(refused.value)


def test_every_error_survives_the_way_to_another_process() -> None:
    def kinds(base: type[errors.HarmoError]) -> list[type[errors.HarmoError]]:
        return [base, *(kind for below in base.__subclasses__() for kind in kinds(below))]

    for kind in kinds(errors.HarmoError):
        error = kind("what happened")
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is kind
        assert str(back) == "what happened"
    refused = errors.BadRequestError("no", status=422, type="invalid", field="groups")
    assert pickle.loads(pickle.dumps(refused)).field == "groups"
