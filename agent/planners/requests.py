"""What asks for something: an imperative, a passive (`it should be voided`), a noun (`new customer: …`)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from agent.goal import SpanKind
from agent.planners import verbs
from agent.planners.book import Lexicon
from agent.planners.reading import Reader
from agent.planners.tokens import Token
from agent.planners.verbs import Verb

_MODALS: tuple[tuple[str, ...], ...] = tuple(
    tuple(one.split())
    for one in ("should be", "must be", "shall be", "needs to be", "need to be", "has to be", "have to be", "is to be",
                "are to be", "ought to be", "can be", "should now be", "should please be", "needs", "should become",
                "should get", "should have", "should join", "must join")
)  # fmt: skip
_PERSONS = frozenset({"him", "her", "them"})
_NEW = frozenset({"new", "another", "additional"})
_CHANGED = frozenset({"new", "now", "changed", "changes", "moved", "moves", "becomes"})
_MAILS = frozenset({"email", "e-mail", "mail", "message"})
_SAYING = frozenset({"that", "about", "saying", "with"})
_FINITE = frozenset({"is", "was", "are", "were", "has", "have", "had", "will"})
_IRREGULAR = {"put": "put", "set": "set", "made": "make", "sent": "send", "paid": "pay", "given": "give",
              "told": "tell", "taken": "take", "written": "write", "left": "leave", "drafted": "draft"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    verb: Verb
    rest: tuple[Token, ...]
    #: all but the verb
    whole: tuple[Token, ...]


def of(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """What the tokens ask for; None when they ask for nothing."""
    return imperative(tokens, lexicon) or _nominal(tokens, lexicon) or _passive(tokens, lexicon)


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
    found = lexicon.verb(first) if not _is_subject(tokens) else None
    return Request(verb=found, rest=tokens[1:], whole=tokens) if found else None


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
    if tokens[0].word not in verbs.NOUN_LIKE or len(tokens) < 2 or tokens[1].typed is None:
        return False
    if tokens[0].word in _MAILS:  # `e-mail jane@x.example, phone …` only lists; a message has something to say
        return not any(token.word in _SAYING or _is_quoted(token) for token in tokens[2:])
    return any(token.word in _FINITE for token in tokens[1:stop])


def _is_quoted(token: Token) -> bool:
    return token.typed is not None and token.typed.kind is SpanKind.QUOTED


def implied(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """`X has a new phone number, …`: where nothing else is asked, to tell a change is to ask for it."""
    update = verbs.of_table("update")
    is_change = any(token.word in _CHANGED for token in tokens)
    return Request(verb=update, rest=tokens, whole=tokens) if update and is_change else None


def _nominal(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """`New customer in the ERP: …`."""
    start = 1 if tokens and tokens[0].word in ("a", "an", "one") else 0
    if len(tokens) < start + 2 or tokens[start].word not in _NEW:
        return None
    create = verbs.of_table("create")
    rest = tokens[start + 1 :]
    is_record = bool(rest) and Reader(rest[:4], lexicon).starts_with_head()
    return Request(verb=create, rest=rest, whole=tokens) if create and is_record else None


def _passive(tokens: tuple[Token, ...], lexicon: Lexicon) -> Request | None:
    """`invoice in_1 should be voided`, `the price of item X should be 20 EUR`."""
    said = [token.word for token in tokens]
    for at in range(len(tokens)):
        length = next((len(one) for one in _MODALS if tuple(said[at : at + len(one)]) == one), 0)
        if not length or at == 0:
            continue
        rest = tokens[at + length :]
        told = participle(rest[0].word, lexicon) if rest and rest[0].typed is None else None
        if told is not None and any(
            one.word == "and" and participle(other.word, lexicon) for one, other in pairwise(rest)
        ):
            return None  # two things at once
        if told is not None:
            return Request(verb=told, rest=(*tokens[:at], *rest[1:]), whole=tokens)
        update = verbs.of_table("update")
        return Request(verb=update, rest=(*tokens[:at], *tokens[at + length - 1 :]), whole=tokens) if update else None
    return None


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
