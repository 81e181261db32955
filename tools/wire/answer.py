"""An HTTP answer as JSON. Never raises, whatever the body holds: what is wrong with it is said in `problem`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from tools.action import Action
from tools.wire.bodies import file_text
from tools.wire.values import is_json

MAX_DEPTH = 100
_MAX_UNSIGNED = 2**64 - 1
_WITHOUT_BODY = frozenset({204, 205, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: JsonValue = None
    #: the JSON; a text for other text; a `data:` URL for anything else; null when there is none or it is unreadable
    media_type: str | None = None
    #: as the answer names it, without parameters, in lower case
    problem: str | None = None
    #: why the body cannot be relied on; it quotes nothing of it


class _Unreadable(Exception):
    """The body is no JSON that can be relied on; the message says why."""


def read_answer(
    action: Action, status: int, headers: Iterable[tuple[str, str]], body: bytes, *, max_depth: int = MAX_DEPTH
) -> Answer:
    """What `action` answered. `body` is decoded from its content encoding.

    A `problem` after a 2xx means that the effect probably happened and its result is unknown: in doubt, not failed.
    """
    named = {name.lower(): value for name, value in headers}
    media_type = named.get("content-type", "").partition(";")[0].strip().lower() or None
    if _is_cut(named, body, action.method, status):
        return Answer(status=status, media_type=media_type, problem="the body is shorter than its Content-Length says")
    if not body.strip():
        problem = _missing(action, status)
        return Answer(status=status, media_type=media_type, problem=problem)
    problem = _wrong_type(action, status, media_type)
    if is_json(media_type or "application/json"):
        try:
            return Answer(status=status, body=_json(body, max_depth), media_type=media_type, problem=problem)
        except _Unreadable as exc:
            return Answer(status=status, media_type=media_type, problem=str(exc))
    return Answer(status=status, body=_other(named, media_type or "", body), media_type=media_type, problem=problem)


def _is_cut(headers: dict[str, str], body: bytes, method: str, status: int) -> bool:
    length = headers.get("content-length", "")
    is_counted = "content-encoding" not in headers and method != "HEAD" and status not in _WITHOUT_BODY
    return is_counted and length.isascii() and length.isdigit() and len(body) < int(length[:20])


def _missing(action: Action, status: int) -> str | None:
    is_promised = 200 <= status < 300 and status not in _WITHOUT_BODY and bool(action.result_schema)
    return "the body is empty where the document promises one" if is_promised and action.method != "HEAD" else None


def _wrong_type(action: Action, status: int, media_type: str | None) -> str | None:
    if not 200 <= status < 300 or media_type is None or not action.accepts:
        return None
    if any(_is_within(media_type, accepted) for accepted in action.accepts):
        return None
    return "the body's media type is not one that the document names"


def _is_within(media_type: str, accepted: str) -> bool:
    essence = accepted.partition(";")[0].strip().lower()
    if is_json(media_type) and is_json(essence):
        return True
    return essence in ("*/*", media_type) or (essence.endswith("/*") and media_type.startswith(essence[:-1]))


def _json(body: bytes, max_depth: int) -> JsonValue:
    try:
        value = json.loads(body, object_pairs_hook=_object, parse_constant=_constant)
    except _Unreadable:
        raise
    except RecursionError:
        raise _Unreadable("the JSON is nested too deep") from None
    except ValueError:
        # Also UnicodeDecodeError, and integers longer than Python reads.
        raise _Unreadable("the body is not JSON, or it is cut") from None
    _check(value, max_depth)
    return value  # type: ignore[no-any-return]  # json.loads gives JSON values only


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        # RFC 8259 section 4 leaves open which one counts; two readers may see two different answers.
        raise _Unreadable("an object in the JSON has the same key twice")
    return made


def _constant(name: str) -> JsonValue:
    raise _Unreadable("the JSON has NaN or an infinity in it")


def _check(value: JsonValue, max_depth: int) -> None:
    level: list[Any] = [value]
    for _ in range(max_depth):
        for part in level:
            if isinstance(part, str):
                _check_text(part)
            elif isinstance(part, float) and not math.isfinite(part):
                raise _Unreadable("the JSON has a number beyond all bounds in it")
            elif isinstance(part, int) and not -(2**63) <= part <= _MAX_UNSIGNED:
                raise _Unreadable("the JSON has an integer of more than 64 bits in it")
            elif isinstance(part, dict):
                for name in part:
                    _check_text(name)
        level = [child for part in level for child in _children(part)]
        if not level:
            return
    raise _Unreadable("the JSON is nested too deep")


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _Unreadable("the JSON has half a surrogate pair in a text") from None


def _children(part: Any) -> Iterable[Any]:
    if isinstance(part, dict):
        return part.values()
    return part if isinstance(part, list) else ()


def _other(headers: dict[str, str], media_type: str, body: bytes) -> str:
    if media_type.startswith("text/") or media_type.endswith("xml") or media_type in ("", "application/javascript"):
        charset = headers.get("content-type", "").lower().partition("charset=")[2].partition(";")[0].strip(' "')
        return body.decode("iso-8859-1" if charset in ("iso-8859-1", "latin1") else "utf-8", errors="replace")
    return file_text(body, media_type)
