"""The model planner: asks any OpenAI-compatible endpoint for a proposal, and takes nothing it says on trust."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from agent.plan import Proposal
from agent.planner import PlannerView
from agent.planners import answer, prompt
from agent.planners.answer import Unusable
from agent.planners.endpoint import Endpoint, Message, Reply
from tools import errors
from tools.clock import Clock, SystemClock

EXCERPT_CHARS = 4_000
#: of an unusable answer, shown to the model again


class Mode(IntEnum):
    """How the answer's structure is asked for, the strictest first."""

    SCHEMA = 0
    #: `response_format` with a JSON schema
    TOOLS = 1
    #: one tool for each kind of proposal
    PLAIN = 2
    #: the schema in the prompt, JSON in the text


class ModelPlanner:
    """Proposes what a model proposes. Which way of structured output the server knows is found out once and kept."""

    name = "model"

    def __init__(
        self,
        *,
        base_url: str,
        api_key: SecretStr | None,
        model: str,
        timeout_s: float = 180.0,
        request_timeout_s: float = 90.0,
        max_repairs: int = 2,
        max_prompt_tokens: int = 24_000,
        clock: Clock | None = None,
    ) -> None:
        """`timeout_s` bounds a whole proposal, repairs and retries included; `request_timeout_s` one request of it.

        Raises `Invalid` for an address or a key that can never work.
        """
        _check(base_url, api_key)
        self._endpoint = Endpoint(
            base_url=base_url,
            api_key=api_key,
            model=model,
            request_timeout_s=min(request_timeout_s, timeout_s),
            clock=clock or SystemClock(),
        )
        self._timeout_s = timeout_s
        self._max_repairs = max_repairs
        self._max_prompt_tokens = max_prompt_tokens
        self._mode = Mode.SCHEMA

    async def propose(self, view: PlannerView) -> Proposal:
        """A plan, a question or a refusal, well-formed but not reviewed.

        Raises `PlannerFailed` with `data["cause"]`: as `Endpoint.ask` says, or prompt, timeout, output.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._propose(view)
        except TimeoutError:
            message = f"The model gave no usable answer within {self._timeout_s:g} s."
            raise errors.PlannerFailed(message, cause="timeout", is_transient=True) from None

    async def _propose(self, view: PlannerView) -> Proposal:
        task: Message = {"role": "user", "content": prompt.facts_of(view, max_tokens=self._max_prompt_tokens)}
        messages, mode = [task], self._mode
        problems: tuple[str, ...] = ()
        for _ in range(1 + self._max_repairs):
            reply, mode = await self._ask(messages, mode)
            found = answer.read(reply)
            if not isinstance(found, Unusable):
                self._mode = mode
                return found
            problems, messages = found.problems, [task, *_complaint(found)]
            if found.is_unstructured:
                # Some servers take `response_format` or `tools` and pass over them in silence.
                mode = Mode(min(mode + 1, Mode.PLAIN))
        message = f"The model answered {1 + self._max_repairs} times without a usable proposal; at last: {problems[0]}."
        raise errors.PlannerFailed(message, cause="output", problems=problems)

    async def _ask(self, messages: Sequence[Message], mode: Mode) -> tuple[Reply, Mode]:
        """One reply, and the strictest mode from `mode` on in which the server gave it."""
        while True:
            rules: Message = {"role": "system", "content": f"{prompt.RULES}\n{_instruction(mode)}"}
            said = await self._endpoint.ask([rules, *messages], _options(mode))
            if isinstance(said, Reply):
                return said, mode
            if mode is Mode.PLAIN:
                raise said.failure
            mode = Mode(mode + 1)


def _options(mode: Mode) -> Mapping[str, Any]:
    match mode:
        case Mode.SCHEMA:
            # Not strict: a strict schema allows no free-form object, and `args` is one.
            wanted = {"name": "proposal", "schema": answer.schema(), "strict": False}
            return {"response_format": {"type": "json_schema", "json_schema": wanted}}
        case Mode.TOOLS:
            return {"tools": answer.tools(), "tool_choice": "required"}
        case Mode.PLAIN:
            return {}


def _instruction(mode: Mode) -> str:
    match mode:
        case Mode.SCHEMA:
            return 'Answer with {"proposal": ...} and nothing else.'
        case Mode.TOOLS:
            return "Answer by calling exactly one of the tools."
        case Mode.PLAIN:
            schema = json.dumps(answer.schema(), separators=(",", ":"))
            return f"Answer with one JSON object and nothing else, fitting this JSON Schema:\n{schema}"


def _complaint(unusable: Unusable) -> list[Message]:
    """The last answer and what is wrong with it; only the last, so that the prompt does not grow with each repair."""
    problems = "\n".join(f"- {problem}" for problem in unusable.problems)
    return [
        {"role": "assistant", "content": unusable.excerpt[:EXCERPT_CHARS] or "(nothing usable)"},
        {"role": "user", "content": f"That answer cannot be used:\n{problems}\nAnswer again, whole."},
    ]


def _check(base_url: str, api_key: SecretStr | None) -> None:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise errors.Invalid("INTERLOCK_MODEL_BASE_URL is no http(s) address. Write it as https://host/v1.")
    key = api_key.get_secret_value() if api_key else ""
    if not key.isascii() or any(char <= " " or char == "\x7f" for char in key):
        raise errors.Invalid("INTERLOCK_MODEL_API_KEY holds a blank, a line break or a letter that is not ASCII.")
