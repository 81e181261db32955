"""A cap on requests per caller and second, in whole-second windows."""

from collections.abc import Callable

from evals.worlds.refusal import Refused


class RateLimit:
    def __init__(self, per_second: int, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._monotonic = monotonic
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, caller: str) -> None:
        """Count one request; raises `Refused` with 429 and Retry-After when the window is full."""
        window = int(self._monotonic())
        if window != self._window:
            self._window, self._counts = window, {}
        self._counts[caller] = self._counts.get(caller, 0) + 1
        if self._counts[caller] > self._per_second:
            message = f"At most {self._per_second} requests a second are served."
            raise Refused(429, "rate_limited", message, headers={"Retry-After": "1"})
