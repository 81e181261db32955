"""How surely a value belongs to an argument: by its type, its noun, its preposition, and the words around it."""

from __future__ import annotations

import re

from pydantic import JsonValue

from agent.goal import SpanKind
from agent.planners import names
from agent.planners.book import in_words, path_arguments
from agent.planners.phrases import Phrase
from agent.planners.trial import Trial
from agent.planners.values import is_amount, is_body, is_title
from agent.planners.verbs import Kind
from discovery import words
from discovery.lower import ArgumentSignature

ENOUGH = 4
#: the least score at which a value is taken to belong to an argument
_NAMED, _MEANT, _WISHED = 12, 8, 6

_FIRST = frozenset({"start", "first", "from", "begin", "since"})
_LAST = frozenset({"end", "last", "to", "until", "till", "due", "close"})
_COUNTS = frozenset({"quantity", "count", "stock", "seat", "qty"})
_SHARES = frozenset({"percent", "percentage", "rate", "discount", "probability", "share"})
_PLACES = frozenset({"city", "town", "location", "place", "department", "team", "office", "country", "region"})
_ORGANISATIONS = frozenset({"company", "organization", "organisation", "employer", "firm"})
_TEAMS = frozenset({"department", "team"})
_POSTS = frozenset({"job", "position", "role"})
_ADDRESSED = frozenset({"to", "recipient"})
_ASKERS = frozenset({"requester", "reporter"})
_HOLDERS = frozenset({"assignee", "owner", "agent"})
#: Preposition -> the words of an argument's name that it points at.
_PREPOSED: dict[str, frozenset[str]] = {
    "from": _FIRST | _ASKERS, "until": _LAST, "till": _LAST, "through": _LAST, "by": _LAST | _ASKERS,
    "in": _PLACES, "at": _ORGANISATIONS | frozenset({"price"}), "as": _POSTS,
    "for": _ASKERS | frozenset("customer employee account contact company user deal description".split()),
    "over": frozenset({"amount", "total"}), "to": _LAST | _ADDRESSED | _HOLDERS | _PLACES | frozenset({"customer"}),
    "with": _ORGANISATIONS, "of": _ASKERS | frozenset("customer employee account contact company user".split()),
}  # fmt: skip
_AMOUNTS = frozenset({SpanKind.MONEY, SpanKind.NUMBER, SpanKind.PERCENT})
_MOVING = frozenset("move moves moved moving transfer transfers transferred relocate relocates relocated".split())
_CALLED = ("display_name", "name", "title", "subject")
_JOINED = tuple((one,) for one in ("joined", "joins", "became", "becomes"))
_LEFT = tuple((one,) for one in ("left", "leaves", "leaving", "quit", "former", "previously", "formerly"))
_POST_WORDS = frozenset({"as", "be", "is", "becomes", "become", "a", "an", "the", "our", "new", "will"})
_SMALL = frozenset("the a an of to in on at by for or and is be with this that only its whose id exact where".split())


def score(trial: Trial, phrase: Phrase, argument: ArgumentSignature, wishes: tuple[ArgumentSignature, ...]) -> int:
    """How surely `phrase` is the value of `argument`; 0 when it is not, or is not said to be."""
    if is_wish(phrase, trial) and argument in wishes and names.closeness(phrase.head, argument.name):
        return 0
    if phrase.is_former or (phrase.is_description and trial.deed.kind is not Kind.CREATE):
        return 0
    suits = _suits(trial, phrase, argument)
    if not suits or _is_difference(trial, phrase):
        return 0
    told = _told(trial, phrase, argument)
    if told < 0:
        return 0
    if phrase.is_context:
        return _from_remark(trial, phrase, argument, suits + told, wishes)
    if not told and trial.clause.verb.noun and not phrase.prep and trial.refers(argument.name):
        told = _MEANT // 2  # bill Acme 20 EUR
    if trial.clause.verb.said == "add" and trial.deed.kind is Kind.UPDATE and told < _NAMED and argument not in wishes:
        return 0  # what is added to a record is called by its field
    if argument in wishes and told == 0:
        told = _wished(phrase, argument, wishes)
    is_change = trial.deed.kind is Kind.UPDATE
    is_plain = bool(argument.enum) or (phrase.value and phrase.value.kind in (SpanKind.PHONE, SpanKind.URL))
    if is_change and not told and not is_plain:
        return 0
    return suits + told + bool(argument.required)


