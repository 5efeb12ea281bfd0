"""Rows of files and of the hub, as the wire has them."""

from __future__ import annotations

import base64
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from harmo.app.probe.dataset.columns import columns
from harmo.app.probe.dataset.rows import Sampled, sample
from harmo.models.documents import DocumentError


def write(path: Path, *rows: dict[str, Any]) -> str:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return str(path)


def read(dataset: str, count: int = 100, seed: int = 0, **given: Any) -> Sampled:
    return sample(columns(dataset, given), count=count, seed=seed)


def test_the_columns_are_those_of_the_wire(tmp_path: Path) -> None:
    file = write(
        tmp_path / "d.jsonl",
        {"prompt": "2+2?", "reference": "4", "task": "math"},
        {
            "prompt": "?",
            "references": {"response": "So."},
            "constraints": [{"instruction_id": "x"}],
        },
    )
    first, second = read(file).rows
    assert (first.number, first.prompt) == (1, "2+2?")
    assert (first.group.reference, first.group.task) == ("4", "math")
    assert second.group.references == {"response": "So."}
    assert second.group.constraints == [{"instruction_id": "x"}]
    assert [c.text for c in first.asked(["a", "b"]).completions] == ["a", "b"]


@pytest.mark.parametrize(
    ("held", "read_as"),
    [({"frame": "thousand"}, {"frame": "thousand"}), ("web page 3", {}), (None, {})],
)
def test_metadata_come_with_a_row_where_they_are_fields(
    tmp_path: Path, held: object, read_as: object
) -> None:
    file = write(tmp_path / "d.jsonl", {"prompt": "?", "reference": "4", "metadata": held})
    assert read(file).rows[0].group.metadata == read_as


def test_columns_have_the_names_that_are_given(tmp_path: Path) -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "2+2?"}]},
    ]
    row = {"question": turns, "reward_model": {"ground_truth": "4"}, "kind": "math", "c": "four"}
    file = write(tmp_path / "d.jsonl", row)
    (only,) = read(
        file,
        prompt="question",
        reference="reward_model.ground_truth",
        task="kind",
        references={"caption": "c"},
        prefix="<think>",
    ).rows
    assert (only.prompt, only.group.reference, only.group.task) == ("2+2?", "4", "math")
    assert (only.group.references, only.group.prefix) == ({"caption": "four"}, "<think>")


def test_a_config_of_the_trainer_says_it_all(tmp_path: Path) -> None:
    file = write(tmp_path / "d.jsonl", {"question": "2+2?", "answer": "4"})
    config = tmp_path / "run.yaml"
    config.write_text(
        f"model: m\noutput_dir: runs/x\nprefix: '<think>'\nservice: {{recipe: math}}\n"
        f"dataset: {{path: {file}, prompt: question, reference: answer, system: Be brief.}}\n"
    )
    asked = columns(str(config), {})
    assert asked.recipe == "math"
    (only,) = sample(asked, count=1, seed=0).rows
    assert (only.prompt, only.group.reference, only.group.prefix) == ("2+2?", "4", "<think>")
    assert columns(str(config), {"reference": "other"}).reference == "other"


def test_a_sample_is_seeded_and_keeps_the_order(tmp_path: Path) -> None:
    file = write(tmp_path / "d.jsonl", *({"prompt": "?", "reference": str(n)} for n in range(500)))
    drawn = read(file, count=20)
    numbers = [row.number for row in drawn.rows]
    assert (len(numbers), drawn.of) == (20, 500)
    assert numbers == sorted(set(numbers))
    assert max(numbers) > 100
    assert numbers == [row.number for row in read(file, count=20).rows]
    assert numbers != [row.number for row in read(file, count=20, seed=1).rows]
    assert all(row.group.reference == str(row.number - 1) for row in drawn.rows)


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"prompt": ["a", "b"], "reference": [["1", "2"], ["3"]]})
    parquet.write_table(table, tmp_path / "d.parquet")
    rows = read(str(tmp_path / "d.parquet")).rows
    assert [row.group.reference for row in rows] == [["1", "2"], ["3"]]
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(DocumentError, match="no Parquet file"):
        read(str(tmp_path / "broken.parquet"))


def test_pictures_are_read_from_paths_bytes_and_pil(tmp_path: Path) -> None:
    written = io.BytesIO()
    Image.new("RGB", (2, 2)).save(written, "PNG")
    (tmp_path / "p.png").write_bytes(written.getvalue())
    file = write(tmp_path / "d.jsonl", {"prompt": "?", "reference": "1", "pic": ["p.png"]})
    (only,) = read(file, images="pic").rows
    assert base64.b64decode(only.group.images[0].data) == written.getvalue()
    file = write(tmp_path / "d.jsonl", {"prompt": "?", "reference": "1", "pic": "gone.png"})
    with pytest.raises(DocumentError, match=r"row 1: no picture .*gone\.png"):
        read(file, images="pic")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "has no rows"),
        ("not json\n", r"d\.jsonl:1: not JSON"),
        ('{"prompt": "?", "reference": "1"}\n[1]\n', r"d\.jsonl:2: a row is a JSON object"),
        ('{"question": "?"}\n', "no column 'prompt'; it has question; say with --prompt"),
        ('{"prompt": "?", "answer": "1"}\n', "no column 'reference'; it has prompt, answer"),
        ('{"prompt": 7, "reference": "1"}\n', "row 1: prompt"),
        ('{"prompt": "?", "reference": "1", "task": 3}\n', "row 1: task"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, error: str) -> None:
    (tmp_path / "d.jsonl").write_text(text)
    with pytest.raises(DocumentError, match=error):
        read(str(tmp_path / "d.jsonl"))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("gone.jsonl", "no such file"),
        ("table.csv", r"rows are read from \.jsonl or \.parquet files"),
        ("gone.yaml", "gone.yaml"),
    ],
)
def test_what_is_no_dataset_is_said(tmp_path: Path, name: str, error: str) -> None:
    with pytest.raises((DocumentError, OSError), match=error):
        read(str(tmp_path / name))


def test_a_dataset_of_the_hub_needs_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DocumentError, match=r"owner/name is no .*`pip install datasets`"):
        read("owner/name")


def test_only_the_drawn_rows_of_a_hub_dataset_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read_at: list[int] = []

    class Rows:
        def __len__(self) -> int:
            return 1000

        def __getitem__(self, place: int) -> dict[str, Any]:
            read_at.append(place)
            return {"prompt": "?", "reference": str(place)}

    library = SimpleNamespace(load_dataset=lambda path, split: Rows())
    monkeypatch.setitem(sys.modules, "datasets", library)
    drawn = read("owner/name", count=3)
    assert drawn.of == 1000
    assert [row.number - 1 for row in drawn.rows] == read_at
    assert len(read_at) == 3
