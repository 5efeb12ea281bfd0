"""Each trainer's own code, from the package index, over the one environment that has torch.

    python -m tests.conformance.overlays [TRAINER ...]

Nothing here is installed with its dependencies: those that torch or the trainer brings stand in
`.venv` already, and what is missing to import the code that is driven is named below.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "conformance"

SHARED = (
    "ray==2.55.0",
    "aiohttp==3.14.5",
    "aiohappyeyeballs==2.7.1",
    "aiosignal==1.4.0",
    "frozenlist==1.8.0",
    "multidict==7.2.1",
    "propcache==0.5.4",
    "yarl==1.25.1",
    "msgpack==1.2.4",
    "einops==0.8.2",
    "protobuf==7.36.2",
)
"""What several of them import."""

PINS: dict[str, tuple[str, ...]] = {
    "openrlhf": ("openrlhf==0.11.2", "pylatexenc==2.11"),
    "llamafactory": ("llamafactory==0.9.5",),
    "verl": (
        "verl==0.9.1",
        "tensordict==0.10.0",
        "hydra-core==1.3.8",
        "omegaconf==2.4.0",
        "codetiming==1.4.0",
        "pylatexenc==2.11",
        "orjson==3.13.0",
        "pyvers==0.2.3",
    ),
    "swift": (
        "ms-swift==4.6.0",
        "modelscope==1.40.2",
        "modelscope_hub==0.5.1",
        "cryptography==50.0.2",
        "cffi==2.1.1",
        "dacite==1.9.2",
        "json_repair==0.64.6",
        "addict==2.4.0",
    ),
}
"""By trainer: the trainer itself first. TRL and what else it needs are in `.venv`."""

STAMP = "installed.txt"
SLIME = Path(os.environ.get("SLIME", "nowhere"))
"""A checkout of slime."""


def version_of(trainer: str) -> str:
    """The version that is driven."""
    if trainer == "slime":
        return "a checkout"
    return version("trl") if trainer == "trl" else PINS[trainer][0].partition("==")[2]


def missing(trainer: str) -> str | None:
    """Why this trainer's code cannot be driven, or None."""
    if trainer == "slime" and not (SLIME / "slime" / "rollout").is_dir():
        return "slime is on no package index: give a checkout as SLIME=PATH"
    wanted = {"shared": SHARED, trainer: PINS.get(trainer, ())}
    absent = [name for name, pins in wanted.items() if pins and not _is_whole(name, pins)]
    return f"{' and '.join(absent)} not in {FOLDER}: run `make conformance`" if absent else None


def environment(trainer: str) -> dict[str, str]:
    """The variables of a process that imports this trainer."""
    own = SLIME if trainer == "slime" else FOLDER / trainer
    folders = [ROOT, ROOT / "client", own, FOLDER / "shared"]
    paths = os.pathsep.join(str(folder) for folder in folders)
    quiet = {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **quiet, "PYTHONPATH": paths}


def install(name: str, pins: tuple[str, ...]) -> None:
    """Have these in the folder of that name, and nothing else."""
    if _is_whole(name, pins):
        return
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
    subprocess.run([*command, "--target", str(folder), *pins], check=True)
    for beside in ("tests", "scripts", "bin"):
        # Wheels bring these by mistake; a package called `tests` would hide ours.
        shutil.rmtree(folder / beside, ignore_errors=True)
    (folder / STAMP).write_text("\n".join(pins), encoding="utf-8")


def _is_whole(name: str, pins: tuple[str, ...]) -> bool:
    stamp = FOLDER / name / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == "\n".join(pins)


if __name__ == "__main__":
    install("shared", SHARED)
    for asked in sys.argv[1:] or PINS:
        install(asked, PINS[asked])
