"""`rule.math` beside Math-Verify called directly: pairs per CPU-second, agreement, latency.

    python -m benchmarks.verifiers

Both run in this one process, on one core, on the same generated pairs with known labels: (a) the
mixed kinds of answers that graders meet, (b) references as the MATH dataset has them, each against
another form of itself, a near miss or another problem's answer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from harmo.scorers.rule.math import inline, math
from harmo.scorers.types import Sample

PAIRS = 600


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A reference with an answer of which it is known whether it is right."""

    reference: str
    answer: str
    equal: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """One verifier on one set."""

    verdicts: list[bool]
    seconds: list[float]
    """CPU seconds, pair by pair."""


Verifier = Callable[[LabelledPair], bool]
Form = Callable[[random.Random], tuple[str, str, str]]
"""Makes a reference, another form of it, and a near miss."""


def _integer(rng: random.Random) -> tuple[str, str, str]:
    n = rng.randrange(1000, 10**6)
    return str(n), f"{n:,}", str(n + rng.choice((-1, 1, 10)))


def _fraction(rng: random.Random) -> tuple[str, str, str]:
    a, b = rng.randrange(1, 40), rng.randrange(2, 40)
    half = f"\\frac{{{2 * a}}}{{{2 * b}}}"
    return f"\\frac{{{a}}}{{{b}}}", half, f"\\frac{{{a + 1}}}{{{b}}}"


def _decimal(rng: random.Random) -> tuple[str, str, str]:
    n = rng.randrange(100, 10**5)
    return str(n / 100), f"\\frac{{{n}}}{{100}}", str((n + 7) / 100)


def _tuple(rng: random.Random) -> tuple[str, str, str]:
    a, b, c = (rng.randrange(-9, 10) for _ in range(3))
    return f"({a},{b},{c})", f"\\left({a}, {2 * b}/2, {c}\\right)", f"({a},{b + 1},{c})"


def _root(rng: random.Random) -> tuple[str, str, str]:
    a, b = rng.randrange(2, 9), rng.choice((2, 3, 5, 6, 7))
    return f"{a}\\sqrt{{{b}}}", f"\\sqrt{{{a * a * b}}}", f"{a}\\sqrt{{{b + 8}}}"


def _polynomial(rng: random.Random) -> tuple[str, str, str]:
    a, b = rng.randrange(1, 9), rng.randrange(1, 9)
    expanded = f"x^2+{a + b}x+{a * b}"
    return expanded, f"(x+{a})(x+{b})", f"x^2+{a + b}x+{a * b + 1}"


def _trigonometric(rng: random.Random) -> tuple[str, str, str]:
    a = rng.randrange(2, 9)
    return f"{a}\\sin(2x)", f"{2 * a}\\sin x\\cos x", f"{a}\\sin x\\cos x"


def _set(rng: random.Random) -> tuple[str, str, str]:
    items = rng.sample(range(-20, 20), 4)
    turned = items[::-1]
    other = [*items[:3], 99]
    a, b, c = ("\\{" + ",".join(map(str, s)) + "\\}" for s in (items, turned, other))
    return a, b, c


def _interval(rng: random.Random) -> tuple[str, str, str]:
    a, b = sorted(rng.sample(range(-20, 20), 2))
    return f"[{a},{b})", f"{a} \\le x < {b}", f"[{a},{b}]"


def _equation(rng: random.Random) -> tuple[str, str, str]:
    a, b = rng.randrange(2, 9), rng.randrange(1, 9)
    return f"y={a}x+{b}", f"{a}x-y+{b}=0", f"{a}x-y-{b}=0"


def _percent(rng: random.Random) -> tuple[str, str, str]:
    n = rng.randrange(1, 100)
    return f"{n}\\%", str(Fraction(n, 100)), f"{n + 1}\\%"


def _matrix(rng: random.Random) -> tuple[str, str, str]:
    a, b, c, d = (rng.randrange(-9, 10) for _ in range(4))
    forms = (("p", d), ("b", d), ("p", d + 1))
    same, form, near = (
        f"\\begin{{{kind}matrix}} {a} & {b} \\\\ {c} & {last} \\end{{{kind}matrix}}"
        for kind, last in forms
    )
    return same, form, near


def _letter(rng: random.Random) -> tuple[str, str, str]:
    a, b = rng.sample("ABCD", 2)
    return f"\\text{{({a})}}", a, b


def _pi(rng: random.Random) -> tuple[str, str, str]:
    a, b = rng.randrange(1, 20), rng.randrange(2, 12)
    return f"\\frac{{{a}\\pi}}{{{b}}}", f"\\frac{{{a}}}{{{b}}}\\pi", f"\\frac{{{a + 1}\\pi}}{{{b}}}"


