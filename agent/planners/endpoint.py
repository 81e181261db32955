"""One chat-completions exchange with an OpenAI-compatible endpoint: bounded in size, time and attempts.

Knows nothing of plans. What the endpoint sends is hostile input; nothing it says enters an error message, because a
careless or hostile server may echo the key it was sent.
"""

from __future__ import annotations

import asyncio
import email.utils
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
import stamina
from pydantic import BaseModel, SecretStr, ValidationError

from tools import errors
from tools.clock import Clock

ATTEMPTS = 3
#: of one exchange, the first included
MAX_PAUSE_S = 30.0
#: the longest Retry-After that is waited for; a longer one fails at once and is told to the caller
MAX_BODY_BYTES = 512 * 1024
#: of one answer, an error's body included; a plan of a hundred steps has some 60 KB
NO_KEY = "none"
#: sent where the endpoint needs no key: the client refuses an empty one

_FORMAT_STATUSES = frozenset({400, 404, 405, 415, 422, 501})
#: how servers say that they do not know `response_format` or `tools`; some routers answer 404 for it

Message = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the model said, unread: every text in it is the model's."""

    content: str = ""
    calls: tuple[ToolCall, ...] = ()
    refusal: str = ""
    finish_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The server refused the request itself: it may not know this way of asking for structured output."""

    failure: errors.PlannerFailed
    #: what to raise when there is no other way left to ask


class Endpoint:
    """A model behind `base_url`.

    A client is made per exchange: legs run in several event loops, and a connection pool belongs to one of them.
    """

    def __init__(
        self, *, base_url: str, api_key: SecretStr | None, model: str, request_timeout_s: float, clock: Clock
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._model = model
        self._request_timeout_s = request_timeout_s
        self._clock = clock

    async def ask(self, messages: Sequence[Message], options: Mapping[str, Any]) -> Reply | Rejected:
        """The model's answer to `messages`; `options` are further fields of the request, such as `tools`.

        Busy (429), failing (5xx), silent and unreachable servers are asked up to `ATTEMPTS` times, after the pause that
        they ask for. Raises `PlannerFailed` with `data["cause"]`: unreachable, timeout, busy, server, credentials,
        request or answer; `data["is_transient"]` when it may be over later; `data["retry_after_s"]` when the server
        named a time.
        """
        request = {"model": self._model, "messages": list(messages), **options}
        async for attempt in stamina.retry_context(
            on=_pause, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=8.0, wait_jitter=0.5
        ):
            with attempt:
                return await self._once(request)
        raise AssertionError("stamina raises the last failure")

    async def _once(self, request: Mapping[str, Any]) -> Reply | Rejected:
        try:
            async with asyncio.timeout(self._request_timeout_s), self._client() as client:
                raw = await client.chat.completions.with_raw_response.create(**request)
                return _reply(raw.http_response.content)
        # The client's errors are left behind (`from None`): their text is the server's, and may hold the key.
        except openai.APIStatusError as exc:
            return self._status_answer(exc.response)
        except (TimeoutError, openai.APITimeoutError):
            message = f"The model endpoint did not answer within {self._request_timeout_s:g} s."
            raise errors.PlannerFailed(message, cause="timeout", is_transient=True) from None
        except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL):
            message = "The model endpoint cannot be reached; check INTERLOCK_MODEL_BASE_URL and that it runs."
            raise errors.PlannerFailed(message, cause="unreachable", is_transient=True) from None

    def _client(self) -> openai.AsyncOpenAI:
        key = self._api_key.get_secret_value() if self._api_key else ""
        return openai.AsyncOpenAI(
            api_key=key or NO_KEY,
            base_url=self._base_url,
            max_retries=0,
            timeout=self._request_timeout_s,
            default_headers={"Accept-Encoding": "identity"},
            # No redirects and no proxies from the environment: the goal's text goes where an admin said, or nowhere.
            http_client=httpx2.AsyncClient(
                transport=_BoundedTransport(trust_env=False), trust_env=False, follow_redirects=False
            ),
        )

    def _status_answer(self, response: httpx2.Response) -> Rejected:
        status = response.status_code
        if status in (408, 429) or (status >= 500 and status != 501):
            raise self._busy(response) from None
        if status in (401, 403):
            message = f"The model endpoint refused the key ({status}). Check INTERLOCK_MODEL_API_KEY."
            raise errors.PlannerFailed(message, cause="credentials", status=status) from None
        failure = errors.PlannerFailed(
            f"The model endpoint refused the request ({status}). Check INTERLOCK_MODEL, that INTERLOCK_MODEL_BASE_URL "
            "ends where `/chat/completions` begins, and that the model's context is large enough for the prompt.",
            cause="request",
            status=status,
        )
        if status in _FORMAT_STATUSES:
            return Rejected(failure=failure)
        raise failure from None

    def _busy(self, response: httpx2.Response) -> errors.PlannerFailed:
        status, asked_s = response.status_code, self._retry_after(response.headers)
        what = "is busy" if status == 429 else "failed"
        later = f" and asks to be left alone for {asked_s:.0f} s" if asked_s else ""
        cause = "busy" if status == 429 else "server"
        return errors.PlannerFailed(
            f"The model endpoint {what} ({status}){later}.",
            cause=cause,
            status=status,
            is_transient=True,
            retry_after_s=asked_s,
        )

    def _retry_after(self, headers: httpx2.Headers) -> float | None:
        """Seconds, from either form of Retry-After (RFC 9110 section 10.2.3); None when it is absent or unreadable."""
        text = headers.get("retry-after", "").strip()
        try:
            seconds = float(text)
        except ValueError:
            try:
                until = email.utils.parsedate_to_datetime(text)
            except ValueError:
                return None
            if until.tzinfo is None:
                return None
            seconds = (until - self._clock.now()).total_seconds()
        return None if math.isnan(seconds) else min(max(seconds, 0.0), 86_400.0)


class _Function(BaseModel):
    name: str = ""
    arguments: str = ""


class _Call(BaseModel):
    function: _Function


class _ChatMessage(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(BaseModel):
    message: _ChatMessage
    finish_reason: str | None = None


class _Completion(BaseModel):
    """The part of a chat completion that is read; the client's own types take whatever comes, unchecked."""

    choices: list[_Choice]


