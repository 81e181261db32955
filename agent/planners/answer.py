"""A model's answer on the wire: its JSON schema, and the strict reading of it into a Proposal.

The answer is `{"proposal": {"kind": "plan" | "question" | "cannot_do", …}}`. A model may also call the tool of that
kind, leave the wrapper out, or put prose around the JSON; all else is told back to it as problems.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn, assert_never

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.plan import CannotDo, Plan, Proposal, Question
from agent.planners.endpoint import Reply, ToolCall
from tools import call, errors
from tools.action import Schema

MAX_PROBLEMS = 12
#: of one answer told back to the model
MAX_REASON_CHARS = 500
#: of a refusal's text that is kept
REPHRASE = "Put the goal in other words."


class PlanAnswer(Plan):
    kind: Literal["plan"]


class QuestionAnswer(Question):
    kind: Literal["question"]


class CannotDoAnswer(CannotDo):
    kind: Literal["cannot_do"]


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid")

    proposal: Annotated[PlanAnswer | QuestionAnswer | CannotDoAnswer, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """An answer that is no proposal, and why."""

    problems: tuple[str, ...]
    excerpt: str = ""
    #: what was answered, shown again to the model and to nobody else
    is_unstructured: bool = False
    #: there was no JSON in it at all, as if no structure had been asked for


_TOOLS: Mapping[str, tuple[str, type[PlanAnswer | QuestionAnswer | CannotDoAnswer], str]] = {
    "propose_plan": ("plan", PlanAnswer, "Propose a plan that carries out the whole goal."),
    "ask_question": ("question", QuestionAnswer, "Ask the person for a fact that only they have."),
    "cannot_do": ("cannot_do", CannotDoAnswer, "Refuse, and say which part of the goal the actions do not serve."),
}


def read(reply: Reply) -> Proposal | Unusable:
    """The proposal in `reply`. A refusal by the model or by the endpoint's filter is a `CannotDo`."""
    if reply.refusal:
        return CannotDo(why=f"The model refused: {_shortened(reply.refusal)}", mend=REPHRASE)
    if reply.finish_reason == "content_filter":
        return CannotDo(why="The model endpoint's content filter stopped the answer.", mend=REPHRASE)
    if reply.finish_reason == "length":
        return Unusable(problems=("the answer was cut off at the length limit; answer with fewer and shorter steps",))
    if reply.calls:
        return _read_calls(reply.calls)
    return _read_text(reply.content)


def schema() -> Schema:
    """The JSON schema of the answer, in the subset that servers with structured output have in common."""
    return _portable(_Envelope.model_json_schema())


def tools() -> list[dict[str, Any]]:
    """The same three answers as tools."""
    return [
        {"type": "function", "function": {"name": name, "description": purpose, "parameters": _tool_schema(model)}}
        for name, (_, model, purpose) in _TOOLS.items()
    ]


def _tool_schema(model: type[BaseModel]) -> Schema:
    """The model's schema without `kind`, which the tool's name says already."""
    parameters = _portable(model.model_json_schema())
    return {
        **parameters,
        "properties": {name: part for name, part in parameters["properties"].items() if name != "kind"},
        "required": [name for name in parameters["required"] if name != "kind"],
    }


def _portable(schema: Schema) -> Schema:
    """pydantic's schema with `anyOf` for `oneOf` and without `discriminator`, `title` and `default`.

    Servers that compile a schema to a grammar refuse or ignore these. They also write properties in the order given, so
    `kind` comes first: a model that has said what it answers writes the rest better.
    """
    kept = {key: part for key, part in schema.items() if key not in ("discriminator", "default", "title")}
    changed = {"anyOf" if key == "oneOf" else key: _portable_part(part) for key, part in kept.items()}
    if "properties" in schema:
        properties = {name: _portable(part) for name, part in schema["properties"].items()}
        changed["properties"] = {name: properties[name] for name in sorted(properties, key=lambda name: name != "kind")}
    if "$defs" in schema:
        changed["$defs"] = {name: _portable(part) for name, part in schema["$defs"].items()}
    return changed


def _portable_part(part: Any) -> Any:
    if isinstance(part, list):
        return [_portable_part(one) for one in part]
    return _portable(part) if isinstance(part, dict) else part


def _read_calls(calls: tuple[ToolCall, ...]) -> Proposal | Unusable:
    chosen, excerpt = calls[0], f"{calls[0].name}({calls[0].arguments})"
    if len(calls) > 1:
        return Unusable(problems=(f"{len(calls)} tools were called; call exactly one",), excerpt=excerpt)
    if chosen.name not in _TOOLS:
        return Unusable(problems=(f"there is no such tool; call one of {', '.join(_TOOLS)}",), excerpt=excerpt)
    kind, _, _ = _TOOLS[chosen.name]
    try:
        found = _strict_json(chosen.arguments)
    except ValueError as exc:
        return Unusable(problems=(f"the tool's arguments are not JSON: {exc}",), excerpt=excerpt)
    return _checked({**found, "kind": kind} if isinstance(found, dict) else found, excerpt)


def _read_text(content: str) -> Proposal | Unusable:
    # Reasoning models may think aloud first, with drafts in it.
    text = content.rpartition("</think>")[2].strip()
    if not text:
        return Unusable(problems=("the answer was empty; answer with one JSON object",), is_unstructured=True)
    # Prose or a code fence may stand around the object.
    start, end = text.find("{"), text.rfind("}")
    if not 0 <= start < end:
        problem = "there is no JSON object in the answer; answer with one and nothing else"
        return Unusable(problems=(problem,), excerpt=text, is_unstructured=True)
    try:
        return _checked(_strict_json(text[start : end + 1]), text)
    except ValueError as exc:
        return Unusable(problems=(f"the answer is not one JSON object: {exc}",), excerpt=text)


def _strict_json(text: str) -> Any:
    """`text` as JSON that can be written again. Raises ValueError, with a place but no content."""
    try:
        found = json.loads(text, parse_constant=_no_constant)
        call.canonical(found)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except errors.Invalid:
        raise ValueError("it holds a number beyond 64 bits, broken Unicode, or nests too deeply") from None
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _checked(found: Any, excerpt: str) -> Proposal | Unusable:
    wrapped = found if isinstance(found, dict) and "proposal" in found else {"proposal": found}
    try:
        answer = _Envelope.model_validate(wrapped).proposal
    except ValidationError as exc:
        return Unusable(problems=_problems(exc), excerpt=excerpt)
    return _without_kind(answer)


def _without_kind(answer: PlanAnswer | QuestionAnswer | CannotDoAnswer) -> Proposal:
    match answer:
        case PlanAnswer():
            return Plan(steps=answer.steps, summary=answer.summary)
        case QuestionAnswer():
            return Question(text=answer.text, why=answer.why)
        case CannotDoAnswer():
            return CannotDo(why=answer.why, clause=answer.clause, nearest=answer.nearest, mend=answer.mend)
        case _:
            assert_never(answer)


def _problems(exc: ValidationError) -> tuple[str, ...]:
    listed = exc.errors(include_url=False, include_context=False, include_input=False)
    return tuple(
        f"{'.'.join(str(part) for part in problem['loc'])[:120]}: {problem['msg']}" for problem in listed[:MAX_PROBLEMS]
    )


def _shortened(text: str) -> str:
    flat = " ".join("".join(char if char.isprintable() else " " for char in text[: 2 * MAX_REASON_CHARS]).split())
    return flat if len(flat) <= MAX_REASON_CHARS else flat[:MAX_REASON_CHARS] + "…"
