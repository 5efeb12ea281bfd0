"""The client lives in trainers' environments: what it pulls in is a promise."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import requires

import pytest

import harmo_client
from harmo_client import errors, wire

ALLOWED = {
    *("harmo_client", "httpx", "pydantic"),
    # What those two are made of.
    *("httpcore", "h11", "anyio", "idna", "certifi", "sniffio", "exceptiongroup"),
    *("pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"),
    # httpx loads its command line where these happen to be installed.
    *("click", "rich", "pygments"),
}

SCRIPT = """
import importlib, json, sys
before = set(sys.modules)
importlib.import_module(sys.argv[1])
names = {name.split(".")[0] for name in set(sys.modules) - before}
print(json.dumps(sorted(names - set(sys.stdlib_module_names))))
"""


ADAPTERS = [
    *("trl", "verl", "swift", "slime", "openrlhf", "easyr1", "verifiers", "areal", "roll", "rlinf"),
    "nemo_gym",
]


@pytest.mark.parametrize(
    "module",
    ["harmo_client", "harmo_client.client", *(f"harmo_client.adapters.{a}" for a in ADAPTERS)],
)
def test_importing_pulls_in_httpx_and_pydantic_only(module: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, module], capture_output=True, text=True, check=True
    )
    # Generated names: the interpreter's build record, editable installs.
    imported = {name for name in json.loads(run.stdout) if not name.startswith("_")}
    assert imported <= ALLOWED


HEAVY = {"httpx", "pydantic", "pydantic_core", "torch", "transformers", "trl", "numpy", "asyncio"}
FIRST_USES = [
    ("import harmo_client", HEAVY, "the package alone"),
    ("import harmo_client; dir(harmo_client)", HEAVY, "looking at its names"),
    ("from harmo_client import HarmoError", HEAVY, "an error to catch"),
    ("from harmo_client import Group", {"httpx", "torch", "transformers", "trl"}, "the schema"),
    ("from harmo_client import RewardClient", {"torch", "transformers", "trl"}, "a client"),
    ("from harmo_client import *", {"torch", "transformers", "trl"}, "every name"),
]


@pytest.mark.parametrize(("statement", "absent", "why"), FIRST_USES)
def test_a_name_loads_no_more_than_it_needs(statement: str, absent: set[str], why: str) -> None:
    script = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not absent & set(run.stdout.split()), why


def test_every_public_name_is_there_and_listed() -> None:
    for name in harmo_client.__all__:
        assert getattr(harmo_client, name).__name__ == name
        assert getattr(harmo_client, name).__module__.startswith("harmo_client.")
    assert set(harmo_client.__all__) <= set(dir(harmo_client))


def test_every_error_and_everything_on_the_wire_has_a_short_name() -> None:
    public = set(harmo_client.__all__)
    found = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert found <= public
    # Bases, and what only the client itself reads.
    inner = {"RequestModel", "ResponseModel", "ErrorBody", "ErrorDetail"}
    models = {name for name, value in vars(wire).items() if is_model_of(wire, value)}
    assert models - inner <= public


def is_model_of(module: object, value: object) -> bool:
    return isinstance(value, type) and value.__module__ == module.__name__  # type: ignore[attr-defined]


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'Reward'"):
        _ = harmo_client.Reward  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match="Reward"):
        exec("from harmo_client import Reward")


def test_dependencies_are_ranges_so_that_a_trainers_environment_can_hold_them() -> None:
    base = [line for line in requires("harmo-client") or [] if "extra ==" not in line]
    assert {line.split(">")[0].split("<")[0] for line in base} == {"httpx", "pydantic"}
    assert not [line for line in requires("harmo-client") or [] if "==" in line.split(";")[0]]
