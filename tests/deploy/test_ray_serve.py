"""Two gateways and two replicas of a model on a live Ray give the plain service's rewards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

pytest.importorskip("ray.serve", reason="Ray is not installed: pip install 'harmo[ray]'")

import grpc

from harmo_client import wire
from harmo_client.client import RewardClient
from tests.deploy.ray_asked import described, group, groups, pictured, rows
from tests.deploy.ray_box import (
    GATEWAY,
    KEY,
    MODEL,
    TOKEN,
    Box,
    alive,
    box,
    listening,
    on_loopback,
    until,
)
from tests.models import tiny
from tests.process import serving

HYBRID = """\
name: hybrid
allow_inversion: true
weights: {model: 0.5, rule: 1.0, aspect: 0.25, length: 0.25}
model: [{scorer: model.reward}]
rule: [{scorer: rule.math}]
aspect: [{scorer: aspect.format, params: {pattern: think_answer}}]
length: [{scorer: length.cosine, params: {max_tokens: 64}}]
"""
WAITING = 8
"""Members that may wait for their group in one gateway."""
MAX_BODY_BYTES = 1 << 20
HEADERS = {"Authorization": f"Bearer {KEY}"}
URL_KEY = "a-key-that-stands-in-an-address"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A model and recipes, as arguments of either command."""
    folder = tmp_path_factory.mktemp("ray")
    (folder / "hybrid.yaml").write_text(HYBRID)
    model = tiny.checkpoint(folder / "rm", arch="qwen2_5_vl")
    return [
        "--recipe",
        str(folder / "hybrid.yaml"),
        "--recipe",
        "math",
        "--recipe",
        "harmo",
        "--model",
        f"rm={model}",
    ]


@pytest.fixture(scope="module")
def plain(sources: list[str]) -> Iterator[RewardClient]:
    with serving(*sources) as port, RewardClient(f"http://127.0.0.1:{port}") as client:
        yield client


@pytest.fixture(scope="module")
def live(sources: list[str]) -> Iterator[Box]:
    two = ["--replicas", "2", "--model-replicas", "2"]
    settings = {
        "HARMO_MAX_WAITING_MEMBERS": str(WAITING),
        "HARMO_MAX_BODY_BYTES": str(MAX_BODY_BYTES),
        "HARMO_DRAIN_WAIT_S": "0.5",
        "HARMO_WORKERS": "1",
    }
    with box(*sources, *two, **settings) as it:
        yield it


@pytest.fixture
def whole(live: Box) -> Box:
    """The box with nothing missing that an earlier test may have killed."""
    live.whole()
    return live


def client(it: Box) -> RewardClient:
    """One that asks for as much at once as the tests have threads."""
    return RewardClient(
        it.url, api_key=KEY, retry_for_s=60.0, first_wait_s=0.1, longest_wait_s=1.0, in_flight=8
    )


@pytest.mark.parametrize("recipe", ["math", "model", "hybrid", "harmo"])
def test_rewards_are_those_of_the_plain_service(
    whole: Box, plain: RewardClient, recipe: str
) -> None:
    asked = described() if recipe == "harmo" else groups() + pictured()
    with client(whole) as asking, ThreadPoolExecutor(8) as side_by_side:
        pieces = [asked[n : n + 4] for n in range(0, len(asked), 4)]
        answered = side_by_side.map(lambda few: asking.score(few, recipe=recipe), pieces)
        got = {key: row for answer in answered for key, row in rows(answer).items()}
    wanted_answer = plain.score(asked, recipe=recipe)
    wanted = rows(wanted_answer)
    assert got.keys() == wanted.keys()
    assert None not in [reward for reward, _ in wanted.values()]
    for key, (reward, scores) in wanted.items():
        if recipe == "math":
            assert got[key] == (reward, scores)
        else:
            assert got[key][0] == pytest.approx(reward, rel=1e-6, abs=1e-6)
            for one, other in zip(got[key][1], scores, strict=True):
                assert one == (other and pytest.approx(other, rel=1e-6, abs=1e-6))
    with client(whole) as asking:
        version = asking.score(asked[:1], recipe=recipe).recipe
    assert version == wanted_answer.recipe


def test_pieces_of_a_group_meet_on_one_gateway(whole: Box) -> None:
    """As many groups as would all meet by chance once in 2^24 tries."""
    with client(whole) as asking, ThreadPoolExecutor(8) as side_by_side:

        def send(n: int, which: int) -> wire.ScoreResponse:
            one = group(f"g{n}", f"\\boxed{{{which}}}", size=2, first=which)
            return asking.score([one], recipe="math", run="pieces", wait_for_group_ms=20_000)

        for block in range(0, 24, 4):
            sent = [
                side_by_side.submit(send, n, which)
                for n in range(block, block + 4)
                for which in (4, 5)
            ]
            assert all(each.result().groups[0].complete for each in sent)