def _reply(body: bytes) -> Reply:
    try:
        completion = _Completion.model_validate_json(body)
        choice = completion.choices[0]
    except (ValidationError, IndexError):
        message = (
            "The model endpoint answered with something that is no chat completion. "
            "Check that INTERLOCK_MODEL_BASE_URL is an OpenAI-compatible API."
        )
        raise errors.PlannerFailed(message, cause="answer") from None
    said = choice.message
    calls = tuple(
        ToolCall(name=call.function.name, arguments=call.function.arguments) for call in said.tool_calls or ()
    )
    return Reply(
        content=said.content or "", calls=calls, refusal=said.refusal or "", finish_reason=choice.finish_reason or ""
    )


def _pause(failure: Exception) -> bool | float:
    """Whether to try again now; seconds when the server named them, as long as they are few."""
    if not isinstance(failure, errors.PlannerFailed) or not failure.data.get("is_transient"):
        return False
    asked_s = failure.data.get("retry_after_s")
    if asked_s is None:
        return True
    return float(asked_s) if asked_s <= MAX_PAUSE_S else False


class _BoundedTransport(httpx2.AsyncHTTPTransport):
    """Stops reading an answer at `MAX_BODY_BYTES`, whatever its status; the client would read it all."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            # We asked for none. Counting compressed bytes would let a small answer unpack to gigabytes.
            await response.aclose()
            raise errors.PlannerFailed(
                "The model endpoint sent a compressed answer although none was asked for.", cause="answer"
            )
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _BoundedStream(response.stream)
        return response


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count = 0
        async for part in self._stream:
            count += len(part)
            if count > MAX_BODY_BYTES:
                message = f"The model endpoint sent more than {MAX_BODY_BYTES // 1024} KiB for one answer."
                raise errors.PlannerFailed(message, cause="answer")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
