"""A process that speaks POST /score and dies when told to: `toy_service.py PORT ANSWERS VERSION`.

It rewards digits, so that groups have variance, and nothing without a reference. After ANSWERS
answers it takes one more request and is gone in the middle of it, as a killed service would be;
-1 lets it live.
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from harmo_client import wire

COLUMNS = [
    wire.Column(name="digits", family="rule"),
    wire.Column(name="brevity", family="length"),
]
answers_left, version = int(sys.argv[2]), sys.argv[3]


def unscored(completion: wire.Completion) -> wire.CompletionReward:
    return wire.CompletionReward(
        id=completion.id,
        reward=None,
        reason="no_reference",
        scores=[None, None],
        confidences=[None, None],
        contributions=[0.0, 0.0],
        reasons=["no_reference", "unknown_correctness"],
    )


def score(completion: wire.Completion) -> wire.CompletionReward:
    text = completion.text or ""
    scores = [sum(map(str.isdigit, text)) / 4, -(completion.num_tokens or 0) / 8]
    return wire.CompletionReward(
        id=completion.id,
        reward=sum(scores),
        reason=None,
        scores=scores,
        confidences=[1.0, 1.0],
        contributions=scores,
        reasons=[None, None],
    )


def answer(request: wire.ScoreRequest) -> wire.ScoreResponse:
    groups = [
        wire.GroupRewards(
            id=group.id,
            complete=True,
            weights=[1.0, 1.0],
            completions=[
                unscored(completion) if group.reference is None else score(completion)
                for completion in group.completions
            ],
            stats=wire.GroupStats(scored=0, mean=None, std=None, zero_variance=None),
        )
        for group in request.groups
    ]
    recipe = wire.RecipeRef(name="digits", version=version, scorer_version="1")
    return wire.ScoreResponse(recipe=recipe, columns=COLUMNS, groups=groups)


PAGE = wire.RecipePage(
    name="digits",
    version=version,
    scorer_version="1",
    columns=COLUMNS,
    recipe={"name": "digits", "rule": ["digits"]},
)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._reply(200, PAGE.model_dump_json().encode() if "recipes" in self.path else b"{}")

    def do_POST(self) -> None:
        global answers_left  # noqa: PLW0603 - the process is the state
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = wire.ScoreRequest.model_validate_json(body)
        if request.recipe not in (None, "digits"):
            self._reply(404, b'{"error": {"type": "unknown_recipe", "message": "known: digits"}}')
            return
        if request.groups:
            if answers_left == 0:
                os._exit(1)
            answers_left -= 1
        self._reply(200, answer(request).model_dump_json().encode())

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
