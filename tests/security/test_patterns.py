"""Every `re` that may see what a policy wrote takes few steps, whatever it sees.

The source is read, so that no pattern is forgotten; how many steps it may take is told by
`backtracking.bound`. RE2 needs no proof and is not counted.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from types import ModuleType
from typing import TypeGuard

import pytest

from tests.security.backtracking import Bound, Use, bound

ROOT = Path(__file__).parents[2]
SEES = ("scorers", "models", "rewards", "app")
MAX_STEPS = 350
"""At one position of a text, and for each character read: some 10 ns each, so that the longest
completion (400,000 characters) takes 1.4 s at the very worst, and what reads the last thousand
characters of it a few milliseconds."""
MAX_STEPS_ONCE = 2_000
"""Where a text is matched from its start alone."""

CALLS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
EXEMPT = {
    "app/pages/render.py": "docstrings of scorers",
    "models/checkpoint/infer.py": "label names in a checkpoint's configuration",
}
"""Files whose patterns see nothing that a policy wrote, and what they see."""


@dataclass(frozen=True)
class Found:
    """A pattern in the source."""

    where: str
    pattern: str
    flags: int
    use: Use


def sources() -> Iterator[tuple[str, ast.Module]]:
    for top in SEES:
        for path in sorted((ROOT / top).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.AST) -> str | None:
    """The function of `re` that a node calls."""
    function = getattr(node, "func", None)
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return None
    return function.attr if function.value.id == "re" and function.attr in CALLS else None


def patterns(name: str, tree: ast.Module) -> Iterator[Found]:
    """The patterns of a file; a `ValueError` names one that cannot be told."""
    if not any(map(called, ast.walk(tree))):
        return
    dotted = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    module = importlib.import_module(f"harmo.{dotted}")
    uses = used(tree)
    for statement in tree.body:
        target = assigned(statement)
        for node in ast.walk(statement):
            if (function := called(node)) is None:
                continue
            where = f"{name}:{node.lineno}"
            if function == "compile" and target is not None:
                use = as_used(uses[target])
                for each in compiled(getattr(module, target)):
                    yield Found(
                        f"{name}:{target}", each.pattern, each.flags & ~re.UNICODE.value, use
                    )
            else:
                use = function if function in ("match", "fullmatch") else "search"
                yield Found(where, *value(node, module, where), use)


def assigned(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
    return targets[0].id if targets and isinstance(targets[0], ast.Name) else None


def used(tree: ast.Module) -> dict[str, set[str]]:
    """How each name of a file is used: the methods that are called of it, `""` for all else.

    From a position that is given, a match is one of many: as much as a search.
    """
    uses: dict[str, set[str]] = defaultdict(set)
    of_method = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            on = node.func.value
            if isinstance(on, ast.Name):
                of_method.add(on)
                uses[on.id].add(node.func.attr if len(node.args) == 1 else "")
    for node in ast.walk(tree):
        if is_mapped(node):
            of_method.add(node.args[0].value)
            uses[node.args[0].value.id].add(node.args[0].attr)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in of_method:
            uses[node.id].add("")
    return uses


def is_mapped(node: ast.AST) -> TypeGuard[ast.Call]:
    """True for `map(PATTERN.fullmatch, texts)`."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.func, ast.Name):
        return False
    method = node.args[0]
    of_name = isinstance(method, ast.Attribute) and isinstance(method.value, ast.Name)
    return node.func.id == "map" and len(node.args) == 2 and of_name


def as_used(methods: set[str]) -> Use:
    if methods == {"fullmatch"}:
        return "fullmatch"
    return "match" if methods and methods <= {"match", "fullmatch"} else "search"


def compiled(value: object) -> Iterator[re.Pattern[str]]:
    """The patterns in a module's constant."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from compiled(list(value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from compiled(each)


class _Escaped(ast.NodeTransformer):
    """What is escaped at run time, as some literal."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        escapes = isinstance(node.func, ast.Attribute) and node.func.attr == "escape"
        return ast.Constant("literally") if escapes else node


def value(node: ast.AST, module: ModuleType, where: str) -> tuple[str, int]:
    """The pattern and flags of a call in a function."""
    assert isinstance(node, ast.Call)
    flags = [word.value for word in node.keywords if word.arg == "flags"]
    asked = ast.Tuple([_Escaped().visit(node.args[0]), *flags], ast.Load())
    code = compile(ast.fix_missing_locations(ast.Expression(asked)), where, "eval")
    try:
        pattern, *given = eval(code, vars(module))
    except NameError as error:
        raise ValueError(f"{where}: a pattern made at run time, {error}") from None
    return pattern, int(given[0]) if given else 0


def few(steps: Bound, use: Use) -> bool:
    at_most = MAX_STEPS if use == "search" else MAX_STEPS_ONCE
    return steps.start <= at_most and steps.character <= MAX_STEPS


