from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harmo.audit.export import ExportError, export
from harmo.audit.read import Query, Reader
from harmo.audit.write import Writer
from harmo.scorers.types import Sample
from tests.audit.kept import RECIPES
from tests.audit.made import made_groups, made_store
from tests.audit.test_round_trip import kept

parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the extra")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hostile texts, and the last groups by a recipe of other columns."""
    folder = made_store(tmp_path_factory.mktemp("export"), groups=200, siblings=4, hostile=True)
    with closing(Writer(folder)) as writer:
        writer.write([kept(Sample(prompt="p", completion="c", reference=[1, "\ud83d"]))])
    return folder


def exported(folder: Path, path: Path, query: Query, form: str) -> list[dict[str, object]]:
    with closing(Reader(folder)) as reader:
        count = export(reader, query, path, form=form)  # type: ignore[arg-type]
    if form == "jsonl":
        rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    else:
        rows = parquet.read_table(path).to_pylist()
        for row in rows:
            for name in ("reference", "references", "messages"):
                row[name] = None if row[name] is None else json.loads(row[name])
    assert len(rows) == count
    return rows


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_there_is_a_row_per_completion_with_what_it_came_to(
    folder: Path, tmp_path: Path, form: str
) -> None:
    rows = iter(exported(folder, tmp_path / "out", Query(), form))
    with closing(Reader(folder)) as reader:
        for group in reader.groups(Query()):
            for i, (sample, reward) in enumerate(
                zip(group.group.samples, group.rewards, strict=True)
            ):
                row = next(rows)
                assert row["number"] == group.number
                assert (row["run"], row["step"], row["split"]) == (
                    group.group.run,
                    group.group.step,
                    group.group.split,
                )
                assert (row["group"], row["id"], row["task"]) == (
                    group.group.id,
                    group.ids[i],
                    sample.task,
                )
                assert (row["reward"], row["reason"]) == (reward.value, reward.reason)
                assert row["reference"] == sample.reference
                assert row["prompt"] == sample.prompt_text
                assert row["completion"] == as_written(sample, form)
                for column, score, paid in zip(
                    group.recipe.columns, reward.scores, reward.contributions, strict=True
                ):
                    assert row[f"{column.name}.score"] == score.value
                    assert row[f"{column.name}.contribution"] == paid
                    assert row[f"{column.name}.reason"] == score.reason
    assert next(rows, None) is None


def as_written(sample: Sample, form: str) -> str:
    text = replace(sample, prefix="").text
    return text if form == "jsonl" else text.encode(errors="replace").decode()


def test_recipes_that_differ_have_the_columns_of_all(folder: Path, tmp_path: Path) -> None:
    for form in ("jsonl", "parquet"):
        rows = exported(folder, tmp_path / "out", Query(), form)
        assert rows[0]["c0.score"] is None
        assert rows[0]["answer.contribution"] is not None
        assert rows[-1]["c0.score"] == 1.0
        assert rows[-1]["answer.score"] is None
        assert all(list(row) == list(rows[0]) for row in rows)


def test_a_query_and_a_recipe_narrow_rows_and_columns(folder: Path, tmp_path: Path) -> None:
    rows = exported(folder, tmp_path / "out", Query(recipe=RECIPES[0].name), "parquet")
    assert [row["run"] for row in rows] == ["r"]
    assert "answer.score" not in rows[0]
    assert exported(folder, tmp_path / "out", Query(run="exp-9"), "parquet") == []
    assert exported(folder, tmp_path / "out", Query(run="exp-9"), "jsonl") == []


def test_texts_that_were_not_kept_are_empty(tmp_path: Path) -> None:
    with closing(Writer(tmp_path)) as writer:
        writer.write([kept(Sample(prompt="p", completion="c"), texts="none")])
    (row,) = exported(tmp_path, tmp_path / "out", Query(), "jsonl")
    assert (row["prompt"], row["completion"], row["reward"]) == (None, None, 1.0)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_the_file_is_there_whole_or_not_at_all(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_store(tmp_path, groups=20, siblings=2)
    out = tmp_path / "out" / "file"
    out.parent.mkdir()
    out.write_text("before")

    def torn(reader: Reader, query: Query, fields: object):
        yield dict.fromkeys(fields)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("harmo.audit.export.rows", torn)
    with closing(Reader(tmp_path)) as reader, pytest.raises(ExportError, match="No space left"):
        export(reader, Query(), out, form=form)  # type: ignore[arg-type]
    assert out.read_text() == "before"
    assert list(out.parent.iterdir()) == [out]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    made_store(tmp_path, groups=2)
    path = tmp_path / "missing" / "x.jsonl"
    with closing(Reader(tmp_path)) as reader, pytest.raises(ExportError, match=r"missing/x\.jsonl"):
        export(reader, Query(), path, form="jsonl")


def test_without_pyarrow_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_store(tmp_path, groups=2)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    words = r"pip install 'harmo\[parquet\]'"
    with closing(Reader(tmp_path)) as reader, pytest.raises(ExportError, match=words):
        export(reader, Query(), tmp_path / "x", form="parquet")
    assert not (tmp_path / "x").exists()


def test_memory_does_not_grow_with_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmo.audit.export._SLICE_ROWS", 10)
    with closing(Writer(tmp_path)) as writer:
        writer.write(made_groups(groups=10, siblings=8))
    exported(tmp_path, tmp_path / "out", Query(), "parquet")
    file = parquet.ParquetFile(tmp_path / "out")
    assert [file.metadata.row_group(k).num_rows for k in range(8)] == [10] * 8
