"""Write the dashboards: `python -m deploy.grafana`, from the repository's root."""

from __future__ import annotations

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.boards import BOARDS

FOLDER = Path(__file__).parent / "dashboards"


def written() -> dict[str, str]:
    """Each dashboard's file name and text."""
    return {
        f"{name}.json": json.dumps(build(), cls=JSONEncoder, indent=1, ensure_ascii=False) + "\n"
        for name, build in BOARDS.items()
    }


if __name__ == "__main__":
    for name, text in written().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
