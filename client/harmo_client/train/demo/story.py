"""The demo from start to end: serve, show, warm up, train, measure, judge."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
import yaml
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from harmo_client.client import RewardClient
from harmo_client.errors import HarmoError
from harmo_client.train.config import ConfigError, ServeConfig, load_config
from harmo_client.train.demo.measure import Exam, measure
from harmo_client.train.demo.picture import draw_story
from harmo_client.train.demo.policy import MAX_TOKENS, ToyPolicy, make_policy, warm_up
from harmo_client.train.demo.showcase import (
    completions_listed,
    example_group,
    group_table,
    scorers_table,
)
from harmo_client.train.demo.task import QUESTION, Scene, draw_scene
from harmo_client.train.demo.verdict import before_after_table, shortfalls
from harmo_client.train.policy import load_policy
from harmo_client.train.record.metrics import read_metrics
from harmo_client.train.run import train
from harmo_client.train.service import NeverAnsweredError, RewardsLostError
from harmo_client.train.serving.running import AUDIT_FOLDER, LOG_FILE, running_service

TRAINING_PICTURES, HELD_OUT_PICTURES = 800, 200
RETRY_BUDGET_S = 60.0
STEPS, COMPLETIONS_PER_STEP, COMPLETIONS_PER_PICTURE = 80, 128, 8


def run_demo(seed: int, recipe: Path, out: Path) -> int:
    """Exit code: 0 if the policy learned, 1 if it did not, 2 if the demo could not run."""
    started_s = time.monotonic()
    console = Console()
    _clear(out)
    try:
        serve = ServeConfig(recipe=[str(recipe)])
        with running_service(serve, out) as url, _client(url) as client:
            _show_service(console, client, url, recipe.stem)
            before, after = _teach(console, client, url, recipe.stem, seed, out)
    except (NeverAnsweredError, RewardsLostError, ConfigError, HarmoError) as error:
        console.print(str(error), markup=False)
        return 2
    summary = {
        "seed": seed,
        "seconds": round(time.monotonic() - started_s, 1),
        "before": asdict(before.measured),
        "after": asdict(after.measured),
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    console.print(before_after_table(before, after))
    failures = shortfalls(before.measured, after.measured)
    unscored = before.unscored + after.unscored + _unscored_in_training(out)
    if unscored:
        failures.append(f"{unscored} completions went unscored")
    for failure in failures:
        console.print(f"not learned: {failure}", style="red")
    console.print(f"{summary['seconds']} s; curves, metrics and completions in {out}/")
    console.print(way_to_console(out), markup=False, highlight=False, soft_wrap=True)
    return 1 if failures else 0


def way_to_console(out: Path) -> str:
    """How to see every group that was scored."""
    audit = out / AUDIT_FOLDER
    made = "make console" if audit == Path("runs/demo/audit") else f"make console DIR={audit}"
    return f"what was paid, group by group: {made} (harmo console --audit {audit})"


def _client(url: str) -> RewardClient:
    return RewardClient(url, retry_for_s=RETRY_BUDGET_S)


def _unscored_in_training(out: Path) -> int:
    shares = [row.get("harmo/unscored") or 0.0 for row in read_metrics(out / "metrics.jsonl")]
    return round(sum(shares) * COMPLETIONS_PER_STEP)


def _clear(out: Path) -> None:
    """Remove what an earlier demo left, and nothing else."""
    folders = [
        out / name
        for name in ("pictures", "sloppy-policy", "policy", "completions", "rollouts", AUDIT_FOLDER)
    ]
    for folder in [*folders, *out.glob("checkpoint-*")]:
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("summary.json", "metrics.jsonl", "outages.jsonl", "curves.png", LOG_FILE):
        (out / name).unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)


def _show_service(console: Console, client: RewardClient, url: str, recipe: str) -> None:
    group = example_group(random.Random(0))
    console.print(f"The service answers at {url}. One group: a picture of {group.id}.\n")
    console.print(completions_listed(group))
    console.print(group_table(client, group, recipe))
    console.print(scorers_table(url))


def _teach(
    console: Console, client: RewardClient, url: str, recipe: str, seed: int, out: Path
) -> tuple[Exam, Exam]:
    torch.manual_seed(seed)
    rng = random.Random(seed)
    scenes = [draw_scene(rng) for _ in range(TRAINING_PICTURES)]
    held_out = [draw_scene(rng) for _ in range(HELD_OUT_PICTURES)]
    policy = make_policy()
    policy.model.to("cuda" if torch.cuda.is_available() else "cpu")
    _warm_up(console, policy, scenes, rng)
    before = measure(policy, held_out, client, recipe=recipe, step=0)
    config = _write_run(policy, scenes, url=url, recipe=recipe, seed=seed, out=out)
    folder = train(load_config(config))
    trained = load_policy(str(folder), {})
    learned = ToyPolicy(model=trained.model.to(policy.model.device), processor=trained.processing)
    after = measure(learned, held_out, client, recipe=recipe, step=STEPS)
    columns = client.score([], recipe=recipe).columns
    draw_story(out, columns, held_out, before, after)
    return before, after


def _warm_up(
    console: Console, policy: ToyPolicy, scenes: Sequence[Scene], rng: random.Random
) -> None:
    columns = (
        TextColumn("warm-up: {task.description}"),
        BarColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("seeing", total=None, loss="")

        def show(phase: str, step: int, loss: float) -> None:
            bar.update(
                task, description=phase, completed=step, loss=f"step {step}  loss {loss:.3f}"
            )

        warm_up(policy, scenes, rng, show)
    console.print("warmed up: the policy can see, and answers sloppily")


def _write_run(
    policy: ToyPolicy, scenes: Sequence[Scene], *, url: str, recipe: str, seed: int, out: Path
) -> Path:
    """The config of an ordinary harmo-train run, with its dataset and its policy on disk."""
    sloppy = out / "sloppy-policy"
    policy.model.save_pretrained(sloppy)
    policy.processor.save_pretrained(sloppy)
    config = {
        "model": str(sloppy),
        "output_dir": str(out),
        "dataset": {
            "path": str(_write_dataset(out / "pictures", scenes)),
            "images": "image",
            "reference": "answer",
            "references": {"caption": "caption"},
        },
        "service": {"url": url, "recipe": recipe, "run": "demo", "retry_budget_s": RETRY_BUDGET_S},
        "grpo": {
            "max_steps": STEPS,
            "per_device_train_batch_size": COMPLETIONS_PER_STEP,
            "num_generations": COMPLETIONS_PER_PICTURE,
            "max_completion_length": MAX_TOKENS,
            "learning_rate": 2e-4,
            "lr_scheduler_type": "constant",
            "beta": 0.0,
            "entropy_coef": 0.01,
            "bf16": False,
            "gradient_checkpointing": False,
            "save_strategy": "no",
            "seed": seed,
        },
        "curves_every": STEPS // 2,
    }
    path = out / "harmo-train.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return path


def _write_dataset(folder: Path, scenes: Sequence[Scene]) -> Path:
    folder.mkdir()
    rows = []
    for index, scene in enumerate(scenes):
        scene.picture.save(folder / f"{index:03d}.png")
        row = {"prompt": QUESTION, "image": f"{index:03d}.png"}
        rows.append(json.dumps({**row, "answer": scene.colour, "caption": scene.caption}))
    path = folder / "train.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path
