"""The kinds of credential a connection can have, what of each may be shown, and how each is put on a request.

A record here holds plain secrets (hidden in its repr): it lives from an admin's form to the vault, and in egress for
the length of one request.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import quote_plus, urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from tools import destination, errors
from tools.vault import Secret

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
#: RFC 9110 section 5.6.2

#: Headers that say where the message goes and where it ends; a credential in one of them could redirect or split it.
FRAMING = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect", "keep-alive"}
)


def _header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name) or name.lower() in FRAMING:
        raise ValueError("not the name of a header that can carry a credential")
    return name


def _header_value(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", text):
        raise ValueError("must be printable ASCII, without blanks at its ends, and not empty")
    return value


def _no_controls(value: SecretStr) -> SecretStr:
    # RFC 7617 section 2: user name and password hold no control characters.
    if any(ord(char) < 32 or ord(char) == 127 for char in value.get_secret_value()):
        raise ValueError("must not hold control characters")
    return value


def _no_colon(value: SecretStr) -> SecretStr:
    if ":" in value.get_secret_value():
        raise ValueError("must not hold a colon, which ends the user name (RFC 7617 section 2)")
    return value


def _plain_url(url: str) -> str:
    try:
        destination.parse(url)
    except errors.RequestUnsafe as exc:
        raise ValueError(exc.message) from exc
    return url


HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderSecret = Annotated[SecretStr, AfterValidator(_header_value)]
Text = Annotated[SecretStr, AfterValidator(_no_controls)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What a credential adds to a request."""

    header: tuple[str, str] | None = field(default=None, repr=False)
    query: tuple[str, str] | None = field(default=None, repr=False)


class _Credential(BaseModel):
    # hide_input_in_errors: a wrong secret is still a secret.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def public(self) -> dict[str, Any]:
        """What may be stored in the open and shown; the kind is kept beside it."""
        return {name: value for name, value in self.model_dump(mode="json").items() if name not in self._secrets()}

    def sealed(self) -> dict[str, str]:
        """The secret values, for `Vault.seal` alone."""
        return {name: value.get_secret_value() for name, value in self._secrets().items()}

    def _secrets(self) -> dict[str, SecretStr]:
        return {name: value for name, value in self if isinstance(value, SecretStr)}


class NoCredential(_Credential):
    kind: Literal["none"] = "none"

    def placement(self) -> Placement:
        return Placement()


class ApiKey(_Credential):
    kind: Literal["api_key"] = "api_key"
    place: Literal["header", "query"] = "header"
    name: HeaderName = "X-Api-Key"
    key: HeaderSecret

    def placement(self) -> Placement:
        pair = (self.name, self.key.get_secret_value())
        return Placement(query=pair) if self.place == "query" else Placement(header=pair)


class Bearer(_Credential):
    kind: Literal["bearer"] = "bearer"
    token: HeaderSecret

    def placement(self) -> Placement:
        return Placement(header=("Authorization", f"Bearer {self.token.get_secret_value()}"))


class Basic(_Credential):
    """User name and password. Both are sealed: many APIs take their key as the user name."""

    kind: Literal["basic"] = "basic"
    username: Annotated[Text, AfterValidator(_no_colon)]
    password: Text = SecretStr("")

    def placement(self) -> Placement:
        pair = f"{self.username.get_secret_value()}:{self.password.get_secret_value()}"
        return Placement(header=("Authorization", basic(pair)))


class Header(_Credential):
    """Any header; `prefix` stands before the secret, such as `Token ` in `Authorization: Token abc`."""

    kind: Literal["header"] = "header"
    name: HeaderName
    prefix: Annotated[str, Field(pattern=r"^[\x21-\x7e]*[\x20-\x7e]?$")] = ""
    value: HeaderSecret

    def placement(self) -> Placement:
        return Placement(header=(self.name, self.prefix + self.value.get_secret_value()))


class OAuth2ClientCredentials(_Credential):
    """A client that gets itself access tokens (RFC 6749 section 4.4)."""

    kind: Literal["oauth2_client_credentials"] = "oauth2_client_credentials"
    token_url: Annotated[str, AfterValidator(_plain_url)]
    client_id: Annotated[str, Field(min_length=1, pattern=r"^[\x20-\x7e]+$")]
    client_secret: Text
    scopes: tuple[Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")], ...] = ()
    auth: Literal["basic", "body"] = "basic"
    #: how the client shows who it is: RFC 6749 section 2.3.1, which prefers `basic`

    def form(self) -> bytes:
        """The body of a token request."""
        fields = {"grant_type": "client_credentials"}
        if self.scopes:
            fields["scope"] = " ".join(self.scopes)
        if self.auth == "body":
            fields |= {"client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}
        return urlencode(fields).encode()

    def placement(self) -> Placement:
        """What a token request carries; other requests carry the token."""
        if self.auth == "body":
            return Placement()
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret.get_secret_value())}"
        return Placement(header=("Authorization", basic(pair)))


CredentialSpec = Annotated[
    NoCredential | ApiKey | Bearer | Basic | Header | OAuth2ClientCredentials, Field(discriminator="kind")
]

#: The union needs the setting as well: what fails to validate is shown by the outermost schema.
_SPEC: TypeAdapter[CredentialSpec] = TypeAdapter(CredentialSpec, config=ConfigDict(hide_input_in_errors=True))


def read(entered: object) -> CredentialSpec:
    """The credential that an admin entered. Raises `Invalid`, whose `problems` name fields and repeat no values.

    Read forms through this, not through a model that holds a `CredentialSpec`: pydantic's own errors carry the input.
    """
    try:
        return _SPEC.validate_python(entered)
    except ValidationError as exc:
        found = exc.errors(include_url=False, include_context=False, include_input=False)
    problems = [{"pointer": "".join(f"/{part}" for part in one["loc"]), "problem": one["msg"]} for one in found]
    raise errors.Invalid("the credential cannot be used; see its problems", problems=problems)


def restored(kind: str, public: Mapping[str, Any], secret: Secret | None) -> CredentialSpec:
    """The credential again, from its kind, its public part and its opened secret.

    Raises `CredentialMissing` when they do not make one.
    """
    revealed = {} if secret is None else secret.reveal()
    try:
        return _SPEC.validate_python({**public, **revealed, "kind": kind})
    except ValidationError:
        # Raised outside, so that nothing chained to the error holds what was validated.
        pass
    raise errors.CredentialMissing(f"the connection's stored {kind} credential is incomplete; enter it again")


def basic(pair: str) -> str:
    """The Authorization header for `user:password` (RFC 7617)."""
    return "Basic " + base64.b64encode(pair.encode()).decode()
