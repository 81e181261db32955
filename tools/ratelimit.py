"""How long to hold back after a system said "too many requests".

Learns pauses from answers and keeps them, in this process; it sends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from tools.clock import Clock, aware

TOO_MANY_REQUESTS = 429
UNAVAILABLE = 503


def retry_after_s(value: str, now: datetime, *, cap_s: float) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110 section 10.2.3), between 0 and `cap_s`.

    None when it is neither seconds nor an HTTP date. `now` must be aware.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        # Beyond a dozen digits the number is absurd, and int() of a huge text is slow.
        return min(float(text[:12]), cap_s) if len(text) <= 12 else cap_s
    try:
        asked = parsedate_to_datetime(text)
    except ValueError:
        return None
    # RFC 9110 section 5.6.7: an HTTP date is GMT; `-0000` and none at all parse as naive.
    at = aware(asked if asked.tzinfo else asked.replace(tzinfo=now.tzinfo))
    return min(max((at - now).total_seconds(), 0.0), cap_s)


@dataclass(frozen=True, slots=True)
class _Pause:
    until: datetime
    refusals: int
    #: in a row without a Retry-After


class Pace:
    """Pauses by connection and operation.

    Two paused operations of one connection mean that the limit is the connection's, so then all of it pauses.
    """

    def __init__(self, clock: Clock, *, cap_s: float = 300.0, first_pause_s: float = 1.0) -> None:
        self._clock = clock
        self._cap_s = cap_s
        self._first_pause_s = first_pause_s
        self._pauses: dict[tuple[str, str], _Pause] = {}

    def learn(self, connection: str, operation: str, status: int, headers: Sequence[tuple[str, str]]) -> float:
        """Take in an answer; the seconds to hold back from now on, 0.0 when it asked for none.

        A 429 always pauses: for its Retry-After, else twice as long as the time before. A 503 pauses when it says how
        long. Any other answer ends the operation's pause.
        """
        key = (connection, operation)
        self._forget_old()
        asked_s = self._asked_s(headers)
        if status != TOO_MANY_REQUESTS and (status != UNAVAILABLE or asked_s is None):
            self._pauses.pop(key, None)
            return 0.0
        refusals = self._pauses[key].refusals + 1 if key in self._pauses else 0
        pause_s = asked_s if asked_s is not None else min(self._first_pause_s * 2 ** min(refusals, 30), self._cap_s)
        self._pauses[key] = _Pause(self._clock.now() + timedelta(seconds=pause_s), refusals)
        return pause_s

    def wait_s(self, connection: str, operation: str) -> float:
        """Seconds until the operation may be called again over this connection; 0.0 means now."""
        now = self._clock.now()
        left = {
            name: (pause.until - now).total_seconds()
            for (owner, name), pause in self._pauses.items()
            if owner == connection and pause.until > now
        }
        return max(left.values()) if len(left) > 1 else left.get(operation, 0.0)

    async def wait(self, connection: str, operation: str) -> None:
        """Return once the operation may be called again over this connection; a pause learned meanwhile counts too."""
        while (left_s := self.wait_s(connection, operation)) > 0:
            await asyncio.sleep(left_s)

    def _asked_s(self, headers: Sequence[tuple[str, str]]) -> float | None:
        value = next((value for name, value in headers if name.lower() == "retry-after"), None)
        return None if value is None else retry_after_s(value, self._clock.now(), cap_s=self._cap_s)

    def _forget_old(self) -> None:
        # A pause is kept for a while after its end, for the doubling; then it must not pile up.
        horizon = self._clock.now() - timedelta(seconds=self._cap_s)
        self._pauses = {key: pause for key, pause in self._pauses.items() if pause.until > horizon}
