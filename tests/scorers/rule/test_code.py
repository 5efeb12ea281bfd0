"""Programs are judged elsewhere, or not at all."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.code import SandboxResult, code, last_block
from harmo.scorers.types import Reason, Sample

PROGRAM = "Here:\n```python\nprint(input())\n```\nDone."
TESTS = [{"stdin": "1", "stdout": "1"}, {"stdin": "2", "stdout": "2\n"}]


class EchoSandbox:
    """Answers with the input, and remembers what it was asked to run."""

    def __init__(self, status="ok"):
        self.status = status
        self.ran = []

    async def run(self, code, *, language, stdin, timeout_s):
        self.ran.append((code, language, stdin, timeout_s))
        return SandboxResult(status=self.status, stdout=stdin)


class ScriptSandbox:
    """Runs to the end of Python sources made of `print("...")` and `exit` lines only."""

    async def run(self, code, *, language, stdin, timeout_s):
        printed = []
        for line in code.split("\n"):
            if line == "exit":
                break
            if line.startswith('print("'):
                printed.append(line[7:-2])
        return SandboxResult(status="ok", stdout="\n".join(printed) + "\n")


async def test_share_of_passed_tests():
    tests = [*TESTS, {"stdin": "3", "stdout": "4"}]

    score = await code(Sample(reference=tests, completion=PROGRAM), sandbox=EchoSandbox())

    assert score.value == pytest.approx(2 / 3)


async def test_all_or_nothing():
    tests = [*TESTS, {"stdin": "3", "stdout": "4"}]
    sample = Sample(reference=tests, completion=PROGRAM)

    assert (await code(sample, sandbox=EchoSandbox(), all_or_nothing=True)).value == 0.0


@pytest.mark.parametrize(
    ("status", "value"), [("failed", 0.0), ("timeout", 0.0), ("unavailable", None)]
)
async def test_only_the_sandbox_may_abstain(status, value):
    sample = Sample(reference=TESTS, completion=PROGRAM)

    assert (await code(sample, sandbox=EchoSandbox(status))).value == value


async def test_without_sandbox_it_abstains():
    score = await code(Sample(reference=TESTS, completion=PROGRAM))

    assert score.reason is Reason.SANDBOX_UNAVAILABLE


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, Reason.NO_REFERENCE),
        ([], Reason.UNREADABLE_REFERENCE),
        ([{"stdin": 1}], Reason.UNREADABLE_REFERENCE),
        ("[1", Reason.UNREADABLE_REFERENCE),
    ],
)
async def test_reference_without_tests_abstains(reference, reason):
    score = await code(Sample(reference=reference, completion=PROGRAM), sandbox=EchoSandbox())

    assert score.reason is reason


async def test_completion_without_program_is_wrong():
    assert (await code(Sample(reference=TESTS, completion="x"), sandbox=EchoSandbox())).value == 0.0


@pytest.mark.parametrize(
    ("text", "block", "why"),
    [
        ("```py\na\n```", "a\n", "the language word is dropped"),
        ("```\na\n```\n```\nb\n```", "b\n", "the last block"),
        ("```\na\n```\n```\nb", "a\n", "an unclosed block is none"),
        ("``` a ```", " a ", "on one line"),
        ("a", None, "no block"),
    ],
)
def test_last_block(text, block, why):
    assert last_block(text) == block, why


@pytest.mark.parametrize(
    ("program", "reference", "value", "why"),
    [
        ('print("hi")', "assert True", 1.0, "the test ran to its end"),
        ("exit", "assert True", 0.0, "the program exits before the test"),
        ('print("hi")\nexit', {"code": "x", "stdout": "hi"}, 0.0, "it exits after printing"),
        ('print("hi")', {"code": "x", "stdout": "hi"}, 1.0, "what it prints is compared too"),
        ('print("ho")', {"code": "x", "stdout": "hi"}, 0.0, "it prints something else"),
    ],
)
async def test_appended_code_passes_only_at_its_end(program, reference, value, why):
    sample = Sample(reference=reference, completion=f"```\n{program}\n```")

    assert (await code(sample, sandbox=ScriptSandbox())).value == value, why


async def test_appended_code_needs_a_language_that_runs_it():
    sample = Sample(reference="int x;", completion=PROGRAM)

    score = await code(sample, sandbox=ScriptSandbox(), language="cpp")

    assert score.reason is Reason.UNREADABLE_REFERENCE


async def test_main_guards_are_closed_while_code_is_tested():
    sandbox = EchoSandbox()

    await code(Sample(reference="assert f() == 1", completion=PROGRAM), sandbox=sandbox)

    source = sandbox.ran[0][0]
    assert source.index('__name__ = "program"') < source.index("print(input())")
    assert source.index('__name__ = "__main__"') < source.index("assert f()")
