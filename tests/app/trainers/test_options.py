"""What a URL may say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from harmo.app.trainers.options import Options


@pytest.mark.parametrize(
    ("given", "said", "why"),
    [
        ({"template": "chatlm"}, "no chat template 'chatlm'; known: chatml", "a typing error"),
        ({"value": "1"}, "only with it", "a made-up number that nobody asked for"),
        ({"on_unscored": "stop", "value": "0"}, "only with it", "two answers to one question"),
        ({"on_unscored": "value"}, "with value=None", "no number to stand in"),
        ({"on_unscored": "value", "value": "nan"}, "finite", "NaN never arrives"),
        ({"on_unscored": "value", "value": "-inf"}, "finite", "nor infinity"),
        ({"on_unscored": "mean"}, "group_mean", "no such choice"),
        ({"group_size": "0"}, "greater than or equal to 1", "a group of nobody"),
        ({"group_size": "many"}, "integer", "no number"),
        ({"group": ""}, "at least 1 character", "no name"),
        ({"deadline_ms": "0"}, "greater than or equal to 1", "no time"),
        ({"recepie": "math"}, "not permitted", "an unknown option is a typing error"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, str], said: str, why: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Options.model_validate(given)


def test_a_made_up_reward_is_asked_for_by_its_number() -> None:
    assert Options.model_validate({"on_unscored": "value", "value": "-1"}).value == -1.0
