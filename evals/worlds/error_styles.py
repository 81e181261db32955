"""How each service tells an error: six shapes for the same refusals."""

from typing import Any

from evals.worlds.document import Operation
from evals.worlds.refusal import Refused
from evals.worlds.service import Reply

PROBLEM = "application/problem+json"
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
}
STRIPE_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 500: "api_error"}
STRIPE_CODES = {
    "required": "parameter_missing",
    "unknown_field": "parameter_unknown",
    "parameter_unknown": "parameter_unknown",
    "validation_failed": "parameter_invalid",
    "not_found": "resource_missing",
}


def crm(refused: Refused, operation: Operation | None) -> Reply:
    """`{"status", "category", "message", "errors": [{"in", "message", "code"}]}`."""
    errors = [{"in": d.pointer, "location": d.place, "code": d.code, "message": d.message} for d in refused.defects]
    body = {"status": "error", "category": refused.code.upper(), "message": refused.message, "errors": errors}
    return _reply(refused, body)


def erp(refused: Refused, operation: Operation | None) -> Reply:
    """`{"errors": [{"status", "code", "detail", "pointer"}]}`, one for each defect."""
    head = {"status": refused.status, "code": refused.code, "detail": refused.message}
    errors = [{**head, "code": d.code, "detail": d.message, "pointer": d.pointer} for d in refused.defects]
    return _reply(refused, {"errors": errors or [head]})


def billing(refused: Refused, operation: Operation | None) -> Reply:
    """Stripe's error object: the first defect only, and 400 for what fails validation."""
    code = refused.defects[0].code if refused.defects else refused.code
    error: dict[str, Any] = {"type": STRIPE_TYPES.get(refused.status, "invalid_request_error")}
    if refused.code == "idempotency_key_in_use":
        error["type"] = "idempotency_error"
    error["code"] = STRIPE_CODES.get(code, code if refused.status != 422 else "parameter_invalid")
    error["message"] = refused.defects[0].message if refused.defects else refused.message
    if refused.defects:
        error["param"] = refused.defects[0].name
    status = 400 if refused.status == 422 else refused.status
    return Reply(status=status, body={"error": error}, headers=refused.headers)


def hr(refused: Refused, operation: Operation | None) -> Reply:
    """RFC 9457, with `errors` of pointers."""
    return _problem(refused, "https://hr.meridian.example/problems/")


def identity(refused: Refused, operation: Operation | None) -> Reply:
    """RFC 9457, with the missing scopes; RFC 6749's own shape on the token endpoint (section 5.2)."""
    if operation is not None and operation.is_public:
        body = {"error": "invalid_request", "error_description": _first_message(refused)}
        return Reply(status=400 if refused.status == 422 else refused.status, body=body, headers=refused.headers)
    return _problem(refused, "https://id.meridian.example/problems/")


def tickets(refused: Refused, operation: Operation | None) -> Reply:
    """`{"error", "description", "details": [{"pointer", "reason", "description"}]}`."""
    details = [{"pointer": d.pointer, "reason": d.code, "description": d.message} for d in refused.defects]
    name = "".join(word.capitalize() for word in refused.code.split("_"))
    return _reply(refused, {"error": name, "description": refused.message, "details": details})


def _problem(refused: Refused, types: str) -> Reply:
    body: dict[str, Any] = {
        "type": types + refused.code.replace("_", "-"),
        "title": TITLES.get(refused.status, "Error"),
        "status": refused.status,
        "detail": refused.message,
    }
    if refused.defects:
        body["errors"] = [{"pointer": d.pointer, "code": d.code, "detail": d.message} for d in refused.defects]
    if refused.missing_scopes:
        body["missing_scopes"] = list(refused.missing_scopes)
    return _reply(refused, body, PROBLEM)


def _reply(refused: Refused, body: dict[str, Any], media_type: str = "application/json") -> Reply:
    return Reply(status=refused.status, body=body, headers=refused.headers, media_type=media_type)


def _first_message(refused: Refused) -> str:
    return refused.defects[0].message if refused.defects else refused.message
