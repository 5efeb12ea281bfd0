"""What holds for every file of the tree, whoever wrote it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import HARMO

ROOT = Path(__file__).parents[1]
CODE = ("app", "audit", "console", "rewards", "scorers", "models", "harmo", "client")
LEFT_BY_TOOLS = {"__pycache__", "build", "dist", "node_modules", "runs"}
MAX_MODULES, MAX_LINES, MAX_FUNCTION_LINES = 12, 300, 40


def files(*tops: str) -> Iterator[Path]:
    """Every file below these folders, links and what tools leave aside."""
    for top in tops:
        for folder, folders, names in os.walk(ROOT / top):
            folders[:] = [
                name
                for name in folders
                if name == ".ci" or not (name.startswith(".") or name in LEFT_BY_TOOLS)
            ]
            yield from (Path(folder, name) for name in sorted(names))


def parsed(*tops: str) -> Iterator[tuple[str, ast.Module]]:
    """Every Python file below these folders, by its path from the root."""
    for path in files(*tops):
        if path.suffix == ".py":
            text = path.read_text(encoding="utf-8")
            yield path.relative_to(ROOT).as_posix(), ast.parse(text)


BROAD = {
    "console/state.py": "a connection that is given up need not close well",
    "app/boundary.py": "where scorers' failures become abstentions",
    "app/keeping/trouble.py": "what one group or one disk does ends nothing else",
    "app/workers/pool.py": "a place of a worker without its keeper would never be filled again",
    "app/workers/forked.py": "what a job raises in a worker travels to who asked",
    "app/metrics/exposition.py": "one metric that cannot be read costs its own series only",
    "app/main.py": "a bug of ours is answered 500; further out its words would be logged",
    "scorers/registry.py": "a plugin that cannot be imported is named, the others go on",
    "scorers/confidence/faults.py": "what an answer makes a rule raise is wrong, not null",
    "models/threads.py": "a call's failure goes to those who wait for it on other threads",
    "client/harmo_client/adapters/core/ranks.py": "one rank's error is raised on every rank",
}


def test_broad_excepts_stand_where_they_are_listed() -> None:
    found = Counter(name for name, tree in parsed(*CODE) for node in ast.walk(tree) if broad(node))
    assert found == dict.fromkeys(BROAD, 1)


def broad(node: ast.AST) -> bool:
    """True for what swallows any error, be it dressed as a context manager."""
    if isinstance(node, ast.ExceptHandler):
        return (node.type is None or names_all(node.type)) and not raises_it(node.body[-1])
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "suppress":
        return any(map(names_all, node.args))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        swallows = node.name in ("__exit__", "__aexit__")
        return swallows and any(map(returns_something, ast.walk(node)))
    return False


def raises_it(node: ast.stmt) -> bool:
    """True for a bare `raise`: whoever ends with one has only cleaned up."""
    return isinstance(node, ast.Raise) and node.exc is None


def names_all(node: ast.expr) -> bool:
    every = {"Exception", "BaseException"}
    return any(isinstance(each, ast.Name) and each.id in every for each in ast.walk(node))


def returns_something(node: ast.AST) -> bool:
    """True for a `return` of anything but None and False."""
    if not isinstance(node, ast.Return) or node.value is None:
        return False
    return not (isinstance(node.value, ast.Constant) and node.value.value in (None, False))


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("try: f()\nexcept: pass", True),
        ("try: f()\nexcept Exception: pass", True),
        ("try: f()\nexcept (OSError, BaseException) as e: pass", True),
        ("try: f()\nexcept* Exception: pass", True),
        ("try: f()\nexcept (OSError, ValueError): pass", False),
        ("try: f()\nexcept BaseException:\n g()\n raise", False),
        ("try: f()\nexcept Exception as e:\n raise E from e", True),
        ("try: f()\nexcept Exception:\n if x: raise", True),
        ("with contextlib.suppress(Exception): f()", True),
        ("with suppress(Exception): f()", True),
        ("with contextlib.suppress(OSError): f()", False),
        ("class C:\n def __exit__(self, *e): return True", True),
        ("class C:\n def __exit__(self, *e): return self.keep(e)", True),
        ("class C:\n def __exit__(self, *e): self.close()", False),
        ("class C:\n async def __aexit__(self, *e): return None", False),
    ],
)
def test_a_broad_except_is_seen_however_it_is_dressed(text: str, caught: bool) -> None:
    assert any(map(broad, ast.walk(ast.parse(text)))) is caught


def test_files_are_at_most_300_lines() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for path in files(*CODE)
        if path.suffix == ".py"
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


LONG_FUNCTIONS = {
    "app/cli/audit/command.py:show": "its parameters are the flags, one by one",
    "app/cli/bench/command.py:bench": "its parameters are the flags, one by one",
    "app/cli/init/command.py:init": "its parameters are the flags, one by one",
    "app/cli/probe.py:probe": "its parameters are the flags, one by one",
    "app/cli/replay/command.py:replay": "its parameters are the flags, one by one",
    "app/cli/score.py:score": "its parameters are the flags, one by one",
    "app/cli/serve.py:serve": "its parameters are the flags, one by one",
    "scorers/registry.py:scorer": "its parameters are all that a scorer may declare",
}


def test_functions_are_at_most_40_lines_without_their_docstring() -> None:
    long = {
        f"{name}:{node.name}": lines
        for name, tree in parsed(*CODE)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := lines_of(node) - docstring_lines(node)) > MAX_FUNCTION_LINES
    }
    assert long.keys() == LONG_FUNCTIONS.keys(), long


def lines_of(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return lines_of(node.body[0]) if ast.get_docstring(node) is not None else 0


FLAT = {
    "app": "one service: what is no connection, no worker and no gate is flat on purpose",
    "scorers/aspect/ifeval": "one family of instructions a module",
}


def test_folders_hold_at_most_twelve_modules() -> None:
    modules = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for path in files(*CODE)
        if path.suffix == ".py" and path.name != "__init__.py"
    )
    full = {name: count for name, count in modules.items() if count > MAX_MODULES}
    assert full.keys() == FLAT.keys(), full


@pytest.mark.parametrize("folder", ["scorers/aspect", "scorers/reading", "scorers/rule", "models"])
def test_every_module_has_its_test(folder: str) -> None:
    modules = [
        path.relative_to(ROOT)
        for path in files(folder)
        if path.suffix == ".py" and path.name != "__init__.py"
    ]
    missing = [
        str(path)
        for path in modules
        if not (ROOT / "tests" / path.parent / f"test_{path.name}").is_file()
    ]
    assert missing == []


def imports(tree: ast.Module) -> set[str]:
    """Every module and name that is imported, dotted."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_test_imports_from_benchmarks() -> None:
    benchmarks = [
        name
        for name, tree in parsed("tests")
        if any(module.partition(".")[0] == "benchmarks" for module in imports(tree))
    ]
    assert benchmarks == []