def _is_difference(trial: Trial, phrase: Phrase) -> bool:
    """Whether it is how much is added to what is there: to add 5 to the stock is not to set it to 5."""
    is_amount = phrase.value is not None and phrase.value.kind in _AMOUNTS and phrase.prep not in ("to", "at")
    return is_amount and trial.deed.kind is Kind.UPDATE and trial.clause.verb.said in ("add", "put")


def _from_remark(
    trial: Trial, phrase: Phrase, argument: ArgumentSignature, found: int, wishes: tuple[ArgumentSignature, ...]
) -> int:
    """A remark fills what is required or asked for, and else only what its own words name."""
    if argument in path_arguments_of(trial):
        return 0
    is_asked = argument in wishes
    is_new = trial.deed.kind in (Kind.CREATE, Kind.ACT) or is_asked
    if trial.is_used(phrase) and not argument.required and not is_asked:
        return 0
    if is_asked and (phrase.prep == "from" or phrase.before[-1:] in _LEFT):
        return 0
    if is_asked:
        is_arrived = phrase.prep in ("to", "into", "by") or phrase.before[-1:] in _JOINED
        is_plain = is_arrived or (phrase.value is not None and phrase.value.kind is not SpanKind.NAME)
        return found + 3 * is_plain
    if argument.required:
        return found + 1 + 2 * _is_own_address(trial, phrase) if is_new else 0
    if trial.deed.kind is Kind.UPDATE:
        if phrase.value is None or phrase.of is not None:
            return 0
        return found if not wishes and not any(one.value for one in trial.left) else 0
    return found if found >= ENOUGH + 2 and trial.deed.kind is Kind.CREATE else 0


def _is_own_address(trial: Trial, phrase: Phrase) -> bool:
    """Whether it is the address of the person whom the new record is about."""
    named = [str(one) for name, one in trial.args.items() if "name" in names.spoken(name) and isinstance(one, str)]
    is_email = phrase.value is not None and phrase.value.kind is SpanKind.EMAIL
    return is_email and is_address_of(str(phrase.value.value if phrase.value else ""), "".join(named))


def path_arguments_of(trial: Trial) -> tuple[ArgumentSignature, ...]:
    placed = path_arguments(trial.signature)
    return tuple(one for one in trial.signature.args if one.name in placed)


def wishes(trial: Trial) -> tuple[ArgumentSignature, ...]:
    """The arguments that the clause names without a value: `change his department and job title`, `rename it`."""
    is_renamed = bool({"rename", "renamed"} & trial.clause.said)
    called = [one for name in _CALLED for one in trial.free() if one.name == name] if is_renamed else []
    found = called[:1]
    for phrase in trial.left:
        if not is_wish(phrase, trial):
            continue
        argument = trial.argument(phrase.head)
        is_kind = trial.signature.resource in trial.named(phrase.head)
        if argument is not None and argument not in found and not is_kind:
            found.append(argument)
    return tuple(found)


def is_wish(phrase: Phrase, trial: Trial) -> bool:
    """Whether it names a field of what the clause is about, for a value that stands elsewhere."""
    if not phrase.head or phrase.value is not None or phrase.is_every or phrase.cue or phrase.is_context:
        return False
    is_made = trial.deed.kind is Kind.CREATE and phrase.prep == "of" and phrase.of is None
    if is_made and any(one.resource in trial.named(phrase.head) for one in trial.draft.records):
        return False  # a contact of this company
    is_own = phrase.of is None or bool(phrase.of.pronoun) or trial.is_target(phrase.of)
    return is_own and (
        phrase.prep in ("", "of", "with", "in") or (trial.deed.kind is Kind.CREATE and phrase.of is None)
    )


