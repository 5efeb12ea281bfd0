"""The store of scored groups beside plain files: how fast groups are kept, and read again.

`python -m benchmarks.audit_store [--groups 2000]`: groups of eight as a service would keep them,
with texts of some 1,000 characters. The rivals are a line of JSON per group, with and without an
fsync per batch, in the same folder and the same run; the table gives ratios to the first of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from harmo.audit.prune import Bounds, prune
from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.audit.rows import encoded
from harmo.audit.write import Writer
from tests.audit.made import made_groups

SIBLINGS = 8
BATCHES = (1, 8, 64)
ROUNDS = 3


@dataclass(frozen=True)
class Timed:
    """One row of the table."""

    what: str
    samples: int
    seconds: float
    of: str = ""
    """The row that it is compared with."""

    @property
    def rate(self) -> float:
        return self.samples / self.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--groups", type=int, default=2000)
    parser.add_argument("--samples", type=int, default=100_000, help="of the table that is read")
    parser.add_argument("--folder", type=Path, help="where to write; default: a temporary folder")
    args = parser.parse_args()
    made = list(made_groups(groups=args.groups, siblings=SIBLINGS))
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        rows = [*encoding(made), *writing(made, folder), *reading(made, folder, args.samples)]
    show(rows)


def encoding(made: Sequence[KeptGroup]) -> list[Timed]:
    began_s = time.process_time()
    for kept in made:
        encoded(kept)
    spent_s = time.process_time() - began_s
    return [Timed("encode alone (processor time)", count(made), spent_s)]


def writing(made: Sequence[KeptGroup], folder: Path) -> list[Timed]:
    rows = []
    for batch in BATCHES:
        with closing(Writer(folder / f"store-{batch}")) as writer:
            spent_s = timed(made, batch, writer.write)
        rivals = {
            "JSONL, fsync": lines(folder / f"synced-{batch}.jsonl", synced=True),
            "JSONL, no fsync": lines(folder / f"plain-{batch}.jsonl", synced=False),
        }
        own = f"store, batches of {batch}"
        rows.append(Timed(own, count(made), spent_s))
        rows += [
            Timed(f"{rival}, batches of {batch}", count(made), timed(made, batch, write), own)
            for rival, write in rivals.items()
        ]
    return rows


def lines(path: Path, *, synced: bool) -> Callable[[Sequence[KeptGroup]], None]:
    """Writes a batch as lines of JSON, with the same numbers and texts."""
    file = path.open("wb", buffering=0)

    def write(batch: Sequence[KeptGroup]) -> None:
        file.write(b"".join(json.dumps(line(kept)).encode() + b"\n" for kept in batch))
        if synced:
            os.fsync(file.fileno())

    return write


def line(kept: KeptGroup) -> dict[str, object]:
    first = kept.group.samples[0]
    return {
        "run": kept.group.run,
        "step": kept.group.step,
        "id": kept.group.id,
        "prompt": first.prompt_text,
        "reference": first.reference,
        "references": first.references,
        "metadata": first.metadata,
        "weights": kept.weights,
        "completions": [
            {
                "id": own,
                "text": sample.text,
                "num_tokens": sample.num_tokens,
                "reward": reward.value,
                "reason": reward.reason,
                "scores": [score.value for score in reward.scores],
                "confidences": [score.confidence for score in reward.scores],
                "contributions": reward.contributions,
                "details": [score.detail for score in reward.scores],
            }
            for own, sample, reward in zip(kept.ids, kept.group.samples, kept.rewards, strict=True)
        ],
    }


def timed(
    made: Sequence[KeptGroup], batch: int, write: Callable[[Sequence[KeptGroup]], object]
) -> float:
    began_s = time.perf_counter()
    for k in range(0, len(made), batch):
        write(made[k : k + batch])
    return time.perf_counter() - began_s


def reading(made: Sequence[KeptGroup], folder: Path, samples: int) -> list[Timed]:
    store, own = folder / "large", "tables"
    with closing(Writer(store)) as writer:
        while samples > 0:
            writer.write(made[:512])
            samples -= count(made[:512])
    with closing(Reader(store)) as reader:
        asked: dict[str, Callable[[], int]] = {
            own: lambda: sum(len(t.rewards_N) for t in reader.tables(Query())),
            "groups without texts": lambda: read(reader, texts=False),
            "groups with texts": lambda: read(reader, texts=True),
        }
        rows = [best(what, work, "" if what == own else own) for what, work in asked.items()]
        began_s = time.perf_counter()
        runs = reader.runs()
        rows.append(Timed("list of runs", sum(r.completions for r in runs), since(began_s), own))
    path = folder / "large.jsonl"
    path.write_bytes(b"".join(json.dumps(line(kept)).encode() + b"\n" for kept in made))
    rows.append(best("JSONL, parsed", lambda: parsed(path), own))
    return [*rows, pruning(store)]


def read(reader: Reader, *, texts: bool) -> int:
    return sum(len(kept.rewards) for kept in reader.groups(Query(), texts=texts))


def parsed(path: Path) -> int:
    with path.open("rb") as file:
        return sum(len(json.loads(each)["completions"]) for each in file)


def best(what: str, work: Callable[[], int], of: str) -> Timed:
    seconds = []
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        samples = work()
        seconds.append(since(began_s))
    return Timed(what, samples, min(seconds), of)


def pruning(store: Path) -> Timed:
    """Half of a store leaves; printed too: the longest that it keeps a writer from its work."""
    with closing(Writer(store)) as writer:
        slices: list[float] = []
        last_s = time.perf_counter()

        def between() -> bool:
            nonlocal last_s
            slices.append(since(last_s))
            last_s = time.perf_counter()
            return True

        began_s = time.perf_counter()
        pruned = prune(writer, Bounds(max_bytes=1), now_s=0, between=between)
        spent_s = since(began_s)
    print(f"longest slice of pruning: {1000 * max(slices):.0f} ms of {len(slices)}")
    groups = sum(unit.groups for unit in pruned.dropped)
    return Timed("pruned", groups * SIBLINGS, spent_s)


def since(began_s: float) -> float:
    return time.perf_counter() - began_s


def count(made: Sequence[KeptGroup]) -> int:
    return sum(len(kept.rewards) for kept in made)


def show(rows: Sequence[Timed]) -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, groups of {SIBLINGS}")
    by_name = {row.what: row for row in rows}
    print(f"{'':34}{'completions/s':>14}{'us each':>10}{'times':>8}  of")
    for row in rows:
        ratio = f"{row.rate / by_name[row.of].rate:8.2f}  {row.of}" if row.of else ""
        print(f"{row.what:34}{row.rate:14,.0f}{1e6 / row.rate:10.1f}{ratio}")


if __name__ == "__main__":
    main()
