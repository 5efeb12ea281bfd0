"""The arguments of the Serve application."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from harmo.app.ray_serve.options import Options

WRONG = {
    "models in the settings": ({"settings": {"models": ["/rm"]}}, "by every gateway"),
    "fewer at most than at least": (
        {"gateway": {"replicas": 3, "max_replicas": 2}},
        "max_replicas 2 is below replicas 3",
    ),
    "a word we do not know": ({"models": {"rm": {"path": "/rm", "gpus": 1}}}, "models.rm.gpus"),
    "no path": ({"models": {"rm": {}}}, "models.rm.path"),
    "no replica": ({"gateway": {"replicas": 0}}, "gateway.replicas"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_meant_is_refused_by_name(case: str) -> None:
    given, said = WRONG[case]
    with pytest.raises(ValidationError, match=said):
        Options.model_validate(given)


def test_nothing_at_all_is_one_gateway_without_models() -> None:
    options = Options.model_validate({})
    assert (options.gateway.replicas, options.models) == (1, {})
