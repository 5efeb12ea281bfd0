"""rule.by_task: the rule that fits each group's task."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from harmo.scorers import registry
from harmo.scorers.reading.decision.polarity import word_of
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
        "detection": "rule.detection",
        "polygon": "rule.polygon_iou",
        "keypoints": "rule.keypoints",
        "temporal": "rule.temporal_iou",
        "gui": "rule.gui_action",
        "table": "rule.table",
        "formula": "rule.formula",
        "order": "rule.order",
        "labels": "rule.labels",
        "text": "rule.exact",
        "json": "rule.json_schema",
        "code": "rule.code",
    }
)
"""Which rule judges which task, unless a recipe says otherwise."""


class TaskRule(BaseModel):
    """A task's rule with params of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scorer: str
    params: dict[str, object] = Field(default_factory=dict)

    @cached_property
    def bound(self) -> BoundScorer:
        """The rule with its params; an error says what does not fit."""
        return registry.rule_with(self.scorer, self.params)


Tasks = dict[str, str | TaskRule]


def _bound(rule: str | TaskRule) -> BoundScorer:
    return registry.rule(rule) if isinstance(rule, str) else rule.bound


def _all_known(tasks: Tasks | None) -> Tasks | None:
    for rule in (tasks or {}).values():
        _bound(rule)
    return tasks


def _known(task: str | None, given: ValidationInfo) -> str | None:
    if "tasks" not in given.data:
        # The map itself is wrong, and that is said already.
        return task
    known = {**TASKS, **(given.data["tasks"] or {})}
    if task is not None and task not in known:
        raise ValueError(f"unknown task {task!r}; known: {', '.join(known)}")
    return task


@scorer("rule.by_task", dispatches=True)
def by_task(
    sample: Sample,
    *,
    tasks: Annotated[Tasks | None, AfterValidator(_all_known)] = None,
    default_task: Annotated[str | None, AfterValidator(_known)] = None,
) -> BoundScorer | Score:
    """The bound scorer that the sample's task calls for; it gives the value, in its own range.

    Abstains with `no_task` where neither sample nor recipe names a task, with `unknown_task` for a
    word outside the map: such a sample never falls to the model by accident. Where `rule.math`
    would judge and the reference is a yes, a no, true or false, `rule.yes_no` does.

    Args:
        sample: Its task picks the scorer.
        tasks: Overrides of the map from task to scorer: `{count: rule.numeric}`, or with params
            `{math: {scorer: rule.math, params: {evaluated: true}}}`.
        default_task: For samples that bring no task.
    """
    chosen: Mapping[str, str | TaskRule] = {**TASKS, **(tasks or {})}
    task = sample.task or default_task
    if task is None:
        return Score.abstain(Reason.NO_TASK, known=sorted(chosen))
    if task not in chosen:
        return Score.abstain(Reason.UNKNOWN_TASK, task=task[:64], known=sorted(chosen))
    bound = _bound(chosen[task])
    polar = bound.spec.name == "rule.math" and _is_polar(sample.reference)
    return _bound("rule.yes_no") if polar else bound


def _is_polar(reference: object) -> bool:
    if isinstance(reference, bool):
        return True
    return isinstance(reference, str) and word_of(reference) is not None
