"""LLaMA-Factory: the client that its PPO trainer asks a reward server with."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import llamafactory

from tests.conformance.drivers.driving import IM_END, Ask, drive

for name in ("train", "train.ppo"):
    # Their __init__ would import a value head that TRL has no more.
    package = ModuleType(f"llamafactory.{name}")
    package.__path__ = [str(Path(llamafactory.__file__).parent.joinpath(*name.split(".")))]
    sys.modules[package.__name__] = package

from llamafactory.train.ppo.ppo_utils import get_rewards_from_server  # noqa: E402


def score(ask: Ask) -> dict[str, Any]:
    """One request for all rows."""
    messages = [f"{row.rendered}{row.completion}{IM_END}\n" for row in ask.rows]
    return {"rewards": get_rewards_from_server(ask.url("v1/score/evaluation"), messages).tolist()}


if __name__ == "__main__":
    drive(score)
