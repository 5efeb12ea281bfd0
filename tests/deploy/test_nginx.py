"""TLS, limits and what stays inside, as `deploy/nginx/harmo.conf` has them, by the real nginx."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from harmo.app.settings import Settings
from harmo_client.wire import ErrorBody
from tests.deploy.nginx import CONF, HOST, Proxy, Refusing, missing, proxied
from tests.reliability.asking import alone, maths, together
from tests.reliability.cluster import Server, installed, two_started, until

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

GROUPS = maths(30)
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Two instances that start side by side."""
    folder = tmp_path_factory.mktemp("tls")
    site, recipes = installed(folder / "site"), {"maths": "rule: [{scorer: rule.math}]\n"}
    with two_started(folder, recipes, site) as both:
        yield both


@pytest.fixture(scope="module")
def instance() -> Iterator[Refusing]:
    """One that answers every POST with an empty 200."""
    with Refusing(200) as running:
        yield running


@pytest.fixture
def proxy(instance: Refusing, tmp_path: Path) -> Iterator[Proxy]:
    """In front of that one, twice."""
    with proxied(tmp_path, instance, instance) as running:
        yield running


def asking(proxy: Proxy) -> httpx.Client:
    return httpx.Client(base_url=proxy.tls, verify=proxy.trusting(), timeout=60, trust_env=False)


@pytest.mark.parametrize(
    ("version", "welcome"),
    [
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
def test_tls_is_spoken_from_1_2_on(version: ssl.TLSVersion, welcome: bool, proxy: Proxy) -> None:
    context = proxy.trusting()
    # Else this side refuses what is old, before nginx sees it.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with httpx.Client(verify=context, trust_env=False) as http:
        if welcome:
            assert http.get(f"{proxy.tls}/livez").status_code == 200
        else:
            with pytest.raises(httpx.ConnectError, match="alert"):
                http.get(f"{proxy.tls}/livez")


def test_a_client_that_does_not_know_the_certificate_sends_nothing(
    proxy: Proxy, instance: Refusing
) -> None:
    before = instance.posts
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.post(f"{proxy.tls}/score", content="{}", trust_env=False)
    assert instance.posts == before


def test_plain_http_is_sent_to_tls_and_browsers_stay_there(proxy: Proxy) -> None:
    answer = httpx.get(f"{proxy.open}/docs?a=b", headers={"Host": "evil"}, trust_env=False)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"https://{HOST}/docs?a=b")
    with asking(proxy) as http:
        assert http.get("/docs").headers["Strict-Transport-Security"].startswith("max-age=")
    on_loopback = httpx.get(f"{proxy.plain}/docs", trust_env=False)
    assert "Strict-Transport-Security" not in on_loopback.headers


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "//metrics",
        "/%6detrics",
        "/./metrics",
        "/a/../metrics",
        "/metrics/",
        "/metrics?x",
    ],
)
def test_metrics_stay_inside_however_they_are_spelled(path: str, proxy: Proxy) -> None:
    with asking(proxy) as http:
        url = httpx.URL(proxy.tls).copy_with(raw_path=path.encode())
        assert http.get(url).status_code == 403


def test_a_body_may_be_as_large_as_for_the_service(proxy: Proxy, instance: Refusing) -> None:
    (limit,) = re.findall(r"client_max_body_size (\d+)m;", CONF.read_text())
    assert int(limit) * MEBIBYTE == Settings().max_body_bytes
    body = bytes(Settings().max_body_bytes)
    with asking(proxy) as http:
        assert http.post("/score", content=body).status_code == 200
        before = instance.posts
        refused = http.post("/score", content=body + b" ")
    assert refused.status_code == 413
    assert ErrorBody.model_validate_json(refused.content).error.type == "too_large"
    assert instance.posts == before


@pytest.mark.parametrize("megabytes", [1, 24])
def test_a_body_that_is_streamed_arrives_whole(
    megabytes: int, proxy: Proxy, instance: Refusing
) -> None:
    pieces = [bytes([n % 251]) * 65_536 for n in range(16 * megabytes)]
    with asking(proxy) as http:
        assert http.post("/score", content=iter(pieces)).status_code == 200
    assert instance.digests[-1] == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_a_caller_that_runs_wild_is_told_when_to_come_back_and_others_are_let_in(
    instance: Refusing, tmp_path: Path
) -> None:
    few = {"rate=4000r/s": "rate=1r/m", "burst=16384": "burst=2"}
    with proxied(tmp_path, instance, instance, changes=few) as proxy, asking(proxy) as http:

        def ask(**headers: str) -> httpx.Response:
            return http.post("/score", content="{}", headers=headers)

        wild = [ask(Authorization="Bearer a") for _ in range(5)]
        assert [answer.status_code for answer in wild] == [200] * 3 + [429] * 2
        assert wild[-1].headers["Retry-After"] == "1"
        assert ErrorBody.model_validate_json(wild[-1].content).error.type == "overloaded"
        assert ask(Authorization="Bearer b").status_code == 200
        assert http.post("/score?token=c", content="{}").status_code == 200
    assert "Bearer" not in "".join(path.read_text() for path in tmp_path.glob("*.log"))


def test_what_the_service_would_let_in_at_once_the_proxy_lets_in() -> None:
    text, settings = CONF.read_text(), Settings()
    (requests,) = re.findall(r"limit_req zone=harmo_callers burst=(\d+) nodelay;", text)
    (connections,) = re.findall(r"limit_conn harmo_addresses (\d+);", text)
    assert int(requests) >= settings.max_waiting_members
    assert int(connections) >= settings.max_waiting_members


def test_deadlines_are_over_before_the_proxy_loses_patience() -> None:
    text, settings = CONF.read_text(), Settings()
    assert min(map(int, re.findall(r"proxy_read_timeout (\d+)s;", text))) > (
        settings.deadline_ms / 1000
    )
    assert max(map(int, re.findall(r" keepalive_timeout (\d+)s;", text))) < (
        settings.keep_alive_timeout_s
    )


async def test_rewards_over_tls_are_those_of_an_instance_and_survive_its_end(
    pair: tuple[Server, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pair
    expected = await asyncio.to_thread(alone, second.url, GROUPS, "maths")
    with proxied(tmp_path, *pair) as proxy:
        monkeypatch.setenv("SSL_CERT_FILE", str(proxy.certificate))
        assert await asyncio.to_thread(alone, proxy.tls, GROUPS, "maths") == expected
        load = asyncio.ensure_future(together(proxy.tls, GROUPS, "maths", clients=3, run="ended"))
        before = scored(first)
        await asyncio.to_thread(until, lambda: scored(first) > before + 10, "it is under way")
        await asyncio.to_thread(first.kill)
        assert await load == [expected] * 3
    first.start()
    await asyncio.to_thread(first.wait_ready)


def scored(server: Server) -> float:
    return server.metric("harmo_completions_total")
