"""Who may come in: API keys, and the recipes each may use."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harmo.app.errors import ErrorType, ServiceError


class KeyFault(StrEnum):
    """What is wrong with a request's key; also the label of `harmo_auth_failures_total`."""

    MISSING = "missing"
    NOT_BEARER = "not_bearer"
    WRONG = "wrong"
    OTHER_RECIPE = "other_recipe"
    """It is good, but not for the recipe that was asked."""


class RefusedError(ServiceError):
    """A 401, or a 403."""

    def __init__(self, fault: KeyFault, message: str) -> None:
        forbidden = fault is KeyFault.OTHER_RECIPE
        super().__init__(ErrorType.FORBIDDEN if forbidden else ErrorType.UNAUTHENTICATED, message)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One accepted key, held as its digest, and the recipes it may use."""

    digest: bytes
    recipes: frozenset[str] = frozenset()
    """Empty: every recipe."""

    def may_use(self, recipe: str) -> bool:
        """True if the key is good for this recipe."""
        return not self.recipes or recipe in self.recipes

    @classmethod
    def parse(cls, text: str) -> ApiKey:
        """Read `KEY` or `KEY:recipe1|recipe2`."""
        key, limited, recipes = text.strip().partition(":")
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError("an API key must be printable ASCII without blanks or ':'")
        names = frozenset(name for name in recipes.split("|") if name)
        # Else a list that a template left empty would open every recipe.
        if limited and not names:
            raise ValueError("an API key with ':' names no recipe; write KEY or KEY:recipe")
        return cls(digest=hashlib.sha256(key.encode()).digest(), recipes=names)


def owner(key: ApiKey | None) -> str:
    """Whose request it is: what keeps one caller's answers and groups from another's."""
    return "" if key is None else key.digest.hex()


class Doorkeeper:
    """Checks bearer keys in constant time; with no keys every route is open."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self._keys = tuple(keys)

    @property
    def needs_key(self) -> bool:
        """False if every route is open."""
        return bool(self._keys)

    def identify(self, authorization: str | None) -> ApiKey | None:
        """The key a request came with; None where keys are off.

        Args:
            authorization: The header, if it came.

        Raises:
            ServiceError: 401 where the key is missing or wrong.
        """
        if not self._keys:
            return None
        scheme, _, token = (authorization or "").partition(" ")
        digest = hashlib.sha256(token.encode(errors="surrogateescape")).digest()
        matches = [key for key in self._keys if hmac.compare_digest(key.digest, digest)]
        if scheme.lower() == "bearer" and matches:
            return matches[0]
        fault = KeyFault.WRONG if scheme.lower() == "bearer" else KeyFault.NOT_BEARER
        raise RefusedError(
            fault if authorization else KeyFault.MISSING,
            "send a valid key as 'Authorization: Bearer KEY'",
        )

    def require_known(self, recipes: Collection[str]) -> None:
        """Refuse a key that names a recipe which does not exist, and name nothing of it.

        What stands after its ':' may be the rest of a key.
        """
        for number, key in enumerate(self._keys, 1):
            if not key.recipes <= set(recipes):
                raise ValueError(
                    f"API key {number} of {len(self._keys)} is for a recipe that is not loaded;"
                    f" loaded: {', '.join(recipes)}; a key itself must not contain ':'"
                )

    @staticmethod
    def allow(key: ApiKey | None, recipe: str) -> None:
        """Refuse a recipe the key may not use, with 403."""
        if key is not None and not key.may_use(recipe):
            message = f"this key may not use recipe {recipe!r}"
            raise RefusedError(KeyFault.OTHER_RECIPE, message)
