"""Whether an action changes who may do what: rights, memberships, credentials, accounts, and where events are sent."""

from __future__ import annotations

from discovery import nouns, verbs
from discovery.spoken import Route, Words
from discovery.words import singular, split, vocabulary
from tools.action import Action

ALWAYS = verbs.PERMISSION_VERBS - verbs.ABOUT_ACCOUNTS - {"protect", "reset_password"}
SPOKEN = ALWAYS - {"login", "logout", "signin", "authorize"}
GUARDED = vocabulary("protection restriction branch_restriction secret credential")
#: all below such a segment of a path is a matter of rights
OWNED = vocabulary("repo repository project domain service entity account")
APPS = vocabulary("app application integration oauth_app bot install")
ENDING = verbs.DELETING | {"invalidate", "reset"}
PEOPLE = nouns.INSIDERS - {"group", "team"}
LETS_IN = vocabulary("add remove invite kick assign unassign set join")


def why(action: Action, words: Words, names: frozenset[str]) -> str:
    """Why it is a matter of rights; "" when it is not. `names` are those of its body's arguments, in lower case."""
    return (
        _by_noun(action, words)
        or _by_verb(words)
        or _by_group(action, words)
        or _by_sentence(words)
        or _by_arguments(action, words, names)
    )


def _by_noun(action: Action, words: Words) -> str:
    route = words.route
    about = next((one for one in (route.rest, route.noun) if _opens(one)), "")
    is_test = route.verb in ("test", "ping", "redeliver", "retry") or words.called in ("test", "ping")
    if about == "authorization" and nouns.MONEY_NOUNS & set(route.segments):
        return ""  # of a payment
    if about and not (about.endswith("hook") and (action.method == "DELETE" or is_test)):
        return f"changes a {about}"
    listed = next((one for one in route.segments if _lists_access(one)), "")
    return f"changes what is in the {listed}" if listed else ""


def _lists_access(segment: str) -> bool:
    is_listed = "access_control" in segment or segment in GUARDED
    return is_listed or bool(nouns.ACCESS_WORDS & set(segment.split("_")))


def _opens(about: str) -> bool:
    first, _, head = about.rpartition("_")
    is_key = head == "key" and first.rpartition("_")[2] in nouns.KEY_KINDS
    return about in nouns.PERMISSION_NOUNS or head in nouns.PERMISSION_HEADS or is_key


def _by_verb(words: Words) -> str:
    route = words.route
    is_money = route.noun in nouns.MONEY_NOUNS
    for verb in (route.verb, words.called):
        if verb in ALWAYS and not (verb == "authorize" and is_money):
            return f"{verb!r} on {route.noun or 'the API'}"
        if verb in verbs.ABOUT_ACCOUNTS and _is_about(verb, route):
            return f"{verb!r} on {route.noun}"
    if "transfer" in (route.verb, route.noun) and (not is_money or route.above in OWNED):
        return f"'transfer' gives a {route.noun or 'record'} to somebody else"
    ends = route.verb in ENDING and "session" in (route.noun, route.rest)
    return f"{route.verb!r} on people's sessions" if ends and {"user", "admin"} & set(route.segments) else ""


def _is_about(verb: str, route: Route) -> bool:
    if verb in ("approve", "restrict"):
        return route.noun in APPS
    return route.noun in nouns.ACCOUNTS and verb != "terminate"


def _by_group(action: Action, words: Words) -> str:
    route = words.route
    if route.verb in LETS_IN and route.rest in nouns.INSIDERS:
        return f"{route.verb!r} a {route.rest}"
    if route.verb == "set" and route.rest == "expiration" and route.noun in nouns.ACCOUNTS:
        return f"sets when a {route.noun} loses access"
    head = route.noun.rpartition("_")[2]
    groups = {one.rpartition("_")[2] for one in route.segments[:-1]} & nouns.GROUPS
    if head in PEOPLE and groups and (route.verb in LETS_IN or route.verb in ("", "update")):
        return f"changes the {head}s of a {min(groups)}"
    is_create = action.method == "POST" and not route.is_record and (not route.verb or route.verb in verbs.CREATING)
    return "makes an account of a user" if head == "user" and is_create and not words.route.rest else ""


def _by_sentence(words: Words) -> str:
    said = words.said
    if said.verb in SPOKEN or (said.verb in verbs.ISSUING and said.head in nouns.CREDENTIALS):
        return f"its text says {said.words[0]!r} of a {said.head}"
    lets_in = said.verb in ("add", "remove", "share", "assign") and said.head in nouns.INSIDERS
    if lets_in and nouns.GROUPS & {singular(word) for word in said.words}:
        return f"its text says {said.words[0]!r} of a {said.head}"
    return ""


def _by_arguments(action: Action, words: Words, names: frozenset[str]) -> str:
    if action.method == "DELETE":
        return ""
    if handed := names & nouns.RIGHTS:
        return f"takes {', '.join(sorted(handed))}"
    if "password" in names and words.route.noun in nouns.ACCOUNTS:
        return "takes password"
    said = [set(split(name)) for name in names if "event" in name or "url" in name or "endpoint" in name]
    has_url = any({"url", "endpoint"} & one for one in said)
    has_events = any("events" in one or {"event", "types"} <= one for one in said)
    return "takes events and where to send them" if has_url and has_events else ""
