"""rule.code: programs that pass tests, in a sandbox elsewhere. No completion runs here."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

MAX_TESTS = 64
MAX_CODE_CHARS = 100_000
_PRINTS = {
    "python": 'print("{}")',
    "nodejs": 'console.log("{}")',
    "javascript": 'console.log("{}")',
    "typescript": 'console.log("{}")',
    "ruby": 'puts "{}"',
    "lua": 'print("{}")',
    "bash": 'echo "{}"',
    "php": 'echo "{}\\n";',
}
"""How the languages that run appended code print a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResult:
    """How one run went."""

    status: Literal["ok", "failed", "timeout", "unavailable"]
    """`failed`: it did not compile or exited non-zero; `unavailable`: nothing was run."""
    stdout: str = ""
    stderr: str = ""


class Sandbox(Protocol):
    """Runs programs out of our processes; `app` brings one that speaks HTTP."""

    async def run(self, code: str, *, language: str, stdin: str, timeout_s: float) -> SandboxResult:
        """The result of one program with one input."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One input with what a right program prints, or code that is appended and must not fail."""

    stdin: str = ""
    stdout: str | None = None
    """Expected output, compared without trailing blanks; None: nothing is expected."""
    code: str = ""


@scorer("rule.code", resource="sandbox", by_text=True, self_answer="never")
async def code(
    sample: Sample,
    *,
    sandbox: Sandbox | None = None,
    language: str = "python",
    timeout_s: float = 10.0,
    all_or_nothing: bool = False,
) -> Score:
    """Share of the reference's tests that the completion's program passes, in [0, 1].

    The program is the last fenced block of the answer part. A program that fails, prints something
    else or runs out of time fails that test. Appended code passes only if it runs to its end: a
    program that exits first fails. It stands outside the program's `__main__` guard. Wrong: no
    fenced block. Abstains with `sandbox_unavailable` without a sandbox or where it could not run a
    test, and where the reference holds no tests or code for a language that runs none appended.

    Args:
        sample: Its reference is a list of tests (JSON value or text): `{"stdin", "stdout"}`, or
            `{"code"}` that is appended to the program, or one string of such code.
        sandbox: Where programs run.
        language: As the sandbox calls it.
        timeout_s: Seconds for each test.
        all_or_nothing: 1.0 only if every test passes, else 0.0.
    """
    tests = read_tests(sample.reference)
    if isinstance(tests, Reason):
        return Score.abstain(tests)
    if sandbox is None:
        return Score.abstain(Reason.SANDBOX_UNAVAILABLE)
    if language not in _PRINTS and any(test.code for test in tests):
        return Score.abstain(Reason.UNREADABLE_REFERENCE, language=language)
    program = last_block(sample.text)
    if program is None or len(program) > MAX_CODE_CHARS:
        pair = Pair.NO_ANSWER if program is None else Pair.SCREENED
        return verdict("rule.code", 0.0, pair)
    passed = await _passed(program, tests, sandbox, language, timeout_s)
    if passed is None:
        return Score.abstain(Reason.SANDBOX_UNAVAILABLE)
    value = passed // len(tests) if all_or_nothing else passed / len(tests)
    return verdict("rule.code", value, Pair.CODE, passed=passed, tests=len(tests))


async def _passed(
    program: str, tests: tuple[Test, ...], sandbox: Sandbox, language: str, timeout_s: float
) -> int | None:
    """How many tests a program passes; None where one could not be run."""
    passed = 0
    for test in tests:
        passes = await _passes(program, test, sandbox, language, timeout_s)
        if passes is None:
            return None
        passed += passes
    return passed


async def _passes(
    program: str, test: Test, sandbox: Sandbox, language: str, timeout_s: float
) -> bool | None:
    """Whether a program passes a test; None where nothing was run."""
    nonce = secrets.token_hex(16)
    source = _with_test(program, test.code, language, nonce) if test.code else program
    result = await sandbox.run(source, language=language, stdin=test.stdin, timeout_s=timeout_s)
    if result.status == "unavailable":
        return None
    printed = _before(nonce, result.stdout) if test.code else result.stdout
    if result.status != "ok" or printed is None:
        return False
    return _as_expected(printed, test.stdout)


def _with_test(program: str, code: str, language: str, nonce: str) -> str:
    """The program, the test, and a last line that is printed only if the test ran to its end."""
    last = _PRINTS[language].format(nonce)
    if language != "python":
        return f"{program}\n{code}\n{last}\n"
    # A future import must stay the first statement.
    guard = "" if "from __future__" in program else '__name__ = "program"\n'
    return f'{guard}{program}\n__name__ = "__main__"\n{code}\n{last}\n'


def _before(nonce: str, printed: str) -> str | None:
    """What was printed before the nonce; None unless the nonce is the last line."""
    before, newline, last = printed.rstrip().rpartition("\n")
    if last.strip() != nonce:
        return None
    return before if newline else ""


def _as_expected(printed: str, expected: str | None) -> bool:
    if expected is None:
        return True
    lines = [line.rstrip() for line in printed.rstrip().split("\n")]
    return lines == [line.rstrip() for line in expected.rstrip().split("\n")]


def last_block(text: str) -> str | None:
    """The content of a text's last closed fenced block, without its language word."""
    pieces = text.split("```")
    closed = (len(pieces) - 1) // 2
    if not closed:
        return None
    block = pieces[2 * closed - 1]
    first, newline, rest = block.partition("\n")
    return rest if newline and len(first.split()) <= 1 else block


def read_tests(reference: object) -> tuple[Test, ...] | Reason:
    """The tests in a reference, at most 64, or why there are none."""
    if reference is None:
        return Reason.NO_REFERENCE
    if isinstance(reference, str) and reference.lstrip().startswith(("[", "{")):
        try:
            reference = json.loads(reference)
        except ValueError:
            return Reason.UNREADABLE_REFERENCE
    listed = reference if isinstance(reference, list | tuple) else [reference]
    tests = [_test(each) for each in listed[:MAX_TESTS]]
    whole = tuple(test for test in tests if test is not None)
    return whole if whole and len(whole) == len(tests) else Reason.UNREADABLE_REFERENCE


def _test(each: object) -> Test | None:
    if isinstance(each, str):
        return Test(code=each) if each.strip() else None
    if not isinstance(each, Mapping):
        return None
    texts = {key: each.get(key) for key in ("stdin", "stdout", "code")}
    if not any(texts.values()) or not all(v is None or isinstance(v, str) for v in texts.values()):
        return None
    stdout = texts["stdout"]
    return Test(
        stdin=str(texts["stdin"] or ""),
        stdout=stdout if isinstance(stdout, str) else None,
        code=str(texts["code"] or ""),
    )
