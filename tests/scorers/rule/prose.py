"""Questions with options, and a rule's verdict on a completion, as a service takes it."""

from __future__ import annotations

from typing import Any

from harmo.scorers.reading.extract import view
from harmo.scorers.registry import bind, load
from harmo.scorers.types import Sample

load()

ANIMALS = "Which animal barks?\nA. cat\nB. dog\nC. cow\nD. none of these"
CELLS = "Which organelle makes ATP?\n(A) nucleus\n(B) ribosome\n(C) mitochondria\n(D) wall"
SPEED = "How fast is it?\nA. 24 m/s\nB. 42 km\nC. 42 m/s\nD. 0.5"
LETTERS = "Which key comes first?\nA. B\nB. C\nC. A\nD. E"
TRUTH = "The sky is green.\nA. True\nB. False"
ROMAN = "Pick one.\n(i) red\n(ii) blue\n(iii) green"
NUMBERS = "Pick one.\n1. red\n2. blue\n3. green"
FORMULA = "Expand it.\nA. x^2 - 1\nB. x^2 + 2x + 1\nC. 1/2\nD. 3/4"


def value(
    name: str, reference: object, completion: str, prompt: str = "", **params: Any
) -> float | None:
    """What a rule makes of a completion; `metadata` among the params is the sample's."""
    metadata = params.pop("metadata", {})
    bound = bind(name, params)
    sample = Sample(prompt=prompt, reference=reference, completion=completion, metadata=metadata)
    return bound.spec.fn(view(sample, part=bound.spec.reads, reference=None), **bound.params).value
