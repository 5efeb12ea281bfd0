"""What can go wrong between a trainer and the service.

HarmoError
├── TransportError            no answer: connection refused or lost, timed out, bad address
├── StatusError               the service refused the request as a whole (`status`, `type`, `field`)
│   ├── BadRequestError       400, 404, 409, 413, 415, 422, ...: sending it again cannot help
│   ├── UnauthorisedError     401, 403
│   ├── OverloadedError       408, 425, 429, 503: busy, draining or starting
│   └── ServiceError          the other 5xx: a fault of the service
├── BudgetExhaustedError      still no answer after `retry_for_s`; the last failure is its cause
├── InvalidResponseError      an answer that breaks the contract; none of it is used
├── VersionChangedError       recipe or scorers changed within a run
├── NotAdditiveError          columns mode asked of a recipe whose columns do not add up
├── UnscoredError             a sample had no reward and `on_unscored` is `stop`
└── RankError                 another process failed in a way that only it can describe

    try:
        answer = client.score(groups)
    except HarmoError as error:
        ...  # no reward was made up: stop, or wait and ask again

Every one travels between processes by pickle, so that all ranks raise the same error.
"""

from __future__ import annotations


class HarmoError(Exception):
    """Base of everything the client raises on purpose."""


class TransportError(HarmoError):
    """No answer came."""


class StatusError(HarmoError):
    """The service answered with an HTTP error."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        type: str | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status."""
        self.type = type
        """The service's word for it."""
        self.field = field
        """The field of the request that is wrong, where one is."""


class BadRequestError(StatusError):
    """The request is wrong; the same request will be refused again."""


class UnauthorisedError(StatusError):
    """No API key, a wrong one, or one that may not use this recipe."""


class OverloadedError(StatusError):
    """The service is busy, draining or not ready."""


class ServiceError(StatusError):
    """A fault inside the service."""


class BudgetExhaustedError(HarmoError):
    """The service did not answer within `retry_for_s`."""


class InvalidResponseError(HarmoError):
    """The answer breaks the wire contract: wrong length, order, ids or numbers."""


class VersionChangedError(HarmoError):
    """The rewards of this run would no longer be comparable."""


class NotAdditiveError(HarmoError):
    """The recipe's columns do not add up to its reward."""


class UnscoredError(HarmoError):
    """A sample came back without a reward."""


class RankError(HarmoError):
    """Another process of this job failed before the rewards were complete."""
