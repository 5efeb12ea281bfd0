"""The router's own configuration, run by nginx over replicas that it finds by DNS."""

from __future__ import annotations

import os
import re
import shutil
import socketserver
import struct
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.deploy.manifests import DEPLOY, K8S
from tests.process import free_port
from tests.reliability.cluster import until

CONF = K8S / "base" / "config" / "nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx (Debian: nginx-light)")
FOUND = re.compile(r"server harmo-replicas\S+ service=http resolve weight=10 max_fails=0;")
SERVICE = "harmo-replicas.harmo.svc.cluster.local"
A, SRV = 1, 33


def version() -> tuple[int, ...]:
    ran = subprocess.run([str(NGINX), "-v"], capture_output=True, text=True, check=True)
    return tuple(map(int, ran.stderr.rpartition("/")[2].split()[0].split(".")))


needs_resolve = pytest.mark.skipif(
    NGINX is None or version() < (1, 27, 3), reason="needs nginx 1.27.3: `resolve` in an upstream"
)


class Replica(ThreadingHTTPServer):
    """Answers every request with one status and counts them by group."""

    def __init__(self, name: str = "", status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.name, self.status, self.port = name, status, self.server_address[1]
        self.asked: Counter[str] = Counter()


class _Answer(BaseHTTPRequestHandler):
    server: Replica

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked[self.headers.get("X-Harmo-Group", "")] += 1
        self.do_GET()

    def do_GET(self) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Names(socketserver.ThreadingUDPServer):
    """A cluster's DNS for one headless Service."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Resolve)
        self.port = self.server_address[1]
        self.ready: Sequence[Replica] = ()


class _Resolve(socketserver.BaseRequestHandler):
    server: Names

    def handle(self) -> None:
        query, answer_to = self.request
        end = query.index(b"\0", 12) + 1
        (kind,) = struct.unpack("!H", query[end : end + 2])
        name, records = query[12:end], []
        # CoreDNS shares 100 out: the weight of each changes with their number.
        weight = 100 // max(1, len(self.server.ready))
        if kind == SRV and name == packed(f"_http._tcp.{SERVICE}"):
            records = [
                struct.pack("!HHH", 0, weight, each.port) + packed(f"{each.name}.{SERVICE}")
                for each in self.server.ready
            ]
        elif kind == A and name in {packed(f"{r.name}.{SERVICE}") for r in self.server.ready}:
            records = [bytes([127, 0, 0, 1])]
        head = query[:2] + struct.pack("!HHHHH", 0x8580, 1, len(records), 0, 0)
        body = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 30, len(record)) + record
            for record in records
        )
        answer_to.sendto(head + query[12 : end + 4] + body, self.client_address)


def packed(name: str) -> bytes:
    """A name as DNS writes it."""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


@contextmanager
def running(server: socketserver.BaseServer) -> Iterator[None]:
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def routed(folder: Path, text: str) -> Iterator[str]:
    """The address of an nginx with this configuration, in a folder of its own."""
    port = free_port()
    for shipped, here in (
        ("listen 8080", f"listen 127.0.0.1:{port}"),
        ("/tmp/", f"{folder}/"),
        ("/dev/stderr", f"{folder}/error.log"),
        ("/dev/stdout", f"{folder}/access.log"),
    ):
        assert shipped in text
        text = text.replace(shipped, here)
    (folder / "nginx.conf").write_text(text)
    arguments = ["-e", str(folder / "start.log"), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen([str(NGINX), *arguments, "-g", "daemon off;"])
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: status(f"{url}/routerz") == 204, "nginx answers")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def status(url: str) -> int:
    try:
        return httpx.get(url, trust_env=False).status_code
    except httpx.TransportError:
        return 0


@contextmanager
def fixed(folder: Path, *replicas: Replica) -> Iterator[str]:
    """The router over replicas that are written down, as nginx of any age knows them."""
    shipped = CONF.read_text()
    servers = " ".join(f"server 127.0.0.1:{each.port} max_fails=0;" for each in replicas)
    text, places = FOUND.subn(servers, shipped)
    assert places == 2
    text = re.sub(r"resolver .*;", "", text)
    with ExitStack() as all_of_them:
        for each in replicas:
            all_of_them.enter_context(running(each))
        yield all_of_them.enter_context(routed(folder, text))


@pytest.mark.parametrize(
    ("refusal", "headers", "tries", "why"),
    [
        (429, {}, 2, "the other replica may have room"),
        (503, {}, 2, "the other replica may be ready"),
        (500, {}, 1, "a bug is one everywhere"),
        (429, {"X-Harmo-Group": "g"}, 1, "its siblings wait there"),
        (503, {"X-Harmo-Group": "g"}, 2, "its siblings go on, too"),
    ],
)
def test_a_refusal_goes_on_to_the_next_replica_unless_siblings_wait_there(
    refusal: int, headers: dict[str, str], tries: int, why: str, tmp_path: Path
) -> None:
    both = [Replica(status=refusal), Replica(status=refusal)]
    with fixed(tmp_path, *both) as url:
        answer = httpx.post(f"{url}/score", content="{}", headers=headers, trust_env=False)
    assert answer.status_code == refusal
    assert sum(each.asked.total() for each in both) == tries, why


def test_metrics_stay_inside_and_no_log_has_a_key(tmp_path: Path) -> None:
    with fixed(tmp_path, Replica()) as url:
        assert status(f"{url}/metrics") == 403
        httpx.post(f"{url}/slime?token=swordfish", content="{}", trust_env=False)
    logs = {path.name: path.read_text() for path in tmp_path.glob("*.log")}
    assert "POST /slime" in logs["access.log"]
    assert not any("swordfish" in text for text in logs.values())


def directives(text: str) -> dict[str, list[str]]:
    """What the maps say, and how each location that passes requests on does so."""
    text = re.sub(r"#.*|if \([^)]*\) {[^}]*}", "", text)
    blocks = re.findall(r"(map \S+ \$harmo_(?:group|in_pieces)|location [^{]+?) {([^}]*)}", text)
    said = {head: [" ".join(each.split()) for each in body.split(";")] for head, body in blocks}
    return {
        head: [each for each in lines if each.startswith("proxy_") or head.startswith("map")]
        for head, lines in said.items()
        if head.startswith("map") or any("proxy_pass" in each for each in lines)
    }


def test_requests_go_where_they_go_outside_a_cluster() -> None:
    here = directives(CONF.read_text())
    assert here == directives((DEPLOY / "nginx" / "harmo.conf").read_text())
    assert len(here) == 5


def test_too_large_a_body_is_refused_in_the_services_words(tmp_path: Path) -> None:
    with fixed(tmp_path, Replica()) as url:
        body = b" " * ((64 << 20) + 1)
        answer = httpx.post(f"{url}/score", content=body, trust_env=False)
    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "too_large"


@contextmanager
def found(folder: Path, names: Names, count: int = 1) -> Iterator[list[str]]:
    """Routers that ask this DNS, a folder each."""
    text = CONF.read_text()
    shipped = "resolver kube-dns.kube-system.svc.cluster.local valid=5s"
    assert shipped in text
    text = text.replace(shipped, f"resolver 127.0.0.1:{names.port} valid=1s")
    with ExitStack() as routers:
        urls = []
        for number in range(count):
            (folder / str(number)).mkdir()
            urls.append(routers.enter_context(routed(folder / str(number), text)))
        for url in urls:
            until(lambda url=url: status(f"{url}/readyz") == 200, "a replica is found")
        yield urls


def send(url: str, group: str) -> int:
    headers = {"X-Harmo-Group": group} if group else {}
    return httpx.post(f"{url}/score", content="{}", headers=headers, trust_env=False).status_code


@needs_resolve
def test_pieces_of_a_group_meet_whichever_router_they_come_by(tmp_path: Path) -> None:
    groups = [f"g{number}" for number in range(24)]
    replicas = [Replica(f"10-0-0-{number}") for number in range(3)]
    with ExitStack() as all_of_them:
        for each in (names := Names(), *replicas):
            all_of_them.enter_context(running(each))
        names.ready = replicas
        for url in all_of_them.enter_context(found(tmp_path, names, count=2)):
            for group in groups * 2:
                assert send(url, group) == 200
    holders = Counter(group for each in replicas for group in each.asked)
    assert holders == Counter(groups)
    assert all(each.asked.total() >= 4 for each in replicas)


@needs_resolve
def test_a_replica_that_comes_takes_its_share_of_groups_and_moves_no_others(
    tmp_path: Path,
) -> None:
    groups = [f"g{number}" for number in range(40)]
    replicas = [Replica(f"10-0-0-{number}") for number in range(3)]
    with ExitStack() as all_of_them:
        for each in (names := Names(), *replicas):
            all_of_them.enter_context(running(each))
        names.ready = replicas[:2]
        (url,) = all_of_them.enter_context(found(tmp_path, names))
        for group in groups:
            assert send(url, group) == 200
        before = {group: each.name for each in replicas for group in each.asked}
        names.ready = replicas
        until(lambda: send(url, "") == 200 and replicas[2].asked[""], "the third is found")
        for each in replicas:
            each.asked.clear()
        for group in groups:
            assert send(url, group) == 200
    after = {group: each.name for each in replicas for group in each.asked}
    moved = {group for group in groups if after[group] != before[group]}
    assert {after[group] for group in moved} == {"10-0-0-2"}
    assert 4 <= len(moved) <= 24


@needs_resolve
def test_a_replica_that_left_the_names_gets_nothing_more(tmp_path: Path) -> None:
    stays, goes = Replica("10-0-0-0"), Replica("10-0-0-1")
    with ExitStack() as all_of_them:
        for each in (names := Names(), stays, goes):
            all_of_them.enter_context(running(each))
        names.ready = [stays, goes]
        (url,) = all_of_them.enter_context(found(tmp_path, names))
        names.ready = [stays]

        def silent() -> bool:
            goes.asked.clear()
            return all(send(url, f"g{n}") == 200 for n in range(20)) and not goes.asked

        until(silent, "the one that left is asked no more")
        assert stays.asked.total()
