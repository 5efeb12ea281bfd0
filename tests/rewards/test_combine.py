"""What a reward is made of, and when there is none: the accuracy modes and combiners."""

from __future__ import annotations

import pytest

from harmo.scorers.types import Reason
from tests.rewards.tables import DEADLINE, NO_REF, NO_TASK, UNKNOWN, combined, values

REWARDS = [
    # why, recipe, scores by sample (model, rule, aspect, length), rewards
    ("the formula", {}, [[0.8, 1.0, 1.0, -0.5], [0.2, 0.0, 0.0, 0.0]], [1.525, 0.1]),
    (
        "an accuracy abstention is null, siblings keep every column",
        {},
        [[0.8, DEADLINE, 1.0, 0.0], [0.2, 1.0, 1.0, 0.0]],
        [DEADLINE, 1.35],
    ),
    (
        "a column missing for the whole group is dropped",
        {},
        [[0.8, NO_REF, 1.0, 0.0], [0.2, NO_REF, 1.0, 0.0]],
        [0.65, 0.35],
    ),
    ("no judge left", {}, [[DEADLINE, NO_REF, 1.0, 0.0]], [NO_REF]),
    (
        "a misspelt task never falls to the model",
        {},
        [[0.8, UNKNOWN, 1.0, 0.0], [0.2, UNKNOWN, 1.0, 0.0]],
        [UNKNOWN, UNKNOWN],
    ),
    (
        "an aspect missing on one sibling does not count",
        {},
        [[0.0, 1.0, DEADLINE, 0.0], [0.0, 1.0, 1.0, 0.0]],
        [1.0, 1.0],
    ),
    (
        "a null sample has no vote on aspects",
        {},
        [[0.0, DEADLINE, DEADLINE, 0.0], [0.0, 1.0, 1.0, 0.0]],
        [DEADLINE, 1.25],
    ),
    (
        "route: the rule judges where it reads the reference",
        {"accuracy": "route"},
        [[0.8, 1.0, 1.0, -1.0], [0.9, 0.0, 0.0, 0.0]],
        [1.0, 0.0],
    ),
    (
        "route: the model judges where no rule can",
        {"accuracy": "route"},
        [[0.8, NO_REF, 1.0, 0.0], [0.9, NO_REF, 0.0, 0.0]],
        [1.05, 0.9],
    ),
    (
        "route: a group without a task goes to the model",
        {"accuracy": "route"},
        [[0.8, NO_TASK, 0.0, 0.0]],
        [0.8],
    ),
    (
        "route: a misspelt task does not",
        {"accuracy": "route"},
        [[0.8, UNKNOWN, 0.0, 0.0]],
        [UNKNOWN],
    ),
    (
        "route: a failure of ours does not switch the judge",
        {"accuracy": "route"},
        [[0.8, DEADLINE, 0.0, 0.0]],
        [DEADLINE],
    ),
    (
        "route: one unreadable reference speaks for the group",
        {"accuracy": "route"},
        [[0.8, Reason.UNREADABLE_REFERENCE, 0.0, 0.0], [0.3, DEADLINE, 0.0, 0.0]],
        [0.8, 0.3],
    ),
    (
        "route: one rule that reads its reference is enough",
        {"accuracy": "route", "columns": "mrr"},
        [[0.8, NO_REF, 1.0], [0.9, NO_REF, 0.0]],
        [1.0, 0.0],
    ),
    (
        "route without a model: null",
        {"accuracy": "route", "columns": "ral"},
        [[NO_REF, 0.0, 0.0]],
        [NO_REF],
    ),
    (
        "fallback: the model stands in where the rule abstains or is unsure",
        {"accuracy": "fallback"},
        [[0.8, DEADLINE, 0.0, 0.0], [0.7, (0.0, 0.5), 0.0, 0.0], [0.1, (1.0, 0.95), 0.0, 0.0]],
        [0.8, 0.7, 1.0],
    ),
    (
        "fallback: sure enough is sure",
        {"accuracy": "fallback", "min_confidence": 0.5},
        [[0.7, (0.0, 0.5), 0.0, 0.0]],
        [0.0],
    ),
    (
        "fallback: but not for a misspelt task",
        {"accuracy": "fallback"},
        [[0.8, UNKNOWN, 0.0, 0.0]],
        [UNKNOWN],
    ),
    (
        "fallback: an unsure rule without its model is no verdict",
        {"accuracy": "fallback"},
        [[DEADLINE, (0.0, 0.5), 0.0, 0.0], [DEADLINE, (1.0, 0.95), 0.0, 0.0]],
        [DEADLINE, 1.0],
    ),
    (
        "confidence: q rule + (1 - q) model",
        {"accuracy": "confidence"},
        [[0.5, (1.0, 0.8), 0.0, 0.0], [0.5, (0.0, 0.9), 0.0, 0.0]],
        [0.9, 0.05],
    ),
    (
        "confidence: a certain rule needs no model",
        {"accuracy": "confidence"},
        [[DEADLINE, 1.0, 0.0, 0.0], [0.5, (0.0, 0.9), 0.0, 0.0]],
        [1.0, 0.05],
    ),
    (
        "confidence: an unsure rule does",
        {"accuracy": "confidence"},
        [[DEADLINE, (1.0, 0.8), 0.0, 0.0], [0.5, (0.0, 0.9), 0.0, 0.0]],
        [DEADLINE, 0.05],
    ),
    (
        "confidence: without a readable reference the model alone",
        {"accuracy": "confidence"},
        [[0.5, NO_REF, 0.0, 0.0]],
        [0.5],
    ),
    (
        "gate: aspects pay right completions only",
        {"combine": "gate"},
        [[0.8, 1.0, 1.0, -1.0], [0.8, 0.0, 1.0, 0.0]],
        [1.4, 0.4],
    ),
    (
        "gate: unknown correctness is null",
        {"combine": "gate", "columns": "mal"},
        [[0.8, 1.0, 0.0]],
        [Reason.UNKNOWN_CORRECTNESS],
    ),
    (
        "lexicographic: correctness, then aspects, then model; ties share",
        {"combine": "lexicographic"},
        [[0.1, 1.0, 1.0, 0.0], [0.9, 1.0, 0.0, 0.0], [0.9, 0.0, 1.0, 0.0], [0.9, 0.0, 1.0, 0.0]],
        [1.0, 2 / 3, 1 / 6, 1 / 6],
    ),
    ("lexicographic: one alone", {"combine": "lexicographic"}, [[0.1, 1.0, 1.0, 0.0]], [0.5]),
    (
        "geometric: accuracy and aspect multiply, length is added after",
        {"combine": "geometric", "columns": "ral", "weights": {"rule": 1.0, "aspect": 1.0}},
        [[1.0, 0.25, -0.5]],
        [0.0],
    ),
    (
        "geometric: shared accuracy is one factor",
        {"combine": "geometric", "columns": "mra", "accuracy": "route"},
        [[0.1, 1.0, 2**-5]],
        [0.5],
    ),
    (
        "hero: the model spreads within the rule's strata, other families are added",
        {"combine": "hero"},
        [[0.9, 1.0, 1.0, 0.0], [0.1, 1.0, 0.0, -1.0], [0.5, 0.0, 0.0, 0.0]],
        [1.35, 0.65, 0.0],
    ),
    (
        "lexicographic: shared accuracy is one number, whoever judged",
        {"accuracy": "fallback", "combine": "lexicographic", "p_correct": True},
        [[0.9, (0.0, 0.5), 0.0, 0.0], [0.1, (0.6, 1.0), 1.0, 0.0]],
        [1.0, 0.0],
    ),
    (
        "nothing counts where every aspect is missing on some sibling",
        {"columns": "aa"},
        [[1.0, DEADLINE], [NO_REF, 1.0]],
        [DEADLINE, NO_REF],
    ),
    (
        "hero: alpha is the wrong stratum's, beta the right one's",
        {"combine": "hero", "columns": "mr", "combine_params": {"alpha": 0.3, "beta": 0.2}},
        [[0.9, 1.0], [0.1, 1.0], [0.5, 0.0], [0.4, 0.0]],
        [1.2, 0.8, 0.3, -0.3],
    ),
    (
        "judges of weight zero are not asked",
        {"columns": "ra", "weights": {"rule": 0.0, "aspect": 1.0}},
        [[DEADLINE, 1.0]],
        [1.0],
    ),
    (
        "a recipe without judges pays its aspects",
        {"columns": "aa"},
        [[1.0, 0.0], [DEADLINE, DEADLINE]],
        [0.125, DEADLINE],
    ),
]


@pytest.mark.parametrize(("why", "fields", "table", "expected"), REWARDS)
def test_rewards(why, fields, table, expected):
    assert values(combined(table, **fields)) == expected, why
