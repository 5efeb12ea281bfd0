"""rule.regex: does the answer match a pattern."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

import re2
from pydantic import AfterValidator

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

MAX_PATTERN_CHARS = 4096


def _checked(pattern: str | None) -> str | None:
    if pattern is not None and compiled(pattern) is None:
        raise ValueError(
            f"{pattern[:80]!r} is no RE2 pattern; see github.com/google/re2/wiki/Syntax"
        )
    return pattern


@scorer("rule.regex", on_loop=True, by_text=True, self_answer="never")
@settled("rule.regex")
def regex(
    sample: Sample,
    *,
    pattern: Annotated[str | None, AfterValidator(_checked)] = None,
    whole: bool = False,
) -> Score:
    """1.0 if the completion's answer part matches the pattern, else 0.0.

    RE2 syntax, matched in linear time: no look-around, no back-references. Abstains where neither
    recipe nor sample brings a pattern, or the sample's is not RE2.

    Args:
        sample: Its reference is the pattern, unless the recipe gives one.
        pattern: The recipe's pattern.
        whole: The whole answer part must match, outer blanks aside.
    """
    chosen = sample.reference if pattern is None else pattern
    if chosen is None:
        return Score.abstain(Reason.NO_REFERENCE)
    program = compiled(chosen) if isinstance(chosen, str) else None
    if program is None:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    text = sample.text.strip().encode("utf-8", "replace").decode("utf-8")
    match = program.fullmatch(text) if whole else program.search(text)
    return verdict("rule.regex", float(match is not None), Pair.PATTERN, pattern=str(chosen))


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any | None:  # noqa: ANN401 - re2 ships no types
    """The RE2 program of a pattern; None if it is not one."""
    if len(pattern) > MAX_PATTERN_CHARS:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None