def _wished(phrase: Phrase, argument: ArgumentSignature, wishes: tuple[ArgumentSignature, ...]) -> int:
    """A field named before stands for the value that comes after: `change the stage of deal D-1 to won`."""
    is_given = phrase.prep in ("to", "as", "at", "") and not phrase.head
    if not is_given:
        return 0
    return _WISHED if len(wishes) == 1 or phrase.prep in ("to", "as", "at") else _WISHED - 3


def _told(trial: Trial, phrase: Phrase, argument: ArgumentSignature) -> int:
    """What words say of the pair: -1 that it is none, 0 nothing."""
    if phrase.cue:
        near = names.closeness(phrase.cue, argument.name)
        return _NAMED + near if near else -1
    if phrase.head:
        return _by_noun(trial, phrase, argument)
    return _by_surroundings(trial, phrase, argument)


def _by_noun(trial: Trial, phrase: Phrase, argument: ArgumentSignature) -> int:
    near = names.closeness(phrase.head, argument.name)
    if not near and phrase.of is not None and names.same_field("_".join(phrase.head), argument.name):
        near = 1
    if near:
        return _NAMED + near
    if trial.named(phrase.head) and trial.refers(argument.name) in trial.named(phrase.head):
        return _MEANT + 2
    if phrase.value is None:
        return _by_preposition(trial, phrase, argument)
    if argument.enum and in_enum(phrase, argument):
        return 0
    if phrase.value.kind in (SpanKind.EMAIL, SpanKind.NAME) and trial.named(phrase.head):
        return _by_preposition(trial, phrase, argument)
    return -1


def _by_preposition(trial: Trial, phrase: Phrase, argument: ArgumentSignature) -> int:
    said = set(names.spoken(argument.name))
    wanted = set(_PREPOSED.get(phrase.prep, frozenset()))
    if phrase.prep == "" and trial.deed.kind is Kind.MESSAGE:
        wanted = set(_ADDRESSED)
    is_name = phrase.value is None or phrase.value.kind is SpanKind.NAME
    is_moved = phrase.prep != "to" or bool(_MOVING & (trial.clause.said | trial.clause.around))
    if not (is_name and is_moved):
        wanted -= _PLACES
    if phrase.value is not None and phrase.value.kind is not SpanKind.DATE:
        wanted -= _FIRST | _LAST  # a last name is no last day
    return 3 if said & wanted else 0


def _by_surroundings(trial: Trial, phrase: Phrase, argument: ArgumentSignature) -> int:
    value = phrase.value
    said = set(names.spoken(argument.name))
    near = {words.singular(word) for word in phrase.before[-6:]} - _SMALL
    behind = {words.singular(word) for word in phrase.after[:5]} - _SMALL
    described = {words.singular(word) for word in words.split(argument.description)} - _SMALL
    found = _by_preposition(trial, phrase, argument) or 3 * _is_town(trial, phrase, said)
    found += 3 * len(_alike(said, near)) + 2 * bool(_alike(said, behind))
    found += min(2, len(described & near))
    found += 2 * (len(described) > 1 and described <= near)  # its invoices go to …, where invoices go
    if value is not None and value.kind is SpanKind.NAME and said & _TEAMS and phrase.before[-1:] in _JOINED:
        found += 3  # Ada joins Sales
    if value is not None and value.kind is SpanKind.NAME and said & _POSTS:
        found += 3 if phrase.prep == "as" or (phrase.before[-1:] and phrase.before[-1] in _POST_WORDS) else 0
        is_apposed = trial.deed.kind is Kind.CREATE and not (phrase.before or phrase.prep or phrase.is_context)
        found += 3 * is_apposed
    return found


def _is_town(trial: Trial, phrase: Phrase, said: set[str]) -> bool:
    """Whether it is a name right before a country's code: `Riga, LV`, `Jena (DE)`."""
    if phrase.value is None or phrase.value.kind is not SpanKind.NAME or not said & {"city", "town"}:
        return False
    codes = [one for one in trial.everything() if one.value and re.fullmatch(r"[A-Z]{2}", one.value.text)]
    return any(0 < one.start - phrase.end <= len(" (") for one in codes)


