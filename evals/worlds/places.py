"""Where things are: the names of the services, their documents and routes, and what parent and child agree on."""

from dataclasses import dataclass

NAMES = ("crm", "erp", "billing", "hr", "identity", "tickets")
HOST = "127.0.0.1"
#: Header of the evaluation view, and the environment variable by which a child learns its token.
TOKEN_HEADER = "X-World-Token"
TOKEN_VARIABLE = "WORLD_EVALUATION_TOKEN"
#: Requests a second and caller, far above what a polite client sends.
RATE_LIMIT = 200
#: Seconds that an access token of the identity service lives.
TOKEN_LIFETIME_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    document: str  #: file name in evals/worlds/documents
    route: str  #: where the service serves it
    prefix: str  #: what stands before every path of the document


PLACES = {
    "crm": Place(document="crm.json", route="/openapi.json", prefix="/v2"),
    "erp": Place(document="erp.json", route="/swagger.json", prefix="/api/v1"),
    "billing": Place(document="billing.yaml", route="/openapi.yaml", prefix="/v1"),
    "hr": Place(document="hr.yaml", route="/openapi.yaml", prefix="/api"),
    "identity": Place(document="identity.yaml", route="/openapi.yaml", prefix=""),
    "tickets": Place(document="tickets.json", route="/openapi.json", prefix="/api/v2"),
}
