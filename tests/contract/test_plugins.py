"""A scorer from a package of its own, exactly as docs/add-a-scorer.md shows it."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harmo.app.catalogue import Catalogue
from harmo.app.hosting import Hosting
from harmo.scorers import registry
from tests.process import HARMO, free_port, run, wait_ready

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "add-a-scorer.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[number]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as pip would leave it after installing the package of the page."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "my_scorers.py").write_text(block("python"))
    (folder / "polite.yaml").write_text(block("yaml"))
    metadata = folder / "my_scorers-0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-scorers\nVersion: 0.1\n")
    name, module = re.findall(r'^(\w+) = "(\w+)"$', block("toml"), re.MULTILINE)[0]
    (metadata / "entry_points.txt").write_text(f"[harmo.scorers]\n{name} = {module}\n")
    return folder


def test_a_plugin_is_listed_scored_and_counted(site: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(site)}
    port = free_port()
    command = [HARMO, "serve", "--recipe", str(site / "polite.yaml"), "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_ready(port, process)
        scorers = {s["name"]: s for s in json.loads(fetch(port, "GET", "/scorers"))}
        assert scorers["aspect.politeness"]["origin"] == "my_scorers"
        assert scorers["aspect.politeness"]["summary"].startswith("1.0 if the answer")
        completions = [{"id": "0", "text": "4, thanks"}, {"id": "1", "text": "4"}]
        asked = {"groups": [{"id": "g", "prompt": "2+2?", "reference": "4"}]}
        asked["groups"][0]["completions"] = completions  # type: ignore[assignment]
        answer = json.loads(fetch(port, "POST", "/score", json.dumps(asked)))
        polite = [c["scores"][1] for c in answer["groups"][0]["completions"]]
        assert polite == [1.0, 0.0]
        assert 'column="aspect.politeness"' in fetch(port, "GET", "/metrics")
    finally:
        process.terminate()
        process.wait(30)


BROKEN = {
    "missing": ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    "syntax": ("def", "SyntaxError: "),
    "taken": (
        "from harmo import scorer\n\n\n@scorer('rule.math')\ndef f(sample): ...",
        "ValueError: scorer 'rule.math' is already registered",
    ),
    "leaves": ("import sys\n\nsys.exit('enough')", "SystemExit: enough"),
    "halfway": (
        "from harmo import scorer\n\n\n@scorer('aspect.half')\ndef f(sample): ...\n\n\n1 / 0",
        "ZeroDivisionError: division by zero",
    ),
}
"""Modules that cannot be imported, and why."""


def beside(site: Path, folder: Path, code: str) -> dict[str, str]:
    """The environment of a package with this code, beside the one of the page."""
    (folder / "bad_scorers.py").write_text(code)
    metadata = folder / "bad_package-0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-package\nVersion: 0.1\n")
    (metadata / "entry_points.txt").write_text("[harmo.scorers]\nbad = bad_scorers\n")
    paths = [str(folder), str(site), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


@pytest.mark.parametrize(("code", "why"), BROKEN.values(), ids=BROKEN)
def test_a_plugin_that_cannot_be_imported_is_named_and_the_rest_goes_on(
    site: Path, tmp_path: Path, code: str, why: str
) -> None:
    env = beside(site, tmp_path, code)
    asking = tmp_path / "asking.yaml"
    asking.write_text("name: asking\naspect: [{scorer: aspect.half}]")
    ran = run(HARMO, "recipes", "check", str(asking), str(site / "polite.yaml"), env=env)
    named = f"plugin bad-package (bad = bad_scorers) not imported: {why}"
    warning, refusal = ran.stderr.splitlines()
    assert warning.startswith(f"harmo: {named}")
    assert f"scorer 'aspect.half' is not registered; {named}" in refusal
    assert "nothing to object to" in ran.stdout, "the plugin beside it is whole"


def test_harmo_scorers_lists_what_is_broken(site: Path, tmp_path: Path) -> None:
    code, _ = BROKEN["halfway"]
    ran = run(HARMO, "scorers", env=beside(site, tmp_path, code))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.search(r"^ +broken +bad-package +", ran.stdout, re.MULTILINE)
    assert "aspect.politeness" in ran.stdout
    assert "aspect.half" not in ran.stdout


def test_a_broken_plugin_is_one_warning_of_the_service(site: Path, tmp_path: Path) -> None:
    code, why = BROKEN["missing"]
    rollouts = tmp_path / "in.jsonl"
    rollouts.write_text('{"prompt": "?", "reference": "4", "completion": "4"}')
    ran = run(HARMO, "score", str(rollouts), env=beside(site, tmp_path, code))
    assert ran.returncode == 0
    assert ran.stderr == f"plugin bad-package (bad = bad_scorers) not imported: {why}\n"


def fetch(port: int, method: str, path: str, body: str | None = None) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    return connection.getresponse().read().decode()


@pytest.mark.parametrize("module", ["my_scorers", "harmo.scorers_of_mine", "harmo_models"])
def test_a_plugins_code_is_in_the_version_whatever_its_name(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.load()
    monkeypatch.setattr(registry, "_SPECS", dict(registry._SPECS))
    source, recipe = tmp_path / "scorers.py", tmp_path / "polite.yaml"
    recipe.write_text(block("yaml"))
    versions = set()
    for code in (block("python"), block("python").replace("else 0.0", "else 0")):
        source.write_text(code)
        spec = importlib.util.spec_from_file_location(module, source)
        assert spec is not None
        assert spec.loader is not None
        plugin = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, module, plugin)
        spec.loader.exec_module(plugin)
        versions.add(Catalogue.load([str(recipe)], Hosting()).scorer_version)
    assert len(versions) == 2


def test_the_table_test_of_the_page_passes_and_can_fail() -> None:
    names: dict[str, object] = {}
    exec(compile(block("python"), "my_scorers.py", "exec"), names)
    exec(compile(block("python", 1), "test_my_scorers.py", "exec"), names)
    broken = block("python", 1).replace('1.0, "says the word"', '0.0, "says the word"')
    with pytest.raises(AssertionError, match=r"says the word: expected 0\.0, got 1\.0"):
        exec(compile(broken, "test_my_scorers.py", "exec"), names)
