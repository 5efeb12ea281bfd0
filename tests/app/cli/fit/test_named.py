"""Which stored group a line is about: by number, or by run, step, split and id."""

from __future__ import annotations

import json
from dataclasses import replace

from harmo.audit.write import Writer
from tests.app.cli.fit.lines import named, preferences


def test_groups_that_were_scored_again_count_as_they_were_last(typed, tmp_path, groups):
    """A trainer that resumes from a checkpoint sends its steps once more."""
    writer = Writer(tmp_path / "kept")
    writer.write([*groups, *(replace(kept, ids=tuple("abcdefgh")) for kept in groups)])
    writer.close()
    lines = tmp_path / "lines.jsonl"
    ids = dict(zip("01234567", "abcdefgh", strict=True))
    said = [
        {**line, "better": ids[line["better"]], "worse": ids[line["worse"]]}
        for line in named(preferences(groups), groups)
    ]
    lines.write_text("\n".join(map(json.dumps, said)))
    code, out, _ = typed(f"fit-weights {tmp_path / 'kept'} --prefer {lines} --redraws 40 --json")
    assert (code, json.loads(out)["unknown"]["lines"]) == (0, 0)


def test_groups_of_one_name_are_told_apart_by_their_split(typed, tmp_path, groups):
    """Evaluation has steps and ids of its own, which may be those of training."""
    trained = [kept for kept in groups if kept.group.split == "train"]
    tried = [
        replace(kept, group=replace(kept.group, split="eval"), ids=tuple("abcdefgh"))
        for kept in trained
    ]
    writer = Writer(tmp_path / "kept")
    writer.write([*trained, *tried])
    writer.close()
    lines = named(preferences(trained), trained)
    bare = {"run": trained[0].group.run, "step": trained[0].group.step, "id": trained[0].group.id}
    lines += [
        {"group": bare, "better": "0", "worse": "1"},
        {"group": {**bare, "split": "eval"}, "better": "a", "worse": "b"},
        {"group": {**bare, "split": "test"}, "better": "a", "worse": "b"},
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    result = json.loads(typed(f"fit-weights {tmp_path / 'kept'} --prefer {file} --json")[1])
    assert result["unknown"]["lines"] == 1
    assert "split 'test' is not in the store" in result["unknown"]["first"][0]
    assert result["groups"] == len(trained) + 1


def test_a_group_without_a_run_is_one_group_however_that_is_written(typed, tmp_path, groups):
    lone = [replace(kept, group=replace(kept.group, run=None)) for kept in groups]
    writer = Writer(tmp_path / "kept")
    writer.write(lone)
    writer.close()
    lines = [
        {**line, "group": {**line["group"], "run": run}}
        for line in named(preferences(lone, each=1), lone)
        for run in (None, "")
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    result = json.loads(typed(f"fit-weights {tmp_path / 'kept'} --prefer {file} --json")[1])
    assert (result["unknown"]["lines"], result["repeated"]) == (0, len(lone))


def test_what_is_larger_than_any_number_is_not_in_the_store(fitted, groups):
    far = 1 << 70
    lines = [
        {"group": far, "better": "0", "worse": "1"},
        {"group": {"run": "exp-1", "step": far, "id": "1"}, "better": "0", "worse": "1"},
    ]
    code, output, _ = fitted([*preferences(groups), *lines], "--json")
    assert code == 0
    assert json.loads(output)["unknown"]["lines"] == 2
