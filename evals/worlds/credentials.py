"""What a client needs to call each service. Demo keys that open nothing but these six processes, hence no secrets."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerKey:
    token: str
    kind: Literal["bearer"] = "bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderKey:
    header_name: str
    header_value: str
    kind: Literal["header"] = "header"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicPair:
    username: str
    password: str
    kind: Literal["basic"] = "basic"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    token_url: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    kind: Literal["oauth2_client_credentials"] = "oauth2_client_credentials"


Credential = BearerKey | HeaderKey | BasicPair | ClientCredentials

CRM_KEY = "crm-demo-key-5d1c0b9e7a44"
CRM_READER_KEY = "crm-reader-key-0e2f6a81c3d7"
ERP_HEADER = "X-ERP-Key"
ERP_KEY = "erp-demo-key-91b7e4f0a2c8"
ERP_READER_KEY = "erp-reader-key-44d8c6b3e95a"
BILLING_KEY = "billing-demo-key-c7a90d3e51f2"
BILLING_READER_KEY = "billing-reader-key-6b2e8f07d1a4"
HR_USERNAME = "interlock"
HR_PASSWORD = "hr-demo-password-3f8a"
HR_READER_USERNAME = "payroll-reports"
HR_READER_PASSWORD = "hr-reader-password-77c1"
IDENTITY_CLIENT_ID = "interlock"
IDENTITY_CLIENT_SECRET = "identity-demo-secret-8e5b"
IDENTITY_READER_ID = "access-review"
IDENTITY_READER_SECRET = "identity-reader-secret-2d90"
IDENTITY_SCOPES = ("accounts.read", "accounts.write", "groups.read", "groups.write")
TICKETS_HEADER = "X-Api-Key"
TICKETS_KEY = "tickets-demo-key-b04f7c9d26e1"
TICKETS_READER_KEY = "tickets-reader-key-9a13e5d8f6c0"


def credential(name: str, origin: str) -> Credential:
    """The credential with all rights for the service of that name, whose URLs start with `origin`."""
    match name:
        case "crm":
            return BearerKey(token=CRM_KEY)
        case "billing":
            return BearerKey(token=BILLING_KEY)
        case "erp":
            return HeaderKey(header_name=ERP_HEADER, header_value=ERP_KEY)
        case "tickets":
            return HeaderKey(header_name=TICKETS_HEADER, header_value=TICKETS_KEY)
        case "hr":
            return BasicPair(username=HR_USERNAME, password=HR_PASSWORD)
        case "identity":
            return ClientCredentials(
                token_url=f"{origin}/oauth/token",
                client_id=IDENTITY_CLIENT_ID,
                client_secret=IDENTITY_CLIENT_SECRET,
                scopes=IDENTITY_SCOPES,
            )
    raise ValueError(f"no such service: {name}")
