"""Rewards for EasyR1: a batch function.

    # harmo_easyr1.py
    from harmo_client.adapters.easyr1 import compute_score

    worker.reward.reward_type=batch worker.reward.reward_function=harmo_easyr1.py:compute_score
    worker.reward.reward_function_kwargs='{"url": "http://reward-host:8000", "recipe": "math",
        "run": "exp-42", "on_unscored": "value", "unscored_value": 0.0, "max_tokens": 2048}'

Every field of `core.settings.Settings` may stand there; what does not is read from the environment
of the Ray workers. The whole batch travels in one call and nothing waits.

EasyR1 passes the response, its length and `ground_truth`, and no prompt, image or group: use a
recipe that needs none of them. What else a fork passes in a row is there for `reference`, `task`
and the other columns of the settings; `prompt`, `images` and `uid` are used if they are there.
With `max_tokens` (as `data.max_response_length`) a response that long counts as truncated.

Every row gets `overall`, a number for each column and `NAME_ok` (0.0 where it abstained),
`reward_error` (1.0 for a stand-in) and `group_complete`: EasyR1 logs their means as `reward/NAME`.

There is no skip, and without groups no mean of siblings: so one unscored response ends the run,
unless `on_unscored` is value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from harmo_client.adapters.core.ask import judge_now
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import settings

NO_SKIP = "EasyR1 trains on every sample"


def compute_score(
    reward_inputs: Sequence[Mapping[str, Any]], **given: object
) -> list[dict[str, float]]:
    """`overall` and a number for each column, the same keys for every row, in order.

    Args:
        reward_inputs: Rows of `response`, `response_length` and `ground_truth`.
        **given: `reward_function_kwargs`.
    """
    chosen = settings(given, no_skip=NO_SKIP)
    judged = judge_now([_sample(row) for row in reward_inputs], chosen)
    return [{"overall": cast("float", each.reward), **each.numbers} for each in judged]


def _sample(row: Mapping[str, Any]) -> Sample:
    length = row.get("response_length")
    return Sample(
        prompt=row.get("prompt") or "",
        completion=row["response"],
        columns=row,
        reference=row.get("ground_truth"),
        images=row.get("images") or (),
        num_tokens=None if length is None else int(length),
        group=None if row.get("uid") is None else str(row["uid"]),
    )
