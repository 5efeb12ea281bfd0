"""What a hosted model is: inferred from its checkpoint, overridden by `harmo.yaml` beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from harmo.models.base import Meaning
from harmo.models.checkpoint.files import ModelRefusedError
from harmo.models.documents import DocumentError, parse_yaml, read_text, said
from harmo.models.transform import Identity, Probability, Transform

FILE_NAME = "harmo.yaml"

HeadKind = Literal["scalar", "vector", "steps"]
Pooling = Literal["last", "last_not_pad", "mean", "steps"]
"""Which hidden states the head reads: the last token's, the last one's that is not the padding
token (what transformers' classifiers were trained with), the mean, or the step tokens'."""
DType = Literal["float32", "bfloat16", "float16"]
AspectName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]


class Calibration(BaseModel):
    """How the transform was fitted and how well it fits, on data held out from the fit."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    n: Annotated[int, Field(ge=1)]
    """Labelled scores it was fitted and measured on."""
    ece_before: Probability
    ece_after: Probability
    brier_before: Probability
    brier_after: Probability


class Manifest(BaseModel):
    """Everything about a model that its numbers depend on, except its weights."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    head: HeadKind
    pooling: Pooling
    aspects: Annotated[tuple[AspectName, ...], Field(min_length=1)] = ("reward",)
    """Output names, in order; columns are `model.<name>` or `model.<name>.<aspect>`."""
    template: str | None = None
    """Jinja chat template; None for the tokenizer's own."""
    transform: Transform = Identity()
    """Applied to every aspect that `transforms` does not name."""
    transforms: Mapping[AspectName, Transform] = Field(default_factory=dict)
    meaning: Meaning = "raw"
    """`unit` and `p_correct` are refused unless the transforms keep their promise."""
    calibration: Calibration | None = None
    """Needed for `p_correct`; `harmo models calibrate` writes it."""
    images: bool = False
    max_tokens: Annotated[int, Field(ge=2)]
    """Longest conversation, tokens; longer ones abstain, nothing is cut."""
    dtype: DType
    """Of the backbone; the head is float32."""
    step_token: str | None = None
    """What stands after every step; its hidden state is read."""
    step_separator: str = "\n\n"
    """What the policy writes between steps; it is taken out."""
    step_positive: Annotated[int, Field(ge=0)] = 1
    """Which class of a step head means right."""
    step_reduce: Literal["min", "mean", "prod", "last"] = "min"
    gating_pattern: str | None = None
    """Text whose last occurrence starts at the position that a gating network reads."""
    sha256: Mapping[str, str] = Field(default_factory=dict)
    """Digests of files of the checkpoint, checked at load."""

    @model_validator(mode="after")
    def _consistent(self) -> Manifest:
        if len(set(self.aspects)) != len(self.aspects):
            raise ValueError(f"aspects must be unique, got {', '.join(self.aspects)}")
        if strangers := set(self.transforms) - set(self.aspects):
            raise ValueError(f"transforms names {sorted(strangers)}, not among the aspects")
        if (self.head == "steps") != (self.pooling == "steps"):
            raise ValueError("head: steps and pooling: steps go together")
        if self.head == "steps" and not self.step_token:
            raise ValueError("head: steps needs step_token, the text after every step")
        if self.head != "vector" and len(self.aspects) > 1:
            raise ValueError(f"head: {self.head} has one output, not {', '.join(self.aspects)}")
        if not self.step_separator:
            raise ValueError("step_separator must not be empty")
        if self.meaning != "raw" and not self._unit:
            raise ValueError(
                f"meaning: {self.meaning} needs transforms into [0, 1]; got "
                + ", ".join(f"{a}: {self._transform(a).kind}" for a in self.aspects)
            )
        if self.meaning == "p_correct" and self.calibration is None:
            raise ValueError("meaning: p_correct needs calibration; run `harmo models calibrate`")
        return self

    @property
    def _unit(self) -> bool:
        def unit(aspect: str) -> bool:
            transform = self._transform(aspect)
            return transform.unit or (self.head == "steps" and transform.kind == "identity")

        return all(unit(aspect) for aspect in self.aspects)

    def _transform(self, aspect: str) -> Transform:
        return self.transforms.get(aspect, self.transform)

    def transformed(self, values: Sequence[float]) -> tuple[float, ...]:
        """The head's raw values, one per aspect, through their transforms."""
        return tuple(
            self._transform(aspect)(value)
            for aspect, value in zip(self.aspects, values, strict=True)
        )

    def steps(self, text: str) -> list[str]:
        """The steps of a completion, at least one, blank ones left out."""
        return [step for step in text.split(self.step_separator) if step.strip()] or [""]


def read_overrides(path: Path) -> dict[str, object]:
    """The fields a manifest file sets; they win over what is inferred.

    Raises ModelRefusedError if the file is not a YAML mapping.
    """
    try:
        fields = parse_yaml(read_text(path), source=str(path))
    except DocumentError as error:
        raise ModelRefusedError(str(error)) from error
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise ModelRefusedError(f"{path}: a manifest is a mapping of fields, got {fields!r:.80}")
    return fields


def resolve(inferred: Mapping[str, object], overrides: Mapping[str, object]) -> Manifest:
    """The manifest of inferred fields with overrides on top.

    Raises ModelRefusedError, naming the field, if one is unknown, missing or contradicts another.
    """
    fields = {**inferred, **overrides}
    try:
        return Manifest.model_validate(fields)
    except ValidationError as error:
        raise ModelRefusedError(f"{FILE_NAME}: {said(error, fields)}") from error
