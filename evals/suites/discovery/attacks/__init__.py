"""Hostile documents and arguments for rows A7 to A9 of SAFETY's matrix, made when they are needed."""

from evals.suites.discovery.attacks import bombs, junk, references, requests, schemas, values
from evals.suites.discovery.attacks.attack import Attack

__all__ = ["ATTACKS", "Attack"]

ATTACKS: tuple[Attack, ...] = (
    *references.ATTACKS,
    *bombs.ATTACKS,
    *junk.ATTACKS,
    *schemas.ATTACKS,
    *values.ATTACKS,
    *requests.ATTACKS,
)
