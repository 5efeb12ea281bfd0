"""The trainers whose own code is driven, and what each is documented to do when it fails."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """One trainer."""

    title: str
    ran: str
    """What of its code is run."""
    recipe: str
    """`answers`, or `texts` where it sends no references."""
    dead: str
    """What a run ends with where nobody answers: a pattern."""
    refused: str | None = None
    """What it ends with after a 503; None where it asks again."""

    def row(self, version: str) -> str:
        """Its row in the table of docs/trainers.md, up to the result."""
        return f"| {self.title} | {version} | {self.ran} |"


TRAINERS = {
    "openrlhf": Trainer(
        title="OpenRLHF",
        ran="its rollout executor, and what its sample generator makes of the answer",
        recipe="answers",
        dead="ValueError: reward_model_group is required",
    ),
    "llamafactory": Trainer(
        title="LLaMA-Factory",
        ran="the client of its PPO trainer, `get_rewards_from_server`",
        recipe="texts",
        dead="ConnectionError",
        refused="KeyError: 'scores'",
    ),
    "verl": Trainer(
        title="verl",
        ran="the reward managers it loads: `naive` with `compute_score`, `HarmoRewardManager`",
        recipe="answers",
        dead="BudgetExhaustedError",
    ),
    "trl": Trainer(
        title="TRL",
        ran="the GRPO trainer's reward step, `_calculate_rewards`",
        recipe="answers",
        dead="BudgetExhaustedError",
    ),
    "swift": Trainer(
        title="ms-swift",
        ran="its import of a plugin file, and its reward step, `compute_rewards_per_func`",
        recipe="answers",
        dead="BudgetExhaustedError",
    ),
    "slime": Trainer(
        title="slime",
        ran="its reward hub: `remote_rm`, and `custom_rm` by group",
        recipe="answers",
        dead="Client(Connector)?Error|BudgetExhaustedError|Cannot connect",
    ),
}
