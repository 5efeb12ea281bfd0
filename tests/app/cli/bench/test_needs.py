"""What a recipe's columns ask of a request."""

from __future__ import annotations

from pathlib import Path

import pytest

from harmo.app.cli.bench.needs import needs
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import parse_recipe
from harmo.scorers import registry
from tests.app.cli.bench.loads import page

RECIPES = Path(__file__).parents[4] / "recipes"
RULE = [{"scorer": "rule.by_task"}]


def described(name: str) -> dict[str, object]:
    """A shipped recipe as `GET /recipes/{name}` shows it."""
    registry.load()
    text = (RECIPES / f"{name}.yaml").read_text(encoding="utf-8")
    return compile_recipe(parse_recipe(text, source=name)).recipe.model_dump(mode="json")


@pytest.mark.parametrize(
    ("recipe", "tasks", "thinks", "references", "constraints"),
    [
        ("math", {"math"}, False, (), False),
        ("visual-math", {"math"}, True, ("solution",), False),
        ("chart", {"chart"}, True, (), False),
        ("ocr", {"ocr"}, False, (), False),
        ("demo", {"text"}, True, ("caption",), False),
        ("grounding", {"bbox"}, True, (), False),
        ("instruction", {"math"}, False, (), True),
        ("harmo", {"math"}, True, ("response",), False),
    ],
)
def test_a_shipped_recipe_gets_what_its_columns_read(
    recipe: str, tasks: set[str], thinks: bool, references: tuple[str, ...], constraints: bool
) -> None:
    found = needs(page(**described(recipe)), {})
    assert set(found.tasks) == tasks
    assert (found.thinks, found.references) == (thinks, references)
    assert found.constraints is constraints


def test_the_mix_of_tasks_is_the_one_that_was_asked_for() -> None:
    assert needs(page(rule=RULE), {"math": 3.0, "count": 1.0}).tasks == {"math": 3.0, "count": 1.0}


@pytest.mark.parametrize(
    ("recipe", "wanted", "why"),
    [
        ({"rule": RULE}, {"poetry": 1.0}, "--task poetry"),
        ({"rule": [{"scorer": "rule.gui_action"}]}, {}, "rule.gui_action"),
        ({"rule": RULE, "default_task": "code"}, {}, "rule.by_task"),
    ],
)
def test_for_what_there_are_no_problems_it_names_the_way_out(
    recipe: dict[str, object], wanted: dict[str, float], why: str
) -> None:
    with pytest.raises(ValueError, match=why) as error:
        needs(page(**recipe), wanted)
    assert "--rollouts" in str(error.value)


@pytest.mark.parametrize("recipe", [{}, {"rule": "all of them"}, {"rule": [7], "model": None}])
def test_a_page_of_another_time_is_read_as_far_as_it_goes(recipe: dict[str, object]) -> None:
    assert set(needs(page(**recipe), {}).tasks) == {"math"}
