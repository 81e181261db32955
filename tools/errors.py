"""Everything that can be wrong, in one tree.

InterlockError
├── Invalid                    the input is wrong; says where and how to mend it
│   ├── DocumentInvalid        not an API document, or unusable as a whole
│   ├── ExpressionInvalid      an expression outside the language, or over its bounds
│   ├── ArgumentsInvalid       arguments that do not fit an action's schema
│   ├── PlanInvalid            a plan that review did not pass
│   ├── PolicyInvalid          a policy file that cannot be read
│   └── RequestUnsafe          a value that cannot be put on the wire safely
├── Unknown                    no such thing here (never says whether it exists elsewhere)
├── Conflict                   the state moved on, or a key was used for something else
│   └── KeyReused              one effect id, two different requests
├── Forbidden                  this principal may not do that
├── Unauthenticated            nobody we know
├── CredentialMissing          a connection has no usable secret
├── VaultSealed                a secret cannot be opened with the key at hand
├── AddressDenied              egress refused the address before connecting
├── ExpressionFailed           a valid expression that has no value for these inputs
├── PlannerFailed              the planner gave nothing usable
└── Unavailable                a part we depend on does not answer

An expected answer is a value (`Allow | Deny | Ask`, `Reserved | Replayed | InDoubt`), never one of these.
No message ever carries a secret or a private value: it names the argument, not its content.
"""

from __future__ import annotations

from typing import Any


class InterlockError(Exception):
    """Something in Interlock went wrong."""

    def __init__(self, message: str | None = None, **data: Any) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.data = data
        super().__init__(self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross durable steps and processes, so the attributes must survive pickling.
        return (_rebuild, (type(self), self.message, self.data))


def _rebuild(kind: type[InterlockError], message: str, data: dict[str, Any]) -> InterlockError:
    return kind(message, **data)


class Invalid(InterlockError):
    """The input is not valid. `data["pointer"]` says where, when there is a where."""


class DocumentInvalid(Invalid):
    """This is not an OpenAPI 3.0, 3.1 or Swagger 2.0 document. Check that the file is the API's own description."""


class ExpressionInvalid(Invalid):
    """The expression is outside the expression language. See docs/expressions.md for what it allows."""


class ArgumentsInvalid(Invalid):
    """The arguments do not fit the action. `data["problems"]` lists each: its path, what was expected, what came."""


class PlanInvalid(Invalid):
    """The plan did not pass review. `data["defects"]` lists each with its step and mend."""


class PolicyInvalid(Invalid):
    """The policy cannot be read. `data["pointer"]` names the rule."""


class RequestUnsafe(Invalid):
    """An argument cannot be put on the wire safely. Remove control characters, dot segments and separators from it."""


class Unknown(InterlockError):
    """No such thing here."""


class Conflict(InterlockError):
    """The state moved on meanwhile. Read it again and decide anew."""


class KeyReused(Conflict):
    """The same effect id came with another request; the stored one is sent or none."""


class Forbidden(InterlockError):
    """This principal's role does not allow that."""


class Unauthenticated(InterlockError):
    """The API key is missing, unknown or expired. Send it as `Authorization: Bearer <key>`."""


class CredentialMissing(InterlockError):
    """The connection has no secret. Add one with `interlock connections add`."""


class VaultSealed(InterlockError):
    """The secret cannot be opened with the key at hand. Check INTERLOCK_VAULT_KEY."""


class AddressDenied(InterlockError):
    """The address is not public and the System does not allow private ones. An admin can allow it per System."""


class ExpressionFailed(InterlockError):
    """The expression has no value for these inputs."""


class PlannerFailed(InterlockError):
    """The planner gave no usable answer."""


class Unavailable(InterlockError):
    """A part this depends on does not answer. Nothing was lost; try again."""
