"""`harmo replay` as it is typed: tables, JSON, Parquet, and what is refused in one sentence."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from harmo.app.cli.replay import command
from tests.app.cli.conftest import Typed
from tests.audit.made import RECIPE, made_store
from tests.process import HARMO, heeding

parquet = pytest.importorskip("pyarrow.parquet")
TOKENS = {"scorer": "length.linear", "params": {"target_tokens": 100}}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of forty groups, hostile texts among them."""
    return made_store(tmp_path_factory.mktemp("replay") / "audit", groups=80, hostile=True)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The recipe of the store, with a gate, another length term and a column less."""
    recipe = yaml.safe_load(RECIPE)
    recipe |= {"combine": "gate", "length": [TOKENS], "aspect": recipe["aspect"][:1]}
    file = tmp_path / "other.yaml"
    file.write_text(yaml.safe_dump(recipe))
    return file


def test_the_answer_as_tables(store: Path, other: Path, typed: Typed) -> None:
    code, out, err = typed(f"replay {store} --recipe {other} --run exp-2")
    assert (code, err) == (0, "")
    assert out.startswith("40 groups, ")
    for said in (
        "scored now, from numbers: length.linear",
        "left out: aspect.ifeval, length.cosine",
        "rewards are other: the recipe is now kept sha256:",
        "groups whose best is another",
        "rank correlation of siblings",
        "/group/",
    ):
        assert said in out
    assert not store.with_name("audit.replay").exists()


def test_no_text_of_a_store_moves_a_cursor(store: Path, other: Path, typed: Typed) -> None:
    _, out, _ = typed(f"replay {store} --recipe {other}")
    assert all(char.isprintable() or char == "\n" for char in out)


def test_a_recipe_of_the_store_is_named_by_its_name_or_version(store: Path, typed: Typed) -> None:
    code, out, _ = typed(f"replay {store} --recipe kept")
    assert code == 0
    assert ", from the store\n" in out
    assert "the same rewards, to 1e-6" in out
    version = out.partition("under kept ")[2].partition(",")[0]
    _, again, _ = typed(f"replay {store} --recipe {version}")
    assert again == out


def test_the_answer_as_json(store: Path, other: Path, typed: Typed) -> None:
    line = f"replay {store} --recipe {other} --steps 1:2 --split train --json"
    code, out, _ = typed(f"{line} --console http://wall:8080")
    told = json.loads(out)
    assert code == 0
    assert told["changes"]["groups"] == 32
    assert told["changes"]["advantages"]["scaled"]["mean_change"] > 0
    assert told["most_changed"][0]["page"].startswith("http://wall:8080/group/")
    assert {group["run"] for group in told["most_changed"]} <= {"exp-1", "exp-2"}
    assert set(told["tasks"]) >= {"math"}
    assert told["columns"]["aspect.ifeval"]["scored"]["after"] == 0


def test_every_completion_as_parquet(
    store: Path, other: Path, typed: Typed, tmp_path: Path
) -> None:
    line = f"replay {store} --recipe {other} --json --parquet {tmp_path}/rows.parquet"
    told = json.loads(typed(line)[1])
    table = parquet.read_table(tmp_path / "rows.parquet")
    rows = table.to_pylist()
    assert len(rows) == told["changes"]["completions"]
    assert (
        sum(row["sign_changed"] for row in rows)
        == (told["changes"]["advantages"]["unscaled"]["changed_sign"])
    )
    for side in ("before", "after"):
        names = [n for n in table.column_names if n.endswith(f".paid_{side}")]
        for row in rows:
            paid = [row[name] for name in names if row[name] is not None]
            assert (row[f"reward_{side}"] is None) == (row[f"reason_{side}"] is not None)
            if row[f"reward_{side}"] is not None:
                assert sum(paid) == pytest.approx(row[f"reward_{side}"], abs=1e-6)
    assert {row["length.cosine.score_after"] for row in rows} == {None}
    assert not (tmp_path / "rows.parquet.partial").exists()


REFUSED = [
    ("--recipe other.yaml", "no recipe file 'other.yaml'", "no such recipe"),
    ("--recipe kept --run exp-9", "no run 'exp-9' in the store", "no such run"),
    ("--recipe kept --steps 9:1", "ends before it begins", "steps that run backwards"),
    ("--recipe kept --steps 900:", "runs: 'exp-2', 'exp-1'", "steps that nobody took"),
    ("--recipe kept --parquet no/such/rows.parquet", "no such folder", "no folder for the rows"),
    (
        "--recipe kept --rescore --to {store}/in",
        "nothing is written into a store",
        "into the store",
    ),
]


@pytest.mark.parametrize(("flags", "said", "why"), REFUSED, ids=[row[2] for row in REFUSED])
def test_mistakes_are_one_sentence(
    store: Path, typed: Typed, flags: str, said: str, why: str
) -> None:
    code, out, err = typed(f"replay {store} {flags.format(store=store)}")
    assert (code, out) == (2, ""), why
    assert said in err
    assert err.count("\n") == 1


def test_a_folder_without_a_store_is_said(tmp_path: Path, typed: Typed) -> None:
    code, _, err = typed(f"replay {tmp_path} --recipe math")
    assert code == 2
    assert str(tmp_path) in err


def test_a_model_that_is_not_hosted_is_asked_for(store: Path, tmp_path: Path, typed: Typed) -> None:
    recipe = yaml.safe_load(RECIPE)
    recipe["model"] = [{"scorer": "model.reward"}]
    (tmp_path / "new.yaml").write_text(yaml.safe_dump(recipe | {"allow_inversion": True}))
    code, _, err = typed(f"replay {store} --recipe {tmp_path}/new.yaml --to {tmp_path}/to")
    assert code == 2
    assert "host it with --model" in err


def test_without_pyarrow_it_is_said_how_to_get_it(
    store: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    code, _, err = typed(f"replay {store} --recipe kept --parquet {tmp_path}/rows.parquet")
    assert code == 2
    assert "pip install 'harmo[parquet]'" in err


def test_a_name_of_several_versions_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [SimpleNamespace(name="r", version=f"sha256:{v}", recipe={}) for v in ("aa", "ab")]
    reader = SimpleNamespace(recipes=lambda run: kept)
    query = SimpleNamespace(run=None)
    with pytest.raises(ValueError, match="several versions in the store: sha256:aa, sha256:ab"):
        command.stored_recipe(reader, query, "r")
    with pytest.raises(ValueError, match="of another time"):
        command.stored_recipe(reader, query, "sha256:ab")
    assert command.stored_recipe(reader, query, "s") is None


def test_an_interrupted_replay_says_that_it_goes_on(store: Path, tmp_path: Path) -> None:
    recipe = yaml.safe_load(RECIPE)
    recipe |= {"model": [], "rule": [{"scorer": "rule.numeric"}, {"scorer": "rule.math"}]}
    (tmp_path / "new.yaml").write_text(yaml.safe_dump(recipe))
    line = ["replay", str(store), "--recipe", f"{tmp_path}/new.yaml", "--to", f"{tmp_path}/to"]
    with heeding(signal.SIGINT):
        process = subprocess.Popen([HARMO, *line], stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "to" / "scores.sqlite").is_file() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on" in err
    assert "Traceback" not in err
