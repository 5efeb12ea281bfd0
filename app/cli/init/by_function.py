"""Trainers that call a Python function: an adapter of harmo-client, named by a flag or a file."""

from __future__ import annotations

from harmo.app.cli.init.setup import Choice, Setup


def trl(choice: Choice) -> Setup:
    """TRL's GRPOTrainer and RLOOTrainer."""
    return Setup(
        title="TRL",
        file="harmo_trl.py",
        code=f'''from harmo_client import RewardClient
from harmo_client.adapters.trl import HarmoReward

reward = HarmoReward(
    RewardClient("{choice.url}"),
    recipe="{choice.recipe}",
    run="{choice.run}",
    reference="solution",  # the dataset column with the ground truth
)
''',
        flags=(
            "from harmo_trl import reward\n"
            "\n"
            f"args = GRPOConfig(num_generations={choice.group_size}, log_completions=True)\n"
            "trainer = GRPOTrainer(model, reward_funcs=reward, args=args, train_dataset=dataset)\n"
            "reward.attach(trainer)\n"
            "trainer.train()"
        ),
        data="a column of ground truths; `reference` in the file names it",
        page="trl",
    )


def verl(choice: Choice) -> Setup:
    """Verl, by a reward manager that sees prompts and images."""
    size = "\n+reward.reward_kwargs.group_size='${actor_rollout_ref.rollout.n}'"
    return Setup(
        title="verl",
        flags=(
            "reward.reward_manager.source=importlib\n"
            "reward.reward_manager.name=HarmoRewardManager\n"
            "reward.reward_manager.module.path=pkg://harmo_client.adapters.verl\n"
            f"+reward.reward_kwargs.url={choice.url}\n"
            f"+reward.reward_kwargs.recipe={choice.recipe}\n"
            f"+reward.reward_kwargs.run={choice.run}"
            f"{size}"
        ),
        data="reward_model.ground_truth, and extra_info.split, as verl's preparation scripts write",
        page="verl",
    )


def swift(choice: Choice) -> Setup:
    """ms-swift, by a plugin file."""
    return Setup(
        title="ms-swift",
        file="harmo_swift.py",
        code=f'''from harmo_client.adapters import swift

swift.register(url="{choice.url}", recipe="{choice.recipe}", run="{choice.run}")
''',
        flags=(
            "--external_plugins harmo_swift.py --reward_funcs harmo --reward_weights 1 "
            f"--num_generations {choice.group_size}"
        ),
        data="a column `solution` (or `reference`) with the ground truth; `images` for pictures",
        page="swift",
    )


def easyr1(choice: Choice) -> Setup:
    """EasyR1, by a batch function."""
    return Setup(
        title="EasyR1",
        file="harmo_easyr1.py",
        code="from harmo_client.adapters.easyr1 import compute_score\n",
        flags=(
            "worker.reward.reward_type=batch\n"
            "worker.reward.reward_function=harmo_easyr1.py:compute_score\n"
            f"""worker.reward.reward_function_kwargs='{{"url": "{choice.url}", """
            f""""recipe": "{choice.recipe}", "run": "{choice.run}"}}'"""
        ),
        data=(
            "the answer column, named by data.answer_key. EasyR1 passes no prompt, no image and no "
            "group: take a recipe that needs none of them"
        ),
        siblings=False,
        page="easyr1",
    )


def areal(choice: Choice) -> Setup:
    """AReaL, by a reward function that its workflow awaits."""
    return Setup(
        title="AReaL",
        flags=(
            "from harmo_client.adapters import areal\n"
            "\n"
            "workflow = RLVRWorkflow(reward_fn=areal.reward_fn, gconfig=gconfig, "
            "tokenizer=tokenizer)\n"
            "areal.attach(workflow)\n"
            "\n"
            f"{choice.environment(grouped=True)} HARMO_REFERENCE=answer python train.py"
        ),
        data="a column `answer` (or `solution`) with the ground truth",
        page="areal",
    )


def rlinf(choice: Choice) -> Setup:
    """RLinf, by a rule-based reward class."""
    return Setup(
        title="RLinf",
        flags=(
            "reward:\n"
            "  reward_type: harmo\n"
            "  use_prompt: true\n"
            "  harmo:\n"
            f"    url: {choice.url}\n"
            f"    recipe: {choice.recipe}\n"
            f"    run: {choice.run}\n"
            f"    group_size: {choice.group_size}"
        ),
        file="harmo_rlinf.py",
        code="from harmo_client.adapters import rlinf\n\nrlinf.register()\n",
        data="the answers of RLinf's dataset; import the file in the entry script",
        page="rlinf",
    )


def roll(choice: Choice) -> Setup:
    """ROLL, by a reward worker."""
    return Setup(
        title="ROLL",
        flags=(
            "rewards:\n"
            "  math_rule:\n"
            "    worker_cls: harmo_client.adapters.roll.HarmoRewardWorker\n"
            "    world_size: 8\n"
            "\n"
            f"{choice.environment(grouped=True)} python examples/start_rlvr_pipeline.py"
        ),
        data="ground_truth in each row, with the `tag` of the domain",
        page="roll",
    )


def verifiers(choice: Choice) -> Setup:
    """Verifiers and prime-rl, by a reward of a task."""
    return Setup(
        title="verifiers, prime-rl",
        flags=(
            "[env.taskset.task.rewards]\n"
            'harmo = {fn = "harmo_client.adapters.verifiers:reward", weight = 1.0}\n'
            "\n"
            f"{choice.environment(grouped=True)} rl ..."
        ),
        data="the task's field `answer` with the ground truth",
        page="verifiers",
    )


def nemo_gym(choice: Choice) -> Setup:
    """NeMo-Gym and NeMo-RL, by a resources server that asks us."""
    return Setup(
        title="NeMo-Gym, NeMo-RL",
        file="app.py",
        code=(
            "from harmo_client.adapters.nemo_gym import HarmoResourcesServer\n"
            "\n"
            'if __name__ == "__main__":\n'
            "    HarmoResourcesServer.run_webserver()\n"
        ),
        flags=(
            "harmo:\n"
            "  resources_servers:\n"
            "    harmo:\n"
            "      entrypoint: app.py\n"
            "      domain: math\n"
            f"      harmo: {{url: {choice.url}, recipe: {choice.recipe}, run: {choice.run}}}"
        ),
        data="a column `expected_answer` with the ground truth",
        page="nemo-gym",
    )
