"""Client of the Harmo reward service.

Every name loads its module at its first use: importing the package alone costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harmo_client.chunks import ChunkLimits
    from harmo_client.client import AsyncRewardClient, RewardClient
    from harmo_client.errors import (
        BadRequestError,
        BudgetExhaustedError,
        HarmoError,
        InvalidResponseError,
        NotAdditiveError,
        OverloadedError,
        RankError,
        ServiceError,
        StatusError,
        TransportError,
        UnauthorisedError,
        UnscoredError,
        VersionChangedError,
    )
    from harmo_client.wire import (
        Column,
        Completion,
        CompletionReward,
        FunctionCall,
        Group,
        GroupRewards,
        GroupStats,
        Image,
        ImagePart,
        Message,
        RecipePage,
        RecipeRef,
        RecipeSummary,
        ScoreRequest,
        ScoreResponse,
        TextPart,
        ToolCall,
    )

__all__ = [
    "AsyncRewardClient",
    "BadRequestError",
    "BudgetExhaustedError",
    "ChunkLimits",
    "Column",
    "Completion",
    "CompletionReward",
    "FunctionCall",
    "Group",
    "GroupRewards",
    "GroupStats",
    "HarmoError",
    "Image",
    "ImagePart",
    "InvalidResponseError",
    "Message",
    "NotAdditiveError",
    "OverloadedError",
    "RankError",
    "RecipePage",
    "RecipeRef",
    "RecipeSummary",
    "RewardClient",
    "ScoreRequest",
    "ScoreResponse",
    "ServiceError",
    "StatusError",
    "TextPart",
    "ToolCall",
    "TransportError",
    "UnauthorisedError",
    "UnscoredError",
    "VersionChangedError",
]

# The lightest first: whoever catches an error needs no schema.
_MODULES = ("errors", "wire", "chunks", "client")

if not TYPE_CHECKING:
    # Hidden from type checkers: to them it would make every misspelt name a good one.
    def __getattr__(name: str) -> object:
        if name in __all__:
            for module in _MODULES:
                names = vars(import_module(f"harmo_client.{module}"))
                if name in names:
                    globals()[name] = names[name]
                    return names[name]
        raise AttributeError(f"module 'harmo_client' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
