"""A probe as JSON: everything that is printed, and every finding."""

from __future__ import annotations

from collections.abc import Mapping

from harmo.app.probe.attacks import Kind
from harmo.app.probe.contract import reference_of
from harmo.app.probe.judged import Finding
from harmo.app.probe.report import Probed
from harmo.app.probe.tally import Found, Tally, quantile

MAX_TEXT_CHARS = 2000
"""Of a text that was tried; the enormous ones are all alike."""


def as_json(probed: Probed) -> dict[str, object]:
    """The probe, with finite numbers and plain names.

    Args:
        probed: The probe.
    """
    tally = probed.tally
    ordered = tally.seconds_per_verdict()
    return {
        "dataset": probed.dataset,
        "recipe": probed.recipe,
        "seed": probed.seed,
        "rows": len(tally.rows),
        "rows_in_all": probed.rows_in_all,
        "answers": tally.tried,
        "stopped": probed.stopped or None,
        "seconds": probed.seconds,
        "seconds_per_verdict": {"median": quantile(ordered, 0.5), "p99": quantile(ordered, 0.99)},
        "slowest": None
        if probed.slowest is None
        else {**_finding(probed.slowest[0]), "seconds": probed.slowest[1]},
        "shares": tally.shares(),
        "kinds": _kinds(tally),
        "findings": [_finding(found) for found in tally.found(*Finding)],
    }


def _kinds(tally: Tally) -> Mapping[str, Mapping[str, int]]:
    return {
        kind.value: {
            "answers": count.tried,
            "paid_in_part": count.partly,
            **{finding.value: count.of(finding) for finding in Finding},
        }
        for kind, count in tally.kinds.items()
        if kind in Kind
    }


def _finding(found: Found) -> dict[str, object]:
    verdict, row = found.verdict, found.judged.row
    return {
        "finding": verdict.finding,
        "row": row.number,
        "kind": verdict.attempt.kind,
        "how": verdict.attempt.how,
        "prompt": row.prompt[:MAX_TEXT_CHARS],
        "reference": reference_of(row),
        "text": verdict.attempt.text[:MAX_TEXT_CHARS],
        "reward": verdict.reward,
        "best_right_reward": found.judged.best,
        "reason": verdict.reason,
        "why": verdict.why or None,
        "correct": verdict.correct,
        "paid_by": dict(verdict.by),
    }
