"""The harmo command as a user types it."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.process import HARMO, free_port, wait_ready


def harmo(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [HARMO, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False
    )


def test_score_writes_a_reward_for_every_completion(tmp_path: Path) -> None:
    rows = [
        {"prompt": "2+2?", "reference": "4", "completions": ["\\boxed{4}", "\\boxed{5}", ""]},
        {"id": "x", "prompt": "?", "completions": [{"text": "4", "num_tokens": 3}]},
        {"prompt": "3*3?", "reference": "9", "completion": "so 9"},
    ]
    file = tmp_path / "rollouts.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    ran = harmo("score", str(file), "--recipe", "math", "--workers", "1")
    assert ran.returncode == 0, ran.stderr
    answers = [json.loads(line) for line in (tmp_path / "rollouts.rewards.jsonl").open()]
    assert [answer["id"] for answer in answers] == ["1", "x", "3"]
    rewards = [c["reward"] for a in answers for c in a["completions"]]
    assert rewards[1] < rewards[0]
    assert rewards[3] is None
    assert "no_reference" in ran.stdout
    assert "answer" in ran.stdout


USER_MISTAKES = [
    (("score", "nowhere.jsonl"), "nowhere.jsonl", "a file that is not there"),
    (("score", "bad.jsonl"), "bad.jsonl:1", "a line that is not JSON"),
    (("score", "field.jsonl"), "field.jsonl:1: surprise", "a field that does not exist"),
    (("recipes", "check", "nope"), "shipped:", "an unknown recipe lists the known ones"),
    (("recipes", "show", "scorer.yaml"), "rule.maths", "an unknown scorer is named"),
    (("recipes", "show", "param.yaml"), "tolerance_", "an unknown param is named"),
    (("recipes", "show", "zero.yaml"), "zero", "all weights zero"),
    (("recipes", "show", "negative.yaml"), "weight", "a negative weight within a family"),
    (("serve", "--port", "99999"), "port", "a port that cannot be"),
    (("serve", "--config", "nowhere.yaml"), "nowhere.yaml", "a settings file that is not there"),
    (("serve", "--recipe", "zero.yaml", "--port", "0"), "zero", "serve refuses a bad recipe"),
]
FILES = {
    "bad.jsonl": "{",
    "field.jsonl": '{"prompt": "?", "completion": "4", "surprise": 1}',
    "scorer.yaml": "name: a\nrule: [{scorer: rule.maths}]",
    "param.yaml": "name: a\nrule: [{scorer: rule.numeric, params: {tolerance_: 1}}]",
    "zero.yaml": "name: a\nweights: {rule: 0}\nrule: [{scorer: rule.math}]",
    "negative.yaml": "name: a\nrule: [{scorer: rule.math, weight: -1}]",
}


@pytest.mark.parametrize(
    ("arguments", "named", "why"), USER_MISTAKES, ids=[why for *_, why in USER_MISTAKES]
)
def test_a_users_mistake_is_one_sentence_and_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], named: str, why: str
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    ran = harmo(*arguments, cwd=tmp_path)
    assert ran.returncode == 2, ran.stderr
    assert named in ran.stderr, why
    assert "Traceback" not in ran.stderr


def test_recipes_check_exits_1_where_it_refuses(tmp_path: Path) -> None:
    inverted = "name: a\nweights: {rule: 0.1, aspect: 1}\nrule: [{scorer: rule.math}]\n"
    (tmp_path / "a.yaml").write_text(inverted + "aspect: [{scorer: aspect.format}]")
    ran = harmo("recipes", "check", "a.yaml", cwd=tmp_path)
    assert ran.returncode == 1
    assert "refuse" in ran.stdout


def test_a_drained_service_exits_with_0(tmp_path: Path) -> None:
    port = free_port()
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen([HARMO, "serve", "--port", str(port)], stderr=log, stdout=log)
    wait_ready(port, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, (tmp_path / "log").read_text()


def test_scorers_lists_origin_and_confidence() -> None:
    ran = harmo("scorers")
    assert ran.returncode == 0
    assert "rule.math" in ran.stdout
    assert "num-num" in ran.stdout
