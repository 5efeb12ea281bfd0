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
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of three files that the page shows, and its recipe."""
    folder = tmp_path_factory.mktemp("my-scorers")
    (folder / "my_scorers.py").write_text(block("python"))
    (folder / "pyproject.toml").write_text(block("toml"))
    (folder / "polite.yaml").write_text(block("yaml"))
    (folder / "tests").mkdir()
    (folder / "tests" / "test_my_scorers.py").write_text(block("python", 1))
    return folder


@pytest.fixture(scope="module")
def site(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip has installed it beside Harmo."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(folder), "."], cwd=package, check=True)
    return folder


@pytest.fixture(scope="module")
def environment(site: Path) -> dict[str, str]:
    """The environment that finds it."""
    paths = [str(site), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def test_a_plugin_is_listed_scored_and_counted(package: Path, environment: dict[str, str]) -> None:
    port = free_port()
    command = [HARMO, "serve", "--recipe", "polite.yaml", "--port", str(port)]
    process = subprocess.Popen(command, cwd=package, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_ready(port, process)
        scorers = {s["name"]: s for s in json.loads(fetch(port, "GET", "/scorers"))}
        assert scorers["aspect.politeness"]["origin"] == "my_scorers"
        assert scorers["aspect.politeness"]["summary"].startswith("1.0 if the answer")
        completions = [{"id": "0", "text": "4, thanks"}, {"id": "1", "text": "4"}]
        groups = [
            {"id": prompt, "prompt": prompt, "reference": "4", "completions": completions}
            for prompt in ("What is 2+2?", "WHAT IS 2+2?")
        ]
        answer = json.loads(fetch(port, "POST", "/score", json.dumps({"groups": groups})))
        polite = [
            [(c["scores"][1], c["confidences"][1]) for c in group["completions"]]
            for group in answer["groups"]
        ]
        assert polite == [[(1.0, 1.0), (0.0, 1.0)], [(None, None), (None, None)]]
        assert 'column="aspect.politeness"' in fetch(port, "GET", "/metrics")
    finally:
        process.terminate()
        process.wait(30)


def test_the_commands_of_the_page_run(package: Path, environment: dict[str, str]) -> None:
    check, serve = block("sh").splitlines()
    assert serve.startswith("harmo serve --recipe polite.yaml")
    ran = subprocess.run(
        [HARMO, *check.split()[1:]],
        cwd=package,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_test_of_the_page_passes_and_can_fail(
    package: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    ran = subprocess.run(
        pytest_here, cwd=package, env=environment, capture_output=True, text=True, check=False
    )
    assert "1 passed" in ran.stdout, ran.stdout
    (tmp_path / "tests").mkdir()
    broken = block("python", 1).replace('1.0, "says the word"', '0.0, "says the word"')
    (tmp_path / "tests" / "test_my_scorers.py").write_text(broken)
    ran = subprocess.run(
        pytest_here, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "says the word: expected 0.0, got 1.0" in ran.stdout


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
    package: Path, site: Path, tmp_path: Path, code: str, why: str
) -> None:
    env = beside(site, tmp_path, code)
    asking = tmp_path / "asking.yaml"
    asking.write_text("name: asking\naspect: [{scorer: aspect.half}]")
    ran = run(HARMO, "recipes", "check", str(asking), str(package / "polite.yaml"), env=env)
    named = f"plugin bad-package (bad = bad_scorers) not imported: {why}"
    warning, refusal = ran.stderr.splitlines()
    assert warning.startswith(f"harmo: {named}")
    assert "'aspect.half' is not registered; not imported: the scorers of bad-package" in refusal
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
