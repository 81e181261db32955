"""A client of one service that calls operations by their id and holds every reply against the document."""

from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import quote

import httpx

from evals.worlds.credentials import BasicPair, BearerKey, ClientCredentials, Credential, HeaderKey
from evals.worlds.document import Document, Operation
from evals.worlds.intake import FORM
from evals.worlds.system import System

TIMEOUT_S = 10.0


class Undocumented(AssertionError):
    """The service answered with a status or a body that its document does not tell."""


class Client:
    """Close it, or use it as a context manager. It knows the worlds from inside: for evaluations only."""

    def __init__(self, system: System, credential: Credential | None = None) -> None:
        self.system = system
        self.document = Document(system.document_path)
        self._http = httpx.Client(timeout=TIMEOUT_S, trust_env=False)
        self._authorization = self._authorize(credential or system.credential)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The reply, whatever its status; raises `Undocumented` when the document does not foresee it."""
        operation = self.operation(operation_id)
        url = self.system.base_url + operation.path.format(**{k: quote(v, safe="") for k, v in (path or {}).items()})
        is_form = operation.body is not None and FORM in operation.body.media_types
        content: dict[str, Any] = {} if body is None else {"data" if is_form else "json": body}
        sent = {**self._authorization, **(headers or {})}
        reply = self._http.request(operation.method, url, params=query, headers=sent, **content)
        self._hold(reply, operation)
        return reply

    def operation(self, operation_id: str) -> Operation:
        return next(one for one in self.document.operations if one.id == operation_id)

    def _hold(self, reply: httpx.Response, operation: Operation) -> None:
        status = str(reply.status_code)
        if status not in operation.responses:
            raise Undocumented(f"{operation.id} answered {status}: {reply.text[:500]}")
        schema = operation.responses[status]
        if schema is None:
            if reply.content:
                raise Undocumented(f"{operation.id} answered {status} with a body")
            return
        errors = list(self.document.validator(schema, "response").iter_errors(reply.json()))
        if errors:
            raise Undocumented(f"{operation.id} {status}: {errors[0].message} at {errors[0].instance_path}")

    def _authorize(self, credential: Credential) -> dict[str, str]:
        match credential:
            case BearerKey():
                return {"Authorization": f"Bearer {credential.token}"}
            case HeaderKey():
                return {credential.header_name: credential.header_value}
            case BasicPair():
                basic = httpx.BasicAuth(credential.username, credential.password)
                request = next(basic.auth_flow(httpx.Request("GET", self.system.origin)))
                return {"Authorization": request.headers["Authorization"]}
            case ClientCredentials():
                return {"Authorization": f"Bearer {self._token(credential)}"}

    def _token(self, credential: ClientCredentials) -> str:
        told = {"grant_type": "client_credentials", "scope": " ".join(credential.scopes)}
        pair = (credential.client_id, credential.client_secret)
        reply = self._http.post(credential.token_url, data=told, auth=pair).raise_for_status()
        return str(reply.json()["access_token"])


#: Makes a client of the named service, with a credential other than its own if one is given.
ClientFor = Callable[..., Client]
