"""The six services by name; each module is imported only when its service is built, for a process runs but one."""

from importlib import import_module
from typing import Protocol, cast

from evals.worlds.places import NAMES, TOKEN_LIFETIME_S
from evals.worlds.service import Service


class _Module(Protocol):
    def build(self, *, token_lifetime_s: int) -> Service: ...


def build(name: str, *, token_lifetime_s: int = TOKEN_LIFETIME_S) -> Service:
    """The service of that name; raises `ValueError` for any other name."""
    if name not in NAMES:
        raise ValueError(f"no such service: {name}; there are {', '.join(NAMES)}")
    module = cast(_Module, import_module(f"evals.worlds.services.{name}"))
    return module.build(token_lifetime_s=token_lifetime_s)
