"""POST /score: Harmo's own wire format."""

from __future__ import annotations

from fastapi import APIRouter, Query, Request, Response

from harmo.app import respond
from harmo.app.admission.tally import require_within
from harmo.app.exchange import exchange
from harmo.app.routes.dependencies import key_of
from harmo.app.wireformat import WireFormat, documented
from harmo_client.wire import ScoreRequest, ScoreResponse

router = APIRouter()


@router.post("/score", summary="Rewards for completions", **documented(ScoreRequest, ScoreResponse))
async def score(
    request: Request,
    explain: bool = Query(False, description="Add what was extracted and compared."),  # noqa: FBT001, FBT003 - FastAPI's form
) -> Response:
    """A reward for every completion of every group, or the reason why there is none."""
    form = WireFormat(
        asked=ScoreRequest,
        to_groups=lambda asked: asked,
        to_body=lambda scored, _: respond.body(scored, explain=explain),
        require=require_within,
        variant="explain" if explain else "",
        explain=explain,
    )
    return await exchange(request, request.app.state.service, key_of(request), form)
