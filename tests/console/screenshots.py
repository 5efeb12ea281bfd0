"""`python -m tests.console.screenshots`: docs/console/*.png, from a made store, in Chromium."""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.audit.made import made_store
from tests.console import browser

FOLDER = Path(__file__).parents[2] / "docs" / "console"
COLOURS, MAX_BYTES = 256, 200_000
HACKED = "exp-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One page as it is shown."""

    name: str
    path: str
    waits_for: str
    """A selector of what comes last."""
    dark: bool = False
    size: Mapping[str, int] | None = None


SHOTS = (
    Shot(name="runs", path="/", waits_for="svg.spark", size={"width": 1440, "height": 200}),
    Shot(name="run", path=f"/run/{HACKED}", waits_for="h2:has-text('Audit signals')"),
    Shot(
        name="run-dark",
        path=f"/run/{HACKED}?compare=exp-1",
        waits_for="h2:has-text('Audit signals')",
        dark=True,
    ),
    Shot(
        name="groups",
        path=f"/groups?run={HACKED}&filter=paid_wrong",
        waits_for="tbody tr",
        size={"width": 1440, "height": 480},
    ),
    Shot(name="group", path="/group/{group}", waits_for="tbody tr"),
    Shot(name="group-dark", path="/group/{group}", waits_for="tbody tr", dark=True),
    Shot(
        name="whatif",
        path=f"/whatif?run={HACKED}&w.model=1.4&allow_inversion=1",
        waits_for="tbody tr",
    ),
    Shot(name="recipes", path="/recipes", waits_for="tbody tr", size=browser.SMALL),
)


def main() -> None:
    """Make all of them, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    wanted = [shot for shot in SHOTS if not sys.argv[1:] or shot.name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        store = made_store(Path(folder) / "audit", groups=1000, pictures=True)
        with browser.console("--audit", str(store)) as base, browser.chromium() as driver:
            group = _paid_wrong(driver, base)
            for shot in wanted:
                size = _kept(shot, _picture(driver, base, shot, group))
                sys.stdout.write(f"docs/console/{shot.name}.png {size:,} bytes\n")


def _paid_wrong(driver: object, base: str) -> str:
    """The group at the top of the list of those that paid a wrong answer."""
    with browser.visit(driver, base) as seen:
        seen.open(f"/groups?run={HACKED}&filter=paid_wrong")
        seen.page.wait_for_selector("tbody tr a")
        return seen.page.locator("tbody tr a").first.get_attribute("href").rpartition("/")[2]


def _picture(driver: object, base: str, shot: Shot, group: str) -> bytes:
    with browser.visit(driver, base, size=shot.size or browser.LARGE, dark=shot.dark) as seen:
        seen.open(shot.path.format(group=group))
        seen.page.wait_for_selector(shot.waits_for)
        seen.page.wait_for_timeout(1500)
        if seen.faults:
            raise RuntimeError(f"{shot.path}: {seen.faults}")
        return seen.page.screenshot()


def _kept(shot: Shot, picture: bytes) -> int:
    """The bytes of the file that was written, in few colours, of which the rare ones are kept."""
    written = FOLDER / f"{shot.name}.png"
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    few = whole.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=0)
    few.save(written, optimize=True)
    size = written.stat().st_size
    if size > MAX_BYTES:
        raise RuntimeError(f"{written} has {size:,} bytes; at most {MAX_BYTES:,}")
    return size


if __name__ == "__main__":
    main()
