"""Two instances behind nginx, as `deploy/nginx/harmo.conf` sets it up, and one of them killed."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.process import free_port
from tests.reliability.asking import Rewards, alone, maths, together
from tests.reliability.cluster import Server, started, until
from tests.reliability.conftest import RECIPES

CONF = Path(__file__).parents[2] / "deploy" / "nginx" / "harmo.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx (Debian: nginx-light)")

GROUPS = maths(30)
MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/harmo.conf;
}}
"""


@contextmanager
def proxied(folder: Path, *servers: Server) -> Iterator[str]:
    """The address of an nginx with the shipped configuration in front of these servers."""
    port, text = free_port(), CONF.read_text()
    for name, to in zip(("8001", "8002", "8080"), (*servers, None), strict=True):
        assert text.count(name) == 1, f"{CONF} names each port once"
        text = text.replace(name, str(port if to is None else to.port))
    (folder / "harmo.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    command = [str(NGINX), "-e", str(folder / "nginx.log"), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "nginx answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def pair(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Two instances that start side by side."""
    folder, recipes = tmp_path_factory.mktemp("pair"), {"maths": RECIPES["maths"]}
    with ExitStack() as running:
        first, second = (
            running.enter_context(started(folder / name, recipes, site, wait=False, workers=1))
            for name in ("first", "second")
        )
        first.wait_ready()
        second.wait_ready()
        yield first, second


def test_the_proxy_keeps_metrics_inside_and_passes_everything_else_on(
    pair: tuple[Server, Server], tmp_path: Path
) -> None:
    with proxied(tmp_path, *pair) as url, httpx.Client(base_url=url, trust_env=False) as http:
        assert http.get("/metrics").status_code == 403
        assert http.get("/livez").status_code == 204
        assert http.post("/score", content="{").status_code == 400
        assert http.get("/recipes/maths").json()["name"] == "maths"


async def test_an_instance_that_is_killed_and_one_that_drains_cost_no_client_a_reward(
    pair: tuple[Server, Server], tmp_path: Path
) -> None:
    first, second = pair
    with proxied(tmp_path, *pair) as url:
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
