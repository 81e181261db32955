"""The directory: accounts, groups and who is in which, behind short-lived tokens with scopes."""

from time import monotonic
from urllib.parse import unquote

from evals.worlds import credentials, error_styles
from evals.worlds.access import basic_pair
from evals.worlds.paging import matching
from evals.worlds.records import Record
from evals.worlds.refusal import conflict
from evals.worlds.seeds import identity as seeds
from evals.worlds.service import Handler, Received, Reply, Service
from evals.worlds.tokens import TokenDesk

#: Client -> its secret and the scopes it may ask for.
CLIENTS = {
    credentials.IDENTITY_CLIENT_ID: (credentials.IDENTITY_CLIENT_SECRET, frozenset(credentials.IDENTITY_SCOPES)),
    credentials.IDENTITY_READER_ID: (
        credentials.IDENTITY_READER_SECRET,
        frozenset({"accounts.read", "groups.read"}),
    ),
}


def token_issuer(desk: TokenDesk) -> Handler:
    """The token endpoint (RFC 6749, sections 4.4 and 5); it changes no record, so it leaves no ledger line."""

    def issue_token(received: Received) -> Reply:
        client, secret = _client(received)
        if client not in CLIENTS or CLIENTS[client][0] != secret:
            return _oauth_error(401, "invalid_client", "Unknown client or wrong secret.")
        allowed = CLIENTS[client][1]
        scopes = frozenset(received.body.get("scope", " ".join(allowed)).split())
        if not scopes <= allowed:
            return _oauth_error(400, "invalid_scope", "The client may not ask for one of these scopes.")
        token = desk.issue(client, scopes)
        told = {"access_token": token, "token_type": "Bearer", "expires_in": desk.lifetime_s}
        return Reply(body={**told, "scope": " ".join(sorted(scopes))}, headers={"Cache-Control": "no-store"})

    return issue_token


def list_accounts(received: Received) -> Reply:
    exact = ("username", "email", "enabled")
    return _page(
        received, matching(received.tx.rows("accounts"), received.query, exact=exact, contains=("display_name",))
    )


def create_account(received: Received) -> Reply:
    _check_free(received, "accounts", ("username", "email"))
    account_id = f"acc-{received.tx.next_number('accounts'):04}"
    stamps = {"must_change_password": True, "password_changed_at": None}
    account = {"id": account_id, **received.body, **stamps, "created_at": received.at, "updated_at": received.at}
    return Reply(status=201, body=received.tx.put("accounts", account_id, account))


def get_account(received: Received) -> Reply:
    return Reply(body=_account(received))


def update_account(received: Received) -> Reply:
    account = _account(received)
    _check_free(received, "accounts", ("email",), besides=account["id"])
    return _changed(received, account, received.body)


def disable_account(received: Received) -> Reply:
    return _changed(received, _account(received), {"enabled": False})


def enable_account(received: Received) -> Reply:
    return _changed(received, _account(received), {"enabled": True})


def reset_password(received: Received) -> Reply:
    """Sets the password or, without one, sends a link; the password itself is kept nowhere."""
    is_set = "temporary_password" in received.body
    told = {"must_change_password": True, "password_changed_at": received.at}
    _changed(received, _account(received), told)
    return Reply(status=202, body={"account_id": received.path["account_id"], "delivery": "set" if is_set else "link"})


def list_account_groups(received: Received) -> Reply:
    account = _account(received)
    memberships = matching(received.tx.rows("memberships"), {"account_id": account["id"]}, exact=("account_id",))
    return _page(received, [received.need("groups", one["group_id"], "group") for one in memberships])


def list_groups(received: Received) -> Reply:
    return _page(received, matching(received.tx.rows("groups"), received.query, exact=("name",)))


def create_group(received: Received) -> Reply:
    _check_free(received, "groups", ("name",))
    group_id = f"grp-{received.tx.next_number('groups'):03}"
    group = {"id": group_id, "description": None, **received.body, "created_at": received.at}
    return Reply(status=201, body=received.tx.put("groups", group_id, group))


def get_group(received: Received) -> Reply:
    return Reply(body=_group(received))


def list_members(received: Received) -> Reply:
    group = _group(received)
    memberships = matching(received.tx.rows("memberships"), {"group_id": group["id"]}, exact=("group_id",))
    return _page(received, [received.need("accounts", one["account_id"], "account") for one in memberships])


def add_member(received: Received) -> Reply:
    """PUT: who is a member already stays one, and nothing changes."""
    group, account = _group(received), _account(received)
    member = f"{group['id']}/{account['id']}"
    if received.tx.get("memberships", member) is None:
        membership = {"group_id": group["id"], "account_id": account["id"], "added_at": received.at}
        received.tx.put("memberships", member, membership)
    return Reply(status=204)


def remove_member(received: Received) -> Reply:
    member = f"{_group(received)['id']}/{_account(received)['id']}"
    received.need("memberships", member, "membership")
    received.tx.remove("memberships", member)
    return Reply(status=204)


def build(*, token_lifetime_s: int) -> Service:
    desk = TokenDesk(token_lifetime_s, monotonic)
    handlers = {"oauth.token": token_issuer(desk), **HANDLERS}
    return Service(name="identity", handlers=handlers, seed=seeds.seed, gate=desk, error_style=error_styles.identity)


HANDLERS: dict[str, Handler] = {
    "accounts.list": list_accounts,
    "accounts.create": create_account,
    "accounts.get": get_account,
    "accounts.update": update_account,
    "accounts.disable": disable_account,
    "accounts.enable": enable_account,
    "accounts.resetPassword": reset_password,
    "accounts.groups.list": list_account_groups,
    "groups.list": list_groups,
    "groups.create": create_group,
    "groups.get": get_group,
    "groups.members.list": list_members,
    "groups.members.add": add_member,
    "groups.members.remove": remove_member,
}


def _client(received: Received) -> tuple[str, str]:
    """By basic auth, else in the body; basic auth is form-encoded first (RFC 6749, section 2.3.1)."""
    pair = basic_pair(received.headers)
    if pair is not None:
        client, _, secret = pair.partition(":")
        return unquote(client), unquote(secret)
    return received.body.get("client_id", ""), received.body.get("client_secret", "")


def _oauth_error(status: int, error: str, description: str) -> Reply:
    headers = {"WWW-Authenticate": 'Basic realm="identity"'} if status == 401 else {}
    return Reply(status=status, body={"error": error, "error_description": description}, headers=headers)


def _page(received: Received, rows: list[Record]) -> Reply:
    start, count = received.query["start_index"], received.query["count"]
    page = rows[start - 1 : start - 1 + count]
    told = {"total_results": len(rows), "start_index": start, "items_per_page": len(page)}
    return Reply(body={**told, "resources": page})


def _account(received: Received) -> Record:
    return received.need("accounts", received.path["account_id"], "account")


def _group(received: Received) -> Record:
    return received.need("groups", received.path["group_id"], "group")


def _changed(received: Received, account: Record, changes: Record) -> Reply:
    changed = {**account, **changes}
    if changed != account:
        received.tx.put("accounts", account["id"], {**changed, "updated_at": received.at})
    return Reply(body=received.tx.get("accounts", account["id"]))


def _check_free(received: Received, table: str, fields: tuple[str, ...], besides: str | None = None) -> None:
    for field in fields:
        same = matching(received.tx.rows(table), received.body, exact=(field,)) if field in received.body else []
        if any(row["id"] != besides for row in same):
            raise conflict(f"duplicate_{field}", f"{same[0]['id']} has this {field} already.", f"/{field}")