def _mixed(rng: random.Random) -> tuple[str, str, str]:
    a, b, c = rng.randrange(1, 9), rng.randrange(1, 5), rng.randrange(5, 9)
    return f"{a}\\frac{{{b}}}{{{c}}}", f"\\frac{{{a * c + b}}}{{{c}}}", f"\\frac{{{a * c}}}{{{c}}}"


ASKED: tuple[Form, ...] = (_integer, _fraction, _decimal, _polynomial, _root, _tuple)
"""Integers, fractions, expressions and tuples, as they come in most of the datasets."""
MIXED: tuple[tuple[Form, int], ...] = (
    (_integer, 215), (_fraction, 66), (_decimal, 28), (_tuple, 27), (_letter, 27), (_root, 22),
    (_polynomial, 21), (_trigonometric, 20), (_set, 16), (_interval, 15), (_equation, 12),
    (_percent, 10), (_matrix, 5),
)  # fmt: skip
"""Forms with their shares."""
MATH_LIKE: tuple[tuple[Form, int], ...] = (
    (_integer, 55), (_fraction, 18), (_root, 6), (_tuple, 4), (_polynomial, 4), (_pi, 4),
    (_decimal, 3), (_interval, 3), (_mixed, 2), (_percent, 1), (_letter, 1), (_set, 1),
    (_matrix, 1),
)  # fmt: skip


def labelled(forms: tuple[tuple[Form, int], ...], seed: int) -> list[LabelledPair]:
    """Pairs in random order: itself, another form, a near miss, another problem's answer."""
    rng = random.Random(seed)
    kinds = [form for form, share in forms for _ in range(share)]
    return [pair for _ in range(PAIRS // 4) for pair in _four(rng, kinds)]


def _four(rng: random.Random, kinds: list[Form]) -> Iterator[LabelledPair]:
    reference, form, miss = rng.choice(kinds)(rng)
    yield LabelledPair(reference, reference, equal=True)
    yield LabelledPair(reference, form, equal=True)
    yield LabelledPair(reference, miss, equal=False)
    other = rng.choice(kinds)(rng)[0]
    yield LabelledPair(reference, "x^7+" + other if other == reference else other, equal=False)


def ours(pair: LabelledPair) -> bool:
    """`rule.math`, as the service runs it: in-process first, then what a worker runs."""
    sample = Sample(reference=pair.reference, completion=f"So it is $\\boxed{{{pair.answer}}}$.")
    return (inline(sample) or math(sample)).value == 1.0


def math_verify(pair: LabelledPair) -> bool:
    """Math-Verify with the settings that trainers use."""
    import math_verify as peer  # noqa: PLC0415 - SymPy is not loaded for ours before its turn

    config = (
        peer.LatexExtractionConfig(boxed_match_priority=0),
        peer.ExprExtractionConfig(),
    )
    wanted = peer.parse(f"${pair.reference}$", extraction_config=config)
    said = peer.parse(f"So it is $\\boxed{{{pair.answer}}}$.", extraction_config=config)
    return bool(peer.verify(wanted, said))


def run(verifier: Verifier, pairs: list[LabelledPair]) -> Outcome:
    """A verifier's verdicts on all pairs and what each cost."""
    verdicts, seconds = [], []
    for pair in pairs:
        start = time.process_time()
        verdicts.append(verifier(pair))
        seconds.append(time.process_time() - start)
    return Outcome(verdicts, seconds)


def row(name: str, pairs: list[LabelledPair], outcome: Outcome) -> str:
    """One line of the table."""
    right = sum(v == pair.equal for v, pair in zip(outcome.verdicts, pairs, strict=True))
    ordered = sorted(outcome.seconds)
    p50, p99 = (ordered[int(len(ordered) * q)] * 1e3 for q in (0.5, 0.99))
    rate = len(pairs) / sum(ordered)
    accuracy = right / len(pairs)
    return (
        f"{name:<28}{rate:>10.0f}{accuracy:>10.3f}{p50:>9.3f}{p99:>9.2f}{ordered[-1] * 1e3:>9.2f}"
    )


def main() -> None:
    """Print the table."""
    warm = LabelledPair("x", "y", equal=False)
    ours(warm)
    math_verify(warm)
    print(f"{'':<28}{'pairs/s':>10}{'accuracy':>10}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for name, forms in (("mixed", MIXED), ("MATH-like", MATH_LIKE)):
        pairs = labelled(forms, seed=7)
        mine, theirs = run(ours, pairs), run(math_verify, pairs)
        print(row(f"{name}: rule.math", pairs, mine))
        print(row(f"{name}: math-verify", pairs, theirs))
        ratio = sum(theirs.seconds) / sum(mine.seconds)
        same = sum(a == b for a, b in zip(mine.verdicts, theirs.verdicts, strict=True))
        print(f"{name}: {ratio:.1f} times as fast, agreement {same / len(pairs):.3f}")


if __name__ == "__main__":
    main()
