"""rule.by_task: the rule that fits each group's task."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from harmo.scorers import registry
from harmo.scorers.registry import scorer
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import Reason, Sample, Score

TASKS: Mapping[str, str] = MappingProxyType(
    {
        "math": "rule.math",
        "numeric": "rule.numeric",
        "choice": "rule.choice",
        "yes_no": "rule.yes_no",
        "count": "rule.count",
        "chart": "rule.chart_relaxed",
        "ocr": "rule.ocr",
        "vqa": "rule.vqa",
        "bbox": "rule.bbox_iou",
        "point": "rule.point_in_box",
        "text": "rule.exact",
        "json": "rule.json_schema",
        "code": "rule.code",
    }
)
"""Which rule judges which task, unless a recipe says otherwise."""


def _all_known(tasks: dict[str, str] | None) -> dict[str, str] | None:
    for name in (tasks or {}).values():
        registry.rule(name)
    return tasks


def _known(task: str | None, given: ValidationInfo) -> str | None:
    known = {**TASKS, **(given.data.get("tasks") or {})}
    if task is not None and task not in known:
        raise ValueError(f"unknown task {task!r}; known: {', '.join(known)}")
    return task


@scorer("rule.by_task", dispatches=True)
def by_task(
    sample: Sample,
    *,
    tasks: Annotated[dict[str, str] | None, AfterValidator(_all_known)] = None,
    default_task: Annotated[str | None, AfterValidator(_known)] = None,
) -> BoundScorer | Score:
    """The bound scorer that the sample's task calls for; it gives the value, in its own range.

    Abstains with `no_task` where neither sample nor recipe names a task, with `unknown_task` for a
    word outside the map: such a sample never falls to the model by accident.

    Args:
        sample: Its task picks the scorer.
        tasks: Overrides of the map from task to scorer.
        default_task: For samples that bring no task.
    """
    chosen = {**TASKS, **(tasks or {})}
    task = sample.task or default_task
    if task is None:
        return Score.abstain(Reason.NO_TASK, known=sorted(chosen))
    if task not in chosen:
        return Score.abstain(Reason.UNKNOWN_TASK, task=task[:64], known=sorted(chosen))
    return registry.rule(chosen[task])
