"""Right answers are right and wrong ones wrong, by the rules that will judge them."""

from __future__ import annotations

import random

import pytest

from harmo.app.cli.bench.problems import PROBLEMS, Problem
from harmo.scorers import registry
from harmo.scorers.reading.extract import view
from harmo.scorers.rule.by_task import by_task
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import Sample

DRAWS = 25


@pytest.mark.parametrize("task", PROBLEMS)
@pytest.mark.parametrize("thinks", [True, False])
def test_a_right_answer_scores_high_and_a_wrong_one_low(task: str, thinks: bool) -> None:
    registry.load()
    rng = random.Random(f"{task} {thinks}")
    for _ in range(DRAWS):
        problem = PROBLEMS[task](rng)
        for answer in problem.right:
            written = problem.written(answer, "First I count.", thinks=thinks)
            assert verdict(task, problem, written) >= 0.9, (problem, answer)
        for answer in problem.wrong:
            written = problem.written(answer, "First I count.", thinks=thinks)
            assert verdict(task, problem, written) < 0.5, (problem, answer)


def verdict(task: str, problem: Problem, completion: str) -> float:
    """What the task's rule says, as the recipe `math` binds it."""
    sample = Sample(
        prompt=problem.question,
        completion=completion,
        reference=problem.reference,
        task=task,
        metadata=problem.metadata,
    )
    judge = by_task(sample)
    assert isinstance(judge, BoundScorer)
    bound = registry.bind(judge.spec.name, {})
    score = bound.spec.fn(view(sample, part=bound.spec.reads, reference=None), **bound.params)
    assert score.value is not None, (problem, completion, score.reason)
    return score.value
