"""math-verify's verdicts on labelled pairs, called the way that suits it best.

LaTeX and expression extraction with boxed answers first; a short bare answer is wrapped in a box.
Accepted references are tried one by one, think parts are cut off as for our rules.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from harmo.app.workers.forkserver import ForkServer
from harmo.app.workers.jobs import WorkerFailedError
from harmo.app.workers.pool import WorkerPool
from harmo.scorers.confidence.calibrate import LabelledPair
from harmo.scorers.reading.extract import view
from harmo.scorers.types import Reason, Score

WORKERS = 2
LIMIT_S = 5.0
MEMORY_BYTES = 4 << 30
FOREVER_S = 86_400.0


async def peer_scores(pairs: Sequence[LabelledPair]) -> list[Score]:
    """One score a pair, in order; an abstention where it read no reference or was killed."""
    forks = ForkServer(["math_verify"])
    pool = WorkerPool(WORKERS, MEMORY_BYTES, forks)

    async def one(pair: LabelledPair) -> Score:
        completion = view(pair.sample, part="answer", reference=None).text
        arguments, until_s = (pair.reference, completion), time.monotonic() + FOREVER_S
        try:
            equal = await pool.run(_equal, arguments, LIMIT_S, until_s)
        except WorkerFailedError as failure:
            return Score.abstain(failure.reason)
        if equal is None:
            return Score.abstain(Reason.UNREADABLE_REFERENCE)
        return Score(value=float(equal))

    try:
        return list(await asyncio.gather(*map(one, pairs)))
    finally:
        await pool.close()
        forks.close()


def _equal(reference: object, completion: str) -> bool | None:
    """True or False as math-verify says; None where it reads none of the references."""
    from math_verify import verify  # noqa: PLC0415 - only workers import SymPy

    # It warns at every call that its own timeouts are off; the parent's kill replaces them.
    logging.getLogger("math_verify").setLevel(logging.ERROR)
    accepted = reference if isinstance(reference, list) else [reference]
    texts = [str(each) for each in accepted if isinstance(each, str | int | float)]
    golds = [gold for text in texts if (gold := _parse(text))]
    if not golds:
        return None
    said = _parse(completion)
    return any(verify(gold, said, timeout_seconds=None) for gold in golds)


def _parse(text: str) -> list[object]:
    from math_verify import (  # noqa: PLC0415 - only workers import SymPy
        ExprExtractionConfig,
        LatexExtractionConfig,
        parse,
    )

    config = (LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig())
    bare = not any(mark in text for mark in ("$", "\\(", "\\[", "boxed", "\n"))
    if bare and len(text) < 60:
        boxed = parse(f"\\boxed{{{text}}}", config, parsing_timeout=None)
        if boxed:
            return list(boxed)
    return list(parse(text, config, parsing_timeout=None))