JSON = {"content-type": "application/json"}
REFUSED: dict[str, tuple[Callable[[httpx.Client], httpx.Response], int]] = {
    "no key": (lambda c: c.post("/score", headers={"Authorization": ""}, json={}), 401),
    "not JSON": (lambda c: c.post("/score", content=b"{", headers=JSON), 400),
    "a wrong key in the address": (lambda c: c.post(f"/get_reward?token={URL_KEY}", json={}), 422),
    "no such recipe": (lambda c: c.post("/score", json={"recipe": "x", "groups": []}), 404),
    "too large": (lambda c: c.post("/score", content=b" " * MAX_BODY_BYTES + b"{}"), 413),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_comes_through_as_the_service_says_it(whole: Box, case: str) -> None:
    ask, status = REFUSED[case]
    with httpx.Client(base_url=whole.url, headers=HEADERS) as asking:
        answer = ask(asking)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["type"]


def test_metrics_are_those_of_every_replica_whoever_answers(whole: Box) -> None:
    """Else a scrape would find another gateway each time, and counters that fall."""
    with client(whole) as asking:
        for n in range(8):
            asking.score([group(f"m{n}", str(n))], recipe="model", run="counted")
    with httpx.Client(base_url=whole.url, headers=HEADERS, timeout=30) as asking:
        for _ in range(6):
            text = asking.get("/metrics").text
            samples = [one for each in text_string_to_metric_families(text) for one in each.samples]
            kinds = Counter(replica.partition("#")[0] for replica in replicas(samples))
            assert kinds == {"gateway": 2, "model-rm": 2}
            groups_of_run = [
                one.value
                for one in samples
                if one.name == "harmo_groups_total" and one.labels["run"] == "counted"
            ]
            assert sum(groups_of_run) == 8
            forwarded = (one for one in samples if one.name == "harmo_model_batch_completions_sum")
            assert sum(one.value for one in forwarded) >= 8


def replicas(samples: list[Sample]) -> set[str]:
    return {one.labels["replica"] for one in samples}


def test_what_there_is_no_room_for_is_told_when_to_come_back(whole: Box) -> None:
    """One group fills the gateway that its name leads to, then half of it comes once more."""
    headers = {**HEADERS, "X-Harmo-Group": "many"}

    def send(asking: httpx.Client, id: str) -> httpx.Response:
        many = group(id, *["\\boxed{4}"] * WAITING, size=WAITING + 1)
        body = {"recipe": "math", "run": "r", "wait_for_group_ms": 5000}
        body["groups"] = [many.model_dump(exclude_defaults=True)]
        return asking.post("/score", json=body)

    with (
        httpx.Client(base_url=whole.url, headers=headers, timeout=20) as asking,
        ThreadPoolExecutor(1) as aside,
    ):
        first = aside.submit(send, asking, "many")
        time.sleep(2)
        refused = send(asking, "more")
        assert first.result().status_code == 200
    assert refused.status_code == 429
    assert refused.json()["error"]["type"] == "overloaded"
    assert int(refused.headers["Retry-After"]) >= 1


def test_a_deadline_goes_as_far_as_the_model(whole: Box) -> None:
    """Both replicas are stopped: nothing but the deadline ends the wait."""
    stopped = whole.replicas(MODEL)
    for each in stopped:
        each.suspend()
    try:
        body = {"recipe": "model", "groups": [groups()[0].model_dump(exclude_defaults=True)]}
        headers = {**HEADERS, "X-Deadline-Ms": "1500"}
        answer = httpx.post(f"{whole.url}/score", json=body, headers=headers, timeout=30)
    finally:
        for each in stopped:
            each.resume()
    assert answer.status_code == 504
    assert answer.json()["error"]["type"] == "deadline"


def test_ports_are_on_loopback_but_for_those_of_replicas(whole: Box) -> None:
    """Serve binds each replica's own port everywhere; the next test knocks there."""
    replicas = {each.pid for kind in (GATEWAY, MODEL) for each in whole.replicas(kind)}
    elsewhere = [
        (process.name(), address)
        for process in whole.processes()
        for address, _ in listening(process)
        if not on_loopback(address) and process.pid not in replicas
    ]
    assert elsewhere == []


KNOCKS = {
    "take up a job": ("gcs_server", "/ray.rpc.JobInfoGcsService/AddJob"),
    "start an actor": ("gcs_server", "/ray.rpc.ActorInfoGcsService/RegisterActor"),
    "lease a worker": ("raylet", "/ray.rpc.NodeManagerService/RequestWorkerLease"),
    "run a task in a gateway": (GATEWAY, "/ray.rpc.CoreWorkerService/PushTask"),
    "call a gateway": (GATEWAY, "/ray.serve.ASGIService/HandleRequest"),
    "call a model": (MODEL, "/ray.serve.ASGIService/HandleRequest"),
}


@pytest.mark.parametrize("case", KNOCKS)
def test_nothing_is_done_for_who_has_not_the_token(whole: Box, case: str) -> None:
    name, method = KNOCKS[case]
    there = [p for p in whole.processes() if p.name().startswith(name[:15])]
    ports = [port for process in there for _, port in listening(process)]
    assert ports
    for given in (None, "x" * len(TOKEN)):
        codes = {knock(port, method, given) for port in ports}
        # Of the ports of a process one has this method; it is the one that counts.
        assert codes - {"UNIMPLEMENTED"} == {"UNAUTHENTICATED"}
    if method.startswith("/ray.serve"):
        assert "UNAUTHENTICATED" not in {knock(port, method, TOKEN) for port in ports}


def knock(port: int, method: str, token: str | None) -> str:
    """What an empty call comes to."""
    carried = () if token is None else (("authorization", f"Bearer {token}"),)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            channel.unary_unary(method)(b"", timeout=20, metadata=carried)
        except grpc.RpcError as refused:
            return refused.code().name
    return "OK"


@pytest.mark.parametrize("kind", [MODEL, GATEWAY], ids=["a model replica", "a gateway"])
def test_a_replica_that_is_killed_with_requests_in_it_costs_nothing(
    whole: Box, plain: RewardClient, kind: str
) -> None:
    """Both are stopped, so that each holds what came to it; one goes on and does it all."""
    asked = groups()
    wanted = rows(plain.score(asked, recipe="hybrid"))
    victim, other = whole.replicas(kind)
    with client(whole) as asking, ThreadPoolExecutor(8) as side_by_side:
        for each in (victim, other):
            each.suspend()
        try:
            pieces = [asked[n : n + 4] for n in range(0, len(asked), 4)]
            # Another run, or the service would know the answers by their key.
            ask = partial(asking.score, recipe="hybrid", run=f"killed {kind[-8:]}")
            sent = [side_by_side.submit(ask, few) for few in pieces]
            time.sleep(2)
            assert not any(each.done() for each in sent)
            victim.kill()
        finally:
            for each in (victim, other):
                if each.is_running():
                    each.resume()
        got = {key: row for each in sent for key, row in rows(each.result()).items()}
    assert got.keys() == wanted.keys()
    for key, (reward, scores) in wanted.items():
        assert got[key][0] == pytest.approx(reward, rel=1e-6, abs=1e-6)
        assert got[key][1] == pytest.approx(scores, rel=1e-6, abs=1e-6)


def test_groups_that_a_model_replica_was_at_are_scored_by_another(
    whole: Box, plain: RewardClient
) -> None:
    """It has taken them and computes: what Ray does not send again, we do."""
    long = [group(f"l{n}", *[f"{n} {word} " * 150 for word in "abcdef"]) for n in range(96)]
    with client(whole) as asking, ThreadPoolExecutor(8) as side_by_side:
        ask = partial(asking.score, recipe="model", run="at it")
        sent = [side_by_side.submit(ask, long[n : n + 6]) for n in range(0, len(long), 6)]
        until(lambda: any(each.done() for each in sent), "the first answer")
        assert not all(each.done() for each in sent)
        whole.replicas(MODEL)[0].kill()
        got = {key: row for each in sent for key, row in rows(each.result()).items()}
    for key, (reward, _) in rows(plain.score(long, recipe="model")).items():
        assert got[key][0] == pytest.approx(reward, rel=1e-6, abs=1e-6)


def test_a_piece_that_waits_in_a_gateway_that_dies_meets_its_sibling_in_another(
    whole: Box,
) -> None:
    with client(whole) as one, client(whole) as other, ThreadPoolExecutor(8) as side_by_side:

        def send(asking: RewardClient, n: int, which: int) -> wire.ScoreResponse:
            piece = group(f"d{n}", f"\\boxed{{{which}}}", size=2, first=which)
            return asking.score([piece], recipe="math", run="die", wait_for_group_ms=25_000)

        sent = [side_by_side.submit(send, one, n, 4) for n in range(4)]
        time.sleep(1.5)
        assert not any(each.done() for each in sent)
        whole.replicas(GATEWAY)[0].kill()
        time.sleep(0.5)
        sent += [side_by_side.submit(send, other, n, 5) for n in range(4)]
        assert all(each.result().groups[0].complete for each in sent)


def test_the_end_answers_what_is_in_flight_and_leaves_nothing(whole: Box) -> None:
    known = whole.processes()
    piece = group("last", "\\boxed{4}", size=2)
    with client(whole) as asking, ThreadPoolExecutor(1) as aside:
        waits = aside.submit(
            asking.score, [piece], recipe="math", run="end", wait_for_group_ms=6000
        )
        time.sleep(2)
        whole.process.terminate()
        assert rows(waits.result())["last", "0"][0] is not None
    until(lambda: not any(map(alive, known)), "all processes gone")
    assert "ended" in whole.said()


def test_no_log_holds_a_key_or_what_was_scored(live: Box) -> None:
    """Of everything above: what was killed, refused, late and in flight at the end."""
    secrets = [TOKEN, KEY, URL_KEY, "Well. Well.", "How long?", "It is grey."]
    logs = [path for path in live.folder.rglob("*") if path.is_file()]
    assert any("gateway" in path.name for path in logs)
    told = {
        (path.name, secret)
        for path in logs
        for secret in secrets
        if secret.encode() in path.read_bytes()
    }
    assert told == set()