def _alike(said: set[str], heard: set[str]) -> set[str]:
    """The words of a name that were heard, in any form: close and closing, start and starts."""
    return {one for one in said for other in heard if _is_alike(one, other)}


def _is_alike(one: str, other: str) -> bool:
    length = max(4, min(len(one), len(other)) - 2)
    return one == other or (min(len(one), len(other)) >= 4 and one[:length] == other[:length])


def _suits(trial: Trial, phrase: Phrase, argument: ArgumentSignature) -> int:
    """Whether the argument can hold the phrase at all, and how naturally: 0 to 4."""
    value = phrase.value
    if value is None or phrase.of is not None:
        return _suits_record(trial, phrase, argument)
    if argument.enum:
        return 4 if in_enum(phrase, argument) else 0
    if argument.type in ("array", "object"):
        return 0
    said = set(names.spoken(argument.name))
    is_text = argument.type in ("string", "any") and argument.format is None
    is_email = names.is_email(argument.name, argument.format)
    match value.kind:
        case SpanKind.EMAIL:
            is_address = is_email or bool(said & _ADDRESSED and argument.type == "string")
            return 3 if is_address else 1 if trial.can_refer(argument) and trial.is_found_by_email(argument) else 0
        case SpanKind.MONEY:
            return 4 if is_amount(argument.name) else 0
        case SpanKind.DATE:
            is_day = argument.format in ("date", "date-time") or bool(said & {"date", "day"})
            return 4 if is_day else 0
        case SpanKind.NUMBER:
            return 3 if said & _COUNTS else 1 if argument.type in ("integer", "number", "string") else 0
        case SpanKind.PERCENT:
            return 4 if said & _SHARES else 0
        case SpanKind.PHONE:
            return 5 if said & {"phone", "telephone", "mobile"} else 0
        case SpanKind.URL:
            return 4 if said & {"url", "website", "link", "uri"} else 0
        case SpanKind.QUOTED:
            return _suits_text(trial, phrase, argument, is_text=is_text)
        case SpanKind.ID:
            if trial.refers_like(argument, value):
                return 4
            if trial.refers(argument.name) and trial.scene.book.examples(trial.system, argument.name):
                return 0  # an id of another kind
            return 1 if is_text and not is_email else 0
        case _:
            return _suits_name(trial, phrase, argument, is_text=is_text)


def _suits_record(trial: Trial, phrase: Phrase, argument: ArgumentSignature) -> int:
    if trial.can_refer(argument):
        return 2
    return 1 if phrase.of is not None and argument.type not in ("array", "object") else 0


def _suits_text(trial: Trial, phrase: Phrase, argument: ArgumentSignature, *, is_text: bool) -> int:
    """A quoted text is a title or a body; of two, the first is the title."""
    if not is_text or (trial.refers(argument.name) and not phrase.head):
        return 0
    quotes = [one for one in trial.left if one.value is not None and one.value.kind is SpanKind.QUOTED]
    is_first = bool(quotes) and quotes[0] is phrase
    if is_title(argument.name):
        return 4 if is_first else 3
    if is_body(argument.name):
        return 3
    return 1


def _suits_name(trial: Trial, phrase: Phrase, argument: ArgumentSignature, *, is_text: bool) -> int:
    assert phrase.value is not None
    if trial.scene.is_state(phrase.value) and not phrase.head:
        return 0
    if "domain" in names.spoken(argument.name) and re.fullmatch(r"[\w-]+(\.[\w-]+)+", phrase.value.text):
        return 4
    if "country" in names.spoken(argument.name) and _is_code(argument):
        return 4 if re.fullmatch(r"[A-Z]{2}", phrase.value.text) else 0
    if argument.format == "email" or (trial.can_refer(argument) and not phrase.value.text.islower()):
        return 1
    return 1 if is_text and not is_body(argument.name) else 0


