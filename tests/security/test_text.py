"""Attacks 1 to 11: completions that try to run, to hang or to swell what reads them.

Each goes to every rule at once, then past the aspects. Growth with length is a matter of
`test_patterns.py` and `test_pump.py`; `tests/scorers/rule/math/test_hostile.py` has more of maths.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.security.target import (
    MARK,
    Cost,
    Target,
    group,
    measured,
    require_cheap,
    require_nothing_leaked,
)

REFERENCES: dict[str, tuple[Any, str]] = {
    "math": ("5", "5"),
    "numeric": (5, "5"),
    "choice": ("C", "C"),
    "yes_no": ("yes", "yes"),
    "count": (5, "5"),
    "chart": (5, "5"),
    "ocr": ("flour 500 g", "flour 500 g"),
    "vqa": (["red"] * 10, "red"),
    "bbox": ([0.1, 0.1, 0.2, 0.2], "[0.1, 0.1, 0.2, 0.2]"),
    "point": ([0.1, 0.1, 0.2, 0.2], "(0.15, 0.15)"),
    "text": ("Paris", "Paris"),
    "json": ({"name": "Ada"}, '{"name": "Ada"}'),
}
"""A reference for each task, and what answers it; no attack below answers one."""
DIALLED = "PORT"
"""In an attack: a port where nobody may call."""

ATTACKS: list[tuple[int, str, str]] = [
    (1, f"__import__('os').system('touch {MARK}')", "a shell through sympify"),
    (1, f"exec(\"open('{MARK}','w').write('x')\")", "a file through exec"),
    (1, f"__import__('urllib.request').request.urlopen('http://127.0.0.1:{DIALLED}/')", "a call"),
    (1, "\\immediate\\write18{touch " + MARK + "}", "a shell through TeX"),
    (2, "().__class__.__base__.__subclasses__()", "a way to every class"),
    (
        2,
        "{0.__class__.__init__.__globals__}%(x)s${jndi:ldap://127.0.0.1:" + DIALLED + "/a}",
        "format",
    ),
    (3, "9**9**9", "a tower"),
    (3, "((9**9)**9999)**9999", "a tower of products"),
    (3, "9^{9^{9^{9}}}", "a tower in TeX"),
    (4, "factorial(10**7)", "a factorial by name"),
    (4, "(10^7)!", "a factorial by sign"),
    (4, "\\sin((7^{e^{e^{e^{10 e}}}})+1)", "512 GB in sympy"),
    (4, "\\sin((7**(exp(exp(exp(10*E)))))+1)", "the same in Python's signs"),
    (5, "10^{5^{5^{5^{5}}}}", "a number that cannot be printed"),
    (6, "(" * 20_000 + "4" + ")" * 20_000, "20,000 parentheses"),
    (6, "-" * 3001 + "5", "3,001 signs, which make it negative"),
    (6, "{" * 20_000 + "4" + "}" * 20_000, "20,000 braces"),
    (6, "[" * 20_000 + "]" * 20_000, "20,000 JSON lists"),
    (6, '{"name":' * 20_000 + "1" + "}" * 20_000, "20,000 JSON objects"),
    (7, "1e10000000", "an exponent of ten million"),
    (7, "1e-10000000", "a fraction of ten million digits"),
    (7, "1" * 100_000, "100,000 digits"),
    (7, "0." + "3" * 100_000, "100,000 decimals"),
    (7, "\\frac{1e5000000}{1e5000001}", "a quotient of two of them"),
    (8, "<think>" * 20_000, "20,000 thoughts begun"),
    (8, "</think>" * 20_000, "20,000 thoughts ended"),
    (8, "<answer>" * 20_000, "20,000 answers begun"),
    (8, "<answer>4</answer>" * 10_000, "10,000 answers"),
    (9, "\\boxed{" * 20_000, "20,000 boxes begun"),
    (9, "\\boxed" * 30_000, "30,000 boxes without a brace"),
    (9, "\\boxed{4}" * 20_000, "20,000 boxes"),
    (9, "$" * 100_001, "dollars without end"),
    (10, "ab " * 60_000, "two words, 60,000 times"),
    (10, "a" * 200_000, "one letter, 200,000 times"),
    (10, "the answer is " * 15_000, "a cue, 15,000 times"),
    (11, "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 100_000, "NFKC times 18"),
    (11, "a" + "\N{COMBINING GRAVE ACCENT}" * 150_000, "one letter with 150,000 accents"),
    (11, "\N{LATIN SMALL LIGATURE FFI}\N{VULGAR FRACTION ONE HALF}" * 50_000, "ligatures"),
    (11, "\U000e0001\u202e\u2066\ue000" * 30_000, "marks nobody sees"),
]


def wrapped(attack: str) -> tuple[str, ...]:
    """An attack bare, as the answer, and where extraction looks for one."""
    return attack, f"<answer>{attack}</answer>", f"\\boxed{{{attack}}}", f"so $x={attack}$ holds."


def everywhere(attack: str) -> list[dict[str, Any]]:
    return [
        group(*wrapped(attack), id=task, task=task, reference=reference)
        for task, (reference, _) in REFERENCES.items()
    ]


@pytest.fixture(scope="module")
def dialled() -> Iterator[tuple[int, list[object]]]:
    """A port on which calls are counted."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def count() -> None:
            while True:
                try:
                    calls.append(listener.accept())
                except OSError:
                    return

        threading.Thread(target=count, daemon=True).start()
        yield listener.getsockname()[1], calls


_HARMLESS: dict[int, Cost] = {}


def harmless(target: Target, size: int) -> Cost:
    """What plain prose of about the size costs; asked once per power of two."""
    rounded = 1 << size.bit_length()
    if rounded not in _HARMLESS:
        prose = ("The quick brown fox jumps over one lazy dog, and then it rests. " * rounded)[
            :size
        ]
        with measured(target) as cost:
            target.score(*everywhere(prose), recipe="wide")
        _HARMLESS[rounded] = cost
    return _HARMLESS[rounded]


def test_each_task_can_be_answered(target: Target) -> None:
    """Or the attacks below could not but fail."""
    asked = [
        group(f"<answer>{answer}</answer>", id=task, task=task, reference=reference)
        for task, (reference, answer) in REFERENCES.items()
    ]
    assert target.score(*asked).rewards == [1.0] * len(REFERENCES)


@pytest.mark.parametrize(
    ("number", "attack", "why"), ATTACKS, ids=[f"{n}: {why}" for n, _, why in ATTACKS]
)
def test_hostile_text_is_wrong_cheap_and_never_run(
    target: Target, dialled: Any, number: int, attack: str, why: str
) -> None:
    port, calls = dialled
    attack = attack.replace(DIALLED, str(port))
    baseline = harmless(target, len(attack))
    with measured(target) as cost:
        answer = target.score(*everywhere(attack), recipe="wide")
    assert answer.status == 200
    for asked in answer.body["groups"]:
        for completion in asked["completions"]:
            place = (asked["id"], completion["id"])
            assert completion["scores"][0] is not None, (place, completion["reasons"])
            # Distances are graded; nothing else of these is worth anything.
            assert completion["scores"][0] < 0.5, place
    size = sum(len(text) for text in wrapped(attack)) * len(REFERENCES)
    require_cheap(cost, baseline, size=size, kills=4)
    assert cost.alive or cost.cpu_s < 0.5, "/livez stood still"
    assert calls == []
    require_nothing_leaked(target, answer)