def test_of_the_client_the_service_imports_the_wire_schema_only() -> None:
    """import-linter sees modules; a short name of the package reaches the same things."""
    used = {
        ".".join(module.split(".")[:2])
        for name, tree in parsed(*CODE)
        # The console is a client of a service that runs.
        if not name.startswith(("client/", "console/"))
        for module in imports(tree)
        if module.partition(".")[0] == "harmo_client"
    }
    assert used == {"harmo_client.wire"}


# With a dot that is escaped, so that this file does not hold what it looks for.
INDEX = re.compile(
    r"pypi\.|pythonhosted\.|download\.pytorch\.|anaconda\.|registry\.npmjs\.|npmmirror\."
    r"|(?:index-url|find-links)[= ]+\S*://"
)


def test_no_file_names_a_package_index() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in files(".")
        for found in INDEX.findall(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert named == []


def test_ci_brings_every_tool_that_tests_skip_without() -> None:
    sought = {
        tool
        for path in files("tests")
        if path.suffix == ".py"
        for tool in re.findall(r"which\(\"([\w-]+)\"", path.read_text(encoding="utf-8"))
    }
    brought = set(re.findall(r"[\w-]+", (ROOT / ".ci" / "run").read_text()))
    # hadolint comes with the packages.
    assert sought - brought == {"hadolint"}


@pytest.fixture
def own_folders(tmp_path: Path) -> dict[str, str]:
    """An environment in which a user's own packages have our folders' names."""
    for place in (tmp_path, tmp_path / "site"):
        for name in ("app", "rewards", "scorers", "models", "tests", "client"):
            (place / name).mkdir(parents=True)
            (place / name / "__init__.py").write_text(f"raise ImportError('your own {name}')\n")
    paths = [str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (
            [
                sys.executable,
                "-c",
                "from harmo import scorer, Sample, Score; print(Score(value=1))",
            ],
            "value=1.0",
        ),
        ([HARMO, "scorers"], "rule.math"),
        ([HARMO, "recipes", "check", "math"], "math"),
    ],
    ids=["import", "harmo scorers", "harmo recipes check"],
)
def test_folders_of_a_users_own_with_our_names_are_no_trouble(
    own_folders: dict[str, str], tmp_path: Path, command: list[str], shown: str
) -> None:
    ran = subprocess.run(
        command, cwd=tmp_path, env=own_folders, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert shown in ran.stdout
