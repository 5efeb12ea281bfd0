"""Trainers that post in a format of their own: the service speaks it, and nothing is written."""

from __future__ import annotations

from harmo.app.cli.init.setup import Choice, Setup

NO_COUNTS = "token counts are none of it: `harmo serve --tokenizer DIR` makes them"


def openrlhf(choice: Choice) -> Setup:
    """OpenRLHF and its forks, by `--reward.remote_url`."""
    return Setup(
        title="OpenRLHF",
        flags=f'--reward.remote_url "{choice.route("get_reward")}"',
        data=f"a column of ground truths, named by --data.label_key; {NO_COUNTS}",
        page="openrlhf",
    )


def slime(choice: Choice) -> Setup:
    """slime, miles and vime, by `--rm-url`."""
    return Setup(
        title="slime, miles, vime",
        flags=f'--rm-type remote_rm --rm-url "{choice.route("slime")}"',
        data=f"a column of ground truths, named by --label-key; {NO_COUNTS}",
        page="slime",
    )


def llamafactory(choice: Choice) -> Setup:
    """LLaMA-Factory's PPO, by `reward_model`."""
    return Setup(
        title="LLaMA-Factory",
        flags=(
            "stage: ppo\n"
            "reward_model_type: api\n"
            f"reward_model: {choice.route('v1/score/evaluation')}"
        ),
        data=(
            "prompts only. LLaMA-Factory sends no ground truth: take a recipe whose terms need "
            "none, such as `model`"
        ),
        siblings=False,
        page="llamafactory",
    )


def axolotl(choice: Choice) -> Setup:
    """Axolotl, and whatever else posts to a NeMo-Gym resources server's `/verify`."""
    return Setup(
        title="axolotl",
        flags=f"POST {choice.route('verify')}",
        data="expected_answer, answer, reference or ground_truth beside the request",
        page="nemo-gym",
    )


def json(choice: Choice) -> Setup:
    """Anything else that can post JSON."""
    return Setup(
        title="anything that posts JSON",
        flags=f"POST {choice.route('v1/rewards')}",
        data="prompt, response and ground_truth in each object of the body",
        page="json",
    )
