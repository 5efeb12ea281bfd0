"""Images in a folder of their own, and the service of one of them, contained without an engine.

It needs root, buildah, debootstrap and unshare. What is run may do what deploy/compose.yaml lets
it: a read-only root, no capabilities, uid 10001, and tini as process 1.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONTAINED = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount --bind /etc/hosts "$1/etc/hosts"
mount -t tmpfs -o noexec,nosuid,nodev tmpfs "$1/tmp"
mount -t tmpfs -o nosuid,nodev,uid=10001 tmpfs "$1/var/cache/harmo"
mount -o remount,bind,ro "$1"
root=$1; shift
exec chroot "$root" setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs \
  --bounding-set -all --inh-caps -all env -i "$@"
"""


def run(*command: str) -> str:
    """What a command printed; its errors are shown, and end this."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{shlex.join(command)[:200]} ended with {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Images and containers in a folder of their own."""

    folder: Path

    def buildah(self, *arguments: str) -> str:
        place = ["--root", str(self.folder / "images"), "--runroot", str(self.folder / "run")]
        return run("buildah", *place, *arguments)

    def base(self) -> str:
        """A Debian with Python, made from its packages."""
        tree = self.folder / "base"
        packages = "ca-certificates,python3,python3-venv"
        run("debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(tree))
        container = self.buildah("from", "scratch").strip()
        self.buildah("add", container, str(tree), "/")
        self.buildah("commit", "--format", "docker", container, "harmo-base")
        self.buildah("rm", container)
        return "localhost/harmo-base"

    def build(self, tag: str, context: Path, *options: str) -> str:
        """Build what a folder's Dockerfile says."""
        extra = shlex.split(os.environ.get("BUILDAH_OPTIONS", ""))
        how = ["--isolation", "chroot", "--format", "docker", "--layers"]
        self.buildah("bud", *how, *extra, *options, "-t", tag, str(context))
        return tag

    @contextmanager
    def container(self, image: str) -> Iterator[tuple[str, Path]]:
        """A container of an image, and where its files lie."""
        name = self.buildah("from", image).strip()
        try:
            yield name, Path(self.buildah("mount", name).strip())
        finally:
            self.buildah("umount", name)
            self.buildah("rm", name)

    def inside(self, container: str, *command: str) -> str:
        """What a command prints that runs in the container, as its user."""
        return self.buildah("run", "--isolation", "chroot", container, "--", *command)

    def clear(self) -> None:
        """Leave no image, and nothing mounted."""
        self.buildah("rm", "--all")
        self.buildah("rmi", "--all", "--force")
        # buildah mounts it onto itself, and may leave it so.
        driver = str(self.folder / "images" / "overlay")
        subprocess.run(["umount", driver], stderr=subprocess.DEVNULL, check=False)


@dataclass(slots=True, kw_only=True)
class Contained:
    """The image's service, running."""

    root: Path
    environment: Sequence[str]
    command: Sequence[str]
    asked: Sequence[str]
    """Its HEALTHCHECK."""
    port: int
    outside: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> Contained:
        name = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", CONTAINED, "-"]
        self.outside = subprocess.Popen([*name, str(self.root), *self.environment, *self.command])
        until(lambda: children(self.outside.pid))
        until(lambda: Path(f"/proc/{self.first}/comm").read_text() == "tini\n")
        return self

    def __exit__(self, *_: object) -> None:
        self.outside.kill()
        self.outside.wait()

    @property
    def first(self) -> int:
        """What is process 1 in there, by its number out here."""
        (pid,) = children(self.outside.pid)
        return pid

    def ask(self, path: str, body: object = None) -> tuple[int, Any]:
        """The status and JSON of an answer; 0 where nobody answers."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if body is not None:
            asked.data = json.dumps(body).encode()
            asked.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(asked, timeout=120) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, None
        except OSError:
            return 0, None

    def healthy(self) -> bool:
        """What the image's HEALTHCHECK says, run by hand in its root."""
        there = ["nsenter", "--target", str(self.first), "--mount", "--pid", "--root"]
        as_user = ["--setgid", "10001", "--setuid", "10001", "env", "-i", *self.environment]
        command = [*there, *as_user, *self.asked]
        return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0

    def cost_of_asking(self) -> str:
        """What a HEALTHCHECK takes, the least of five."""
        costs = []
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.healthy()
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return f"{1000 * min(costs):.0f} ms of a core each time"

    def memory(self) -> str:
        """What all of its processes hold, shared pages counted once, and their threads."""
        pids = [self.first, *below(self.first)]
        shares = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
        held = sum(int(re.findall(r"^Pss: +(\d+)", text, re.MULTILINE)[0]) for text in shares)
        threads = sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in pids)
        return f"{held >> 10} MiB in {len(pids)} processes with {threads} threads"


def children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def below(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *below(child))]


def until(holds: Callable[[], object], timeout_s: float = 120.0) -> float:
    """The seconds until it held; ends this where it does not."""
    began_s = time.monotonic()
    while not holds():
        if time.monotonic() - began_s > timeout_s:
            sys.exit(f"not within {timeout_s:g} s")
        time.sleep(0.1)
    return time.monotonic() - began_s
