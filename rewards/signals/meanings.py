"""The signals in plain words: what each means, and when to look closer. For docs and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One signal for people."""

    title: str
    """A few words, for a heading."""
    sentence: str
    """What it means and when to worry. It says what has happened, never what will."""
    low: float | None = None
    """The least it can be; None if there is none."""
    high: float | None = None
    """The most."""
    look_below: float | None = None
    """Where to look closer, going down; a starting point that fits no run exactly."""
    look_above: float | None = None
    """Where to look closer, going up."""


MEANINGS: Mapping[str, Meaning] = {
    "reward_share": Meaning(
        title="What the reward differs by",
        sentence=(
            "How much of the difference between siblings' rewards comes from each column: worry "
            "when one that should only help, such as length or format, takes most of it."
        ),
    ),
    "model_auc": Meaning(
        title="Does the model see what is right",
        sentence=(
            "How often the model puts a right completion above a wrong sibling, where 0.5 is a "
            "coin toss: worry when it falls, and most of all below 0.5, where wrong ones win."
        ),
        low=0.0,
        high=1.0,
        look_below=0.5,
    ),
    "fooled_ratio": Meaning(
        title="Wrong, and liked by the model",
        sentence=(
            "How many completions the rule calls wrong and the model likes as well as right ones: "
            "worry when it rises, and read some of them, for they are what the policy found."
        ),
        low=0.0,
        high=1.0,
    ),
    "length_correlation": Meaning(
        title="Does length pay",
        sentence=(
            "How far longer siblings score higher (above 0) or lower (below 0): worry when the "
            "reward and a model go with length beyond 0.5 and the rule does not."
        ),
        low=-1.0,
        high=1.0,
        look_below=-0.5,
        look_above=0.5,
    ),
    "duplicate_siblings_ratio": Meaning(
        title="Siblings that say the same",
        sentence=(
            "How many completions say word for word what a sibling says: worry when it rises on "
            "long answers, for then the policy has few left and the group little to compare."
        ),
        low=0.0,
        high=1.0,
        look_above=0.25,
    ),
    "truncated_ratio": Meaning(
        title="Cut at the token limit",
        sentence=(
            "How many completions were cut before their end: worry when it rises with the reward, "
            "for an answer that was cut can seldom be right."
        ),
        low=0.0,
        high=1.0,
        look_above=0.25,
    ),
    "abstained_ratio": Meaning(
        title="No score",
        sentence=(
            "How many completions a column could not score: worry when it moves by more than 0.1 "
            "in one column only, and look there for the reason."
        ),
        low=0.0,
        high=1.0,
    ),
    "drift": Meaning(
        title="Does the model still score as it did",
        sentence=(
            "How far the model's scores have moved from its first of the run, which some learning "
            "does too: worry when it jumps, and see what is scored so high now."
        ),
        low=0.0,
        look_above=0.5,
    ),
    "shadow_correlation": Meaning(
        title="Does the held-out judge agree",
        sentence=(
            "How far the reward orders siblings as a column does that pays nothing: worry when it "
            "falls towards 0 while the reward rises, and believe that column."
        ),
        low=-1.0,
        high=1.0,
    ),
}
"""By field of `Audit`, in the order to read them."""