def _is_code(argument: ArgumentSignature) -> bool:
    """Whether a country is written as its code of two letters (ISO 3166-1 alpha-2)."""
    return "alpha-2" in argument.description or re.fullmatch(r"[A-Z]{2}", str(argument.example or "")) is not None


def in_enum(phrase: Phrase, argument: ArgumentSignature) -> bool:
    assert phrase.value is not None
    told = (in_words(str(phrase.value.value)), in_words(phrase.value.text))
    return any(in_words(str(value)) in told for value in argument.enum)


def is_address_of(email: str, name: str) -> bool:
    """Whether an e-mail address is made of a name: greta.holm@… of Greta Holm."""
    local = re.sub(r"[^a-z]", "", email.partition("@")[0].lower())
    domain = re.sub(r"[^a-z]", "", email.partition("@")[2].lower())
    spelled = re.sub(r"[^a-z]", "", name.lower())
    return bool(spelled) and (spelled == local or (" " in name and domain.startswith(spelled)))


def is_known_name(trial: Trial, phrase: Phrase) -> bool:
    """Whether a name only repeats who or what is identified already, by an address, an id or the same name."""
    value = phrase.value
    if value is None or value.kind is not SpanKind.NAME or value.text.islower():
        return False
    spelled = value.text.lower()
    for other in trial.everything():
        if other is phrase or other.value is None or not trial.is_used(other):
            continue
        told = str(other.value.value).lower()
        if is_address_of(told, value.text) or (spelled != told and spelled in told) or spelled == told:
            return True
    return any(spelled in str(one).lower() for one in trial.args.values() if isinstance(one, str))


def contradicts(trial: Trial, phrase: Phrase) -> bool:
    """Whether it is another choice for a field that has one already: to won and to lost."""
    assert phrase.value is not None
    if trial.is_used(phrase) or phrase.is_context or not trial.scene.is_state(phrase.value):
        return False
    return any(
        in_enum(phrase, one) and trial.args.get(one.name) not in (None, phrase.value.value)
        for one in trial.signature.args
        if one.enum
    )


def is_second_object(trial: Trial, phrase: Phrase) -> bool:
    """Whether it is one more thing to do the same to: delete the member *and her loans*."""
    is_thing = bool(phrase.head) and phrase.value is None and phrase.is_listed
    is_done_to = trial.deed.kind in (Kind.DELETE, Kind.ACT)
    return (
        is_thing
        and is_done_to
        and bool(trial.named(phrase.head))
        and trial.signature.resource not in trial.named(phrase.head)
    )


def told_in_words(trial: Trial, argument: ArgumentSignature) -> JsonValue:
    """A choice that other forms of its words tell: `has resigned` for `resignation`; or the kind of a thing in the word
    before its noun: `sick leave`."""
    said = set(names.spoken(argument.name))
    if argument.enum and (argument.required or "reason" in said):
        heard = {word for word in trial.clause.said | trial.clause.around if len(word) > 3} - {trial.clause.verb.said}
        found = [one for one in argument.enum if _is_heard(words.split(str(one)), heard)]
        return found[0] if len(found) == 1 else None
    if argument.required and not argument.enum and said & {"kind", "type", "category"}:
        return _kind_said(trial)
    return None


def _is_heard(told: list[str], heard: set[str]) -> bool:
    telling = [one for one in told if len(one) > 2 and one not in _SMALL]
    return bool(telling) and all(any(_is_alike(one, other) for other in heard) for one in telling)


def _kind_said(trial: Trial) -> str | None:
    for phrase in trial.everything():
        if trial.signature.resource not in trial.named(phrase.head):
            continue
        before = [word for word in phrase.before[-1:] if word not in _SMALL | _POST_WORDS and len(word) > 2]
        if before and trial.scene.lexicon.verb(before[0]) is None:
            return before[0]
        if len(phrase.head) == 1 and phrase.head[0] not in ("leave", "absence", "request"):
            return phrase.head[0]
    return None
