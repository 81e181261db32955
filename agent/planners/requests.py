"""What asks for something: an imperative, a passive (`it should be voided`), a noun (`new customer: …`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from agent.planners import cautions, verbs
from agent.planners.book import Lexicon
from agent.planners.reading import Reader
from agent.planners.scanner import KEYED
from agent.planners.tokens import Token
from agent.planners.verbs import Verb

_MODALS: tuple[tuple[str, ...], ...] = tuple(
    tuple(one.split())
    for one in ("should be", "must be", "shall be", "needs to be", "need to be", "has to be", "have to be",
                "is to be", "are to be", "ought to be", "can be", "should now be", "should please be", "needs",
                "should become", "should get", "should have", "should join", "must join", "can now be", "may be",
                "may now be", "needs to become", "has to become", "is to become", "must become", "needs to go",
                "has to go", "should go", "must go", "is to go", "needs to change", "has to change", "should change",
                "must change", "is to change", "needs to move", "has to move", "should move", "must move",
                "is to move", "needs to rise", "should rise", "must now be", "is now to be", "has to have",
                "should carry", "must carry", "should show", "should read", "should cost", "must go back",
                "should go back", "must have", "deserves", "belongs in", "belongs into")
)  # fmt: skip
_BELONGS = (("belongs", "in"), ("belongs", "into"))
_WISHES: tuple[tuple[str, ...], ...] = tuple(
    tuple(one.split())
    for one in ("i need", "we need", "i want", "we want", "i would like", "we would like", "i'd like", "we'd like")
)
_ASKING = frozenset({"can", "could", "may", "should", "would", "will"})
_ABLE = frozenset({"can", "may"})
#: modals of a permission, which asks for something only with a verb that is known
_PERSONS = frozenset({"him", "her", "them"})
_ENSURING = (("see", "to", "it", "that"), ("make", "sure", "that"), ("make", "sure"), ("ensure", "that"), ("ensure",),
             ("take", "care", "that"))  # fmt: skip
_BROUGHT = frozenset({"is", "are", "gets", "get"})
_CAUSING = frozenset({"have", "get"})
_DETERMINERS = frozenset("a an the this that these those its his her their our all every each".split())
_NEW = frozenset({"new", "another", "additional"})
_CHANGED = frozenset({"new", "now", "changed", "changes", "moved", "moves", "becomes"})
_MAILS = frozenset({"email", "e-mail", "mail", "message"})
_SAYING = frozenset({"that", "about", "saying", "with"})
FINITE = frozenset({"is", "was", "are", "were", "has", "have", "had", "will"})
_IRREGULAR = {"put": "put", "set": "set", "made": "make", "sent": "send", "paid": "pay", "given": "give",
              "told": "tell", "taken": "take", "written": "write", "left": "leave", "drafted": "draft"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    verb: Verb
    rest: tuple[Token, ...]
    #: all but the verb
    whole: tuple[Token, ...]
    is_stated: bool = False
    #: it is told as a statement, with a verb that no action bears: `X should be looked after by Y`


def of(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """What the tokens ask for; None when they ask for nothing."""
    told = _declared(tokens, lexicon)
    return imperative(told, lexicon) or _nominal(tokens, lexicon) or _passive(told, lexicon)


def _declared(tokens: tuple[Token, ...], lexicon: Lexicon) -> tuple[Token, ...]:
    """`can X be removed`, `we need X to be removed` in the order of `X can be removed`."""
    said = [token.word for token in tokens]
    if said and said[0] in _ASKING and "be" in said[2:]:
        at = said.index("be", 2)
        return (*tokens[1:at], tokens[0], *tokens[at:])
    ensured = next((len(one) for one in _ENSURING if tuple(said[: len(one)]) == one), 0)
    brought = next((at for at in range(ensured + 1, len(said) - 1) if said[at] in _BROUGHT
                    and participle(said[at + 1], lexicon) is not None), 0) if ensured else 0  # fmt: skip
    if brought:
        should = tuple(replace(tokens[brought], text=word) for word in ("should", "be"))
        return (*tokens[ensured:brought], *should, *tokens[brought + 1 :])
    wish = next((one for one in _WISHES if tuple(said[: len(one)]) == one), ())
    if wish and _caused(caused := (replace(tokens[0], text="have"), *tokens[len(wish) :]), lexicon) is not None:
        return caused  # we want X closed
    infinitive = [place for place in range(len(wish) + 1, len(said)) if said[place : place + 2] == ["to", "be"]]
    if not wish or not infinitive:
        return tokens
    is_ = replace(tokens[infinitive[0]], text="is")
    return (*tokens[len(wish) : infinitive[0]], is_, *tokens[infinitive[0] :])


def imperative(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """The verb that the tokens open with, perhaps with its second word further on: `hand … over`, `take … out of`."""
    if not tokens or tokens[0].typed is not None:
        return None
    first = tokens[0].word
    for at, token in enumerate(tokens[1:], start=1):
        meant = verbs.PHRASAL.get((first, token.word))
        if meant is None or (at > 1 and (first, token.word) not in verbs.PARTED):
            continue
        if _is_place(tokens[at + 1 :], lexicon):
            continue  # put it on leave in HR
        verb = verbs.of_table(meant)
        is_preposition = token.word in ("into", "in", "to", "on", "out", "from")
        rest = tokens[1:] if is_preposition else (*tokens[1:at], *tokens[at + 1 :])
        return Request(verb=verb, rest=rest, whole=tokens) if verb else None
    if first == "give" and _is_given_new(tokens, lexicon):
        create = verbs.of_table("create")
        return Request(verb=create, rest=tokens[1:], whole=tokens) if create else None
    if (caused := _caused(tokens, lexicon)) is not None:
        return caused
    if first == "write" and _is_kept_as(tokens, lexicon):
        first = "create"
    found = lexicon.verb(first) if not _is_subject(tokens) else None
    return Request(verb=found, rest=tokens[1:], whole=tokens) if found else None


def _caused(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """`have the price changed to …`, `get order O-1 confirmed`: what somebody is to bring about."""
    if tokens[0].word not in _CAUSING:
        return None
    stop = next((at for at, token in enumerate(tokens) if token.word in (",", "and", ":")), len(tokens))
    for at in range(2, stop):
        before, verb = tokens[at - 1], participle(tokens[at].word, lexicon) if not tokens[at].span else None
        is_after_thing = before.word not in _DETERMINERS and at + 1 <= stop
        is_adjective = Reader(tokens[at + 1 : at + 5], lexicon).head() is not None
        if verb is not None and is_after_thing and not is_adjective:
            return Request(verb=verb, rest=(*tokens[1:at], *tokens[at + 1 :]), whole=tokens)
    return None


def _is_kept_as(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """`write "…" as a note`: what is written becomes a record."""
    places = [at for at, one in enumerate(tokens[:-2]) if one.word == "as" and tokens[at + 1].word in ("a", "an")]
    heads = [Reader(tokens[at + 2 : at + 6], lexicon).head() for at in places]
    return any(head is not None and bool(lexicon.book.named(head)) for head in heads)


def _is_given_new(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """`give her an account …`: a thing of a kind that is kept is made for a person."""
    at = next((place for place, token in enumerate(tokens) if token.word in ("a", "an")), 0)
    is_person = at > 0 and all(one.name or one.typed or one.word in _PERSONS for one in tokens[1:at])
    head = Reader(tokens[at + 1 : at + 5], lexicon).head() if is_person else None
    return head is not None and bool(lexicon.book.named(head))


def _is_place(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """Whether the tokens open with the name of a system."""
    return Reader(tokens[1:] if tokens and tokens[0].word == "the" else tokens, lexicon).starts_with_system()


def _is_subject(tokens: tuple[Token, ...]) -> bool:
    """Whether a word that is a noun as often as a verb is the subject here: `invoice in_1 was issued by mistake`."""
    stop = next((at for at, token in enumerate(tokens) if token.word in (",", "and", ":")), len(tokens))
    named = next((at for at, token in enumerate(tokens) if at and token.word not in KEYED), 0)
    if tokens[0].word not in verbs.NOUN_LIKE or not named or tokens[named].typed is None:
        return False
    if tokens[0].word in _MAILS:  # `e-mail jane@x.example, phone …` only lists; a message has something to say
        return not any(token.word in _SAYING or token.is_quoted for token in tokens[2:])
    return any(token.word in FINITE for token in tokens[1:stop])


def implied(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """`X has a new phone number, …`: where nothing else is asked, to tell a change is to ask for it."""
    update = verbs.of_table("update")
    is_change = any(token.word in _CHANGED for token in tokens) or _is_listed(tokens, lexicon)
    return Request(verb=update, rest=tokens, whole=tokens) if update and is_change else None


def _is_listed(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """`Ticket T-1: priority urgent, …`: a record, and what its fields shall be."""
    colon = next((at for at, token in enumerate(tokens[:5]) if token.word == ":"), 0)
    head = Reader(tokens[:colon], lexicon).head() if colon else None
    field = Reader(tokens[colon + 1 : colon + 5], lexicon).head() if colon else None
    is_record = head is not None and bool(lexicon.book.named(head)) and tokens[colon - 1].typed is not None
    return is_record and field in lexicon.fields


def _nominal(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """`New customer in the ERP: …`."""
    wished = next((len(one) for one in _WISHES if tuple(token.word for token in tokens[: len(one)]) == one), 0)
    tokens = tokens[wished:]
    start = 1 if tokens and tokens[0].word in ("a", "an", "one") else 0
    is_new = len(tokens) >= start + 2 and tokens[start].word in _NEW
    if len(tokens) < start + 2 or not (is_new or (wished and start)):
        return None
    start -= not is_new
    create = verbs.of_table("create")
    rest = tokens[start + 1 :]
    is_record = bool(rest) and Reader(rest[:4], lexicon).starts_with_head()
    return Request(verb=create, rest=rest, whole=tokens) if create and is_record else None


def is_heading(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """Whether it only announces what an imperative after it asks for: `New opportunity: open a deal …`."""
    return bool(tokens) and imperative(tokens, lexicon) is None and _nominal(tokens, lexicon) is not None


def _passive(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """`invoice in_1 should be voided`, `the price of item X should be 20 EUR`."""
    said = [token.word for token in tokens]
    for at in range(len(tokens)):
        length = _length(said, at)
        if not length or at == 0:
            continue
        rest = tokens[at + length :]
        if tuple(said[at : at + length]) in _BELONGS and (add := verbs.of_table("add")) is not None:
            return Request(verb=add, rest=(*tokens[:at], replace(tokens[at], text="to"), *rest), whole=tokens)
        if said[at] in ("need", "needs") and length == 1 and rest and rest[0].word == "to":
            continue  # needs to connect from home
        told = participle(rest[0].word, lexicon) if rest and rest[0].typed is None else None
        if told is not None and any(
            one.word == "and" and participle(other.word, lexicon) for one, other in pairwise(rest)
        ):
            return None  # two things at once
        if told is not None and rest[1:2] and (meant := verbs.PHRASAL.get((told.said, rest[1].word))) is not None:
            told = verbs.of_table(meant) or told  # handed to, turned down
        if told is not None and told.said == "read":
            told = verbs.of_table("update")  # should be listed as Senior Engineer
        if told is None and said[at] in _ABLE:
            continue  # can be reached at …
        if told is not None:
            return Request(verb=told, rest=(*_subject(tokens[:at], lexicon), *rest[1:]), whole=tokens)
        update = verbs.of_table("update")
        rest = (*tokens[:at], *tokens[at + length - 1 :])
        return Request(verb=update, rest=rest, whole=tokens, is_stated=True) if update else None
    return None


def coordinated(tokens: tuple[Token, ...], lexicon: Lexicon) -> list[tuple[Token, ...]]:
    """`X should be disabled and removed from Y` as two passives with the same subject; else the tokens alone."""
    if tokens and tokens[0].word in _CAUSING:
        return _causes(tokens, lexicon)
    at, length = _modal([token.word for token in tokens])
    if not length:
        return [tokens]
    joints = [
        place for place in range(at + length + 1, len(tokens) - 1)
        if tokens[place].word == "and" and participle(tokens[place + 1].word, lexicon) is not None
    ]  # fmt: skip
    if not joints or participle(tokens[at + length].word, lexicon) is None:
        return [tokens]
    ends = [*joints, len(tokens)]
    opening = tokens[: at + length]
    starts = [at + length, *(joint + 1 for joint in joints)]
    return [_without_comma((*opening, *tokens[start:end])) for start, end in zip(starts, ends, strict=True)]


def _causes(tokens: tuple[Token, ...], lexicon: Lexicon) -> list[tuple[Token, ...]]:
    """`have X assigned to Y and its priority raised` as two causatives."""
    for at in range(2, len(tokens) - 2):
        following = (tokens[0], *tokens[at + 1 :])
        if tokens[at].word == "and" and _caused(tokens[:at], lexicon) and _caused(following, lexicon):
            return [_without_comma(tokens[:at]), *_causes(following, lexicon)]
    return [tokens]


def _without_comma(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    return tokens[:-1] if tokens[-1].word == "," else tokens


def is_demand(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """Whether something is said to be done that must not be passed over as a mere remark."""
    at, length = _modal([token.word for token in tokens])
    following = tokens[at + length :]
    return bool(length) and bool(following) and participle(following[0].word, lexicon) is not None


def _modal(said: list[str]) -> tuple[int, int]:
    """Where the first modal stands that is not the first word, and how long it is: `should be`, `has to be`."""
    for at in range(1, len(said)):
        length = _length(said, at)
        if length:
            return at, length
    return 0, 0


def _length(said: list[str], at: int) -> int:
    """How long the longest modal at this place is; 0 when there is none."""
    return max((len(one) for one in _MODALS if tuple(said[at : at + len(one)]) == one), default=0)


def _subject(tokens: tuple[Token, ...], lexicon: Lexicon) -> tuple[Token, ...]:
    """`order SO-1` of `order SO-1 is no longer needed and`, which says why, and nothing that limits what is asked."""
    finite = next((at for at, token in enumerate(tokens) if at and token.word in FINITE), None)
    if finite is None or tokens[-1].word != "and":
        return tokens
    is_harmless = cautions.of_remark(tokens[finite:], lexicon.all_verbs, verbs.NOUN_LIKE) is None
    return tokens[:finite] if is_harmless and not any(token.typed for token in tokens[finite:]) else tokens


def participle(word: str, lexicon: Lexicon) -> Verb | None:
    """The verb of which `word` is the past participle: `paid`, `closed`."""
    if word in _IRREGULAR:
        return lexicon.verb(_IRREGULAR[word])
    if not word.endswith("ed"):
        return None
    stem = word[:-2]
    tries = (
        stem,
        stem + "e",
        stem[:-1] if stem[-1:] == stem[-2:-1] else "",
        stem[:-1] + "y" if stem.endswith("i") else "",
    )
    return next((found for one in tries if one and (found := lexicon.verb(one)) is not None), None)