def test_no_pattern_that_sees_a_completion_backtracks_for_long() -> None:
    slow = {}
    for name, tree in sources():
        if name in EXEMPT:
            continue
        for found in patterns(name, tree):
            steps = bound(found.pattern, found.flags, use=found.use)
            if not few(steps, found.use):
                slow[f"{found.where} {found.use} {found.pattern}"] = steps
    assert slow == {}


POSSESSIVE_GROUP = re.compile(r"(?<!\\)(?:\\\\)*\)(?:[*+?]|\{[0-9,]+\})\+")


def test_no_group_is_repeated_possessively() -> None:
    """Before Python 3.11.5 such a one does not match what it should; `(?>(?:...)*)` does."""
    found = [
        each for name, tree in sources() if name not in EXEMPT for each in patterns(name, tree)
    ]
    assert [each.where for each in found if POSSESSIVE_GROUP.search(each.pattern)] == []
    assert POSSESSIVE_GROUP.search(r"(?:,\d{3}){0,6}+")
    assert not POSSESSIVE_GROUP.search(r"(?>(?:,\d{3}){0,6}) \)?+ [a-z]{1,3}+")


def test_nothing_of_re_comes_under_another_name() -> None:
    """`from re import compile` or another backtracking engine would not be seen."""
    hidden = [
        f"{name}:{node.lineno}"
        for name, tree in sources()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and node.module in {"re", "regex"})
        or (isinstance(node, ast.Import) and any(shadowed(alias) for alias in node.names))
    ]
    assert hidden == []


def shadowed(alias: ast.alias) -> bool:
    return (alias.name == "re" and alias.asname is not None) or alias.name == "regex"


def test_the_table_names_files_that_have_patterns() -> None:
    having = {name for name, tree in sources() if any(map(called, ast.walk(tree)))}
    assert set(EXEMPT) <= having


EXPONENTIAL = r"(?:\d{0,3}(?:[A-Z][a-z]?|[(\[)\]])\d{0,3}(?:\*\d{0,3})?)+(?:\d?[+-])?"


@pytest.mark.parametrize(
    ("pattern", "use", "why"),
    [
        (r"(a+)+b", "match", "nested repeats"),
        (r"(?:a|a)*b", "match", "alternatives that are the same"),
        (r"(?:a|ab|b)*c", "match", "alternatives that overlap"),
        (EXPONENTIAL, "fullmatch", "the formula that took 125 s"),
        (r"a+b", "search", "scanned again from every position"),
        (r"\s+\Z", "search", "the same, before an end"),
        (r"<think>.*?</think>", "search", "a tag that never closes, from every opening one"),
        (r"\\boxed\{(.*)\}.*\\boxed", "match", "two runs of the same characters"),
        (r"a*a*b", "match", "the same"),
        (r"(?:\d+,)*", "search", "what fails in the middle of a turn"),
        (r"(?=\s*x)", "search", "looking ahead without end"),
        (r"a{0,3000}b", "search", "bounded, but by too much"),
        (r"(?:a?){20}b", "search", "optional ones in a row"),
        (r"(?:x?y?){1,9}z", "search", "exponential, though bounded"),
        (r"(a*)\1b", "match", "a back-reference"),
        (r"b|a{2}\w+bc", "search", "without end behind what is counted"),
        (r"(?:(?:a?){12}b+?)*?", "search", "what may be empty, and must not be twice on end"),
        (r"(?i)[k\u212a]+K", "search", "the Kelvin sign is a k, where case is ignored"),
        (r"\d{1,40}(?:\d{1,40})?x", "search", "bounded runs of the same characters, multiplied"),
    ],
)
def test_a_pattern_that_may_take_long_is_refused(pattern: str, use: Use, why: str) -> None:
    assert not few(bound(pattern, use=use), use), why


@pytest.mark.parametrize(
    ("pattern", "use", "why"),
    [
        (r"a+", "search", "what is read is consumed"),
        (r"\d+(?:\.\d+)?", "search", "and what may follow cannot make it fail"),
        (r'"(?:[^"\\\n]|\\.)*"?|```', "search", "a string that ends somewhere"),
        (r"a+b", "match", "one start, and b stops the run"),
        (r"(?:a|b)*+c", "fullmatch", "nothing is given back"),
        (r"[ab]*+c", "match", "the same"),
        (r"\A\s*\w", "search", "from the start alone"),
        (r"[^{}]{0,60}\}", "search", "bounded, and the brace stops it"),
    ],
)
def test_a_pattern_that_takes_few_steps_is_let_be(pattern: str, use: Use, why: str) -> None:
    assert few(bound(pattern, use=use), use), why


def test_the_bound_of_what_never_ends_is_infinite() -> None:
    assert bound(EXPONENTIAL, use="fullmatch").start == inf
