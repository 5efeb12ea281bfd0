"""Code runs in an external sandbox over HTTP (SandboxFusion's API), never here."""

from __future__ import annotations

import httpx

from harmo.scorers.rule.code import SandboxResult

OVERHEAD_S = 10.0
"""Compiling, queueing and transport, on top of a program's own time."""


class SandboxFusion:
    """One SandboxFusion endpoint (`POST /run_code`)."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=url, transport=transport)

    async def run(self, code: str, *, language: str, stdin: str, timeout_s: float) -> SandboxResult:
        """The result of one program with one input; `unavailable` where the sandbox failed."""
        program = {"code": code, "language": language, "stdin": stdin, "run_timeout": timeout_s}
        limit_s = timeout_s + OVERHEAD_S
        try:
            response = await self._http.post("/run_code", json=program, timeout=limit_s)
            response.raise_for_status()
            answer = response.json()
        except (httpx.HTTPError, ValueError):
            return SandboxResult(status="unavailable")
        return _result(answer) if isinstance(answer, dict) else SandboxResult(status="unavailable")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _result(answer: dict[str, object]) -> SandboxResult:
    """SandboxFusion's answer: a SandboxError is its own failure, Failed is the program's."""
    compiled, run = answer.get("compile_result"), answer.get("run_result")
    steps = [step for step in (compiled, run) if isinstance(step, dict)]
    if any(step.get("status") == "TimeLimitExceeded" for step in steps):
        return SandboxResult(status="timeout")
    if answer.get("status") not in ("Success", "Failed") or not steps:
        return SandboxResult(status="unavailable")
    ran = steps[-1]
    return SandboxResult(
        status="ok" if answer["status"] == "Success" else "failed",
        stdout=str(ran.get("stdout") or ""),
        stderr=str(ran.get("stderr") or ""),
    )
