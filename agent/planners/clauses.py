"""A goal as clauses: one verb each, what stands under a condition, the remarks around them, the wording of a
message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from agent.goal import Span
from agent.planners import cautions, conditions, courtesy, division, flags, requests, verbs
from agent.planners.book import Lexicon
from agent.planners.conditions import Condition, Unclear, excerpt
from agent.planners.fullnames import full_names
from agent.planners.phrases import Phrase
from agent.planners.reading import Reader
from agent.planners.requests import Request
from agent.planners.sentences import sentences
from agent.planners.tokens import POSSESSIVES, Token, tokenise
from agent.planners.verbs import Kind, Verb
from agent.planners.wording import wording as wording_of

_AFTER_OBJECT = frozenset(", : in to for at on of with from by about named called over saying that".split())
_MESSAGES = frozenset("message mail email e-mail line reminder word notice notification copy".split())
_POINTING_BACK = frozenset("it its he his she her they their this that there".split())
_NEW = frozenset("new hired hire hiring joins joined joining signed".split())
_CONTINUING = frozenset({"then", "also", "afterwards", "and"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    text: str
    start: int
    end: int
    verb: Verb
    said: frozenset[str]
    #: every plain word of the clause, to see whether a dangerous verb was said
    phrases: tuple[Phrase, ...]
    condition: Condition | None = None
    context: tuple[Phrase, ...] = ()
    #: what remarks say of the things it is about
    around: frozenset[str] = frozenset()
    #: the words of those remarks
    introduction: tuple[Phrase, ...] = ()
    #: what the remark before it says of a new thing that the clause asks to create
    wording: Span | None = None
    #: what is to be said, of "tell her that …"
    opens: bool = True
    #: it is the first of its sentence
    is_stated: bool = False
    #: as of Request: what it says may be asked for in the clause after it
    denied: str = ""
    #: what shall not be the case: `see` of `one that the customer does not see`
    tokens: tuple[Token, ...] = ()
    after: tuple[tuple[Token, ...], ...] = ()
    #: the remarks between it and the next clause


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What asks for nothing: it only says something of what is asked elsewhere."""

    tokens: tuple[Token, ...]
    phrases: tuple[Phrase, ...]

    def is_about_earlier(self) -> bool:
        return bool(self.tokens) and self.tokens[0].word in _POINTING_BACK

    def introduces(self) -> bool:
        """Whether it tells of something new: `We have a new customer: Acme in Brno`, `We have hired Ada Lovelace`."""
        return any(token.word in _NEW for token in self.tokens)


def read(goal: str, spans: tuple[Span, ...], lexicon: Lexicon, *, is_eager: bool = False) -> tuple[Clause, ...]:
    """The clauses of `goal` in order; with `is_eager`, words that are nouns as often as verbs open one after "and",
    too.

    Raises Unclear for the first clause that cannot be read.
    """
    found: list[Clause | Remark] = []
    for sentence in sentences(tokenise(goal, full_names(goal, spans, lexicon)), goal, lexicon):
        before = next((one.condition for one in reversed(found) if isinstance(one, Clause)), None)
        found.extend(_sentence(sentence, goal, lexicon, before, is_eager=is_eager))
    if not any(isinstance(one, Clause) for one in found):
        found = [*_implied(found, goal, lexicon)]
    if not any(isinstance(one, Clause) for one in found):
        raise Unclear(clause=goal, why="it asks for nothing that this planner knows to do")
    return tuple(_with_context(found, lexicon))


def introduced(clause: Clause) -> Clause | None:
    """`clause` with what the remark before it says of the new thing as its own words; None when there is no such
    remark."""
    subject = next((one for one in clause.introduction if one.value is not None and not one.prep), None)
    if subject is None or subject.of is not None:
        return None
    thing = replace(clause.phrases[0], value=subject.value, pronoun="", of=None)
    rest = (one for one in clause.introduction if one is not subject and one.value is not None)
    known = {one.start for one in clause.introduction}
    context = tuple(one for one in clause.context if one.start not in known)
    return replace(clause, phrases=(thing, *clause.phrases[1:], *rest), context=context)


def is_restated(clause: Clause, rest: tuple[Clause, ...]) -> bool:
    """Whether the next clause may ask for what `clause` only states: it points back, and is no statement itself."""
    following = rest[0] if rest else None
    if following is None or not clause.is_stated or following.is_stated or clause.condition is not None:
        return False
    if len(_values(clause)) < 2:
        return False  # all that it says of the one thing is a verb that nobody knows
    return any(one.pronoun or (one.of is not None and one.of.pronoun) for one in following.phrases)


def with_statements(clause: Clause, stated: list[Clause]) -> Clause:
    """`clause` with what the statements before it say as remarks."""
    told = [replace(phrase, is_context=True) for one in stated for phrase in one.phrases]
    return replace(clause, context=(*told, *clause.context)) if told else clause


def is_held(clause: Clause, used: Iterable[tuple[int, int]]) -> bool:
    """Whether every value of the clause has found its place in the plan."""
    held = [*used]
    return all(any(start <= one.start and one.end <= end for start, end in held) for one in _values(clause))


def _values(clause: Clause) -> list[Span]:
    return [one.value for phrase in clause.phrases for one in (phrase, phrase.of) if one and one.value is not None]


def restated(clause: Clause, lexicon: Lexicon) -> Clause | None:
    """`mark it as paid` as `pay it`, for what is brought about by an action of its own; None when it says no such
    thing."""
    told = re.search(r"\bas (?:being |now )?(\w+)", clause.text)
    verb = requests.participle(told[1].lower(), lexicon) if told and clause.verb.said == "update" else None
    if told is None or verb is None or Kind.ACT not in verb.kinds:
        return None
    rest = tuple(one for one in clause.phrases if one.value is None or one.value.text != told[1])
    return replace(clause, verb=verb, said=clause.said | {verb.said}, phrases=rest)


def _with_context(found: list[Clause | Remark], lexicon: Lexicon) -> Iterator[Clause]:
    """Each clause with the remarks before it, and with those right after it that speak of it or have no other."""
    introduced_by: list[Remark] = []
    for place, one in enumerate(found):
        if isinstance(one, Remark):
            continue
        told = [other for other in found[:place] if isinstance(other, Remark)]
        rest = found[place + 1 :]
        is_last = not any(isinstance(other, Clause) for other in rest)
        following = tuple(takewhile(lambda other: isinstance(other, Remark), rest))
        for other in following:
            assert isinstance(other, Remark)
            if is_last or other.is_about_earlier():
                told.append(other)
        one = _about_field(one, told, lexicon)
        if told and told[-1].introduces() and told[-1] not in introduced_by and _is_bare_object(one, lexicon):
            introduced_by.append(told[-1])
            one = replace(one, introduction=told[-1].phrases)
        own = {phrase.start for phrase in one.phrases}
        around_it = [phrase for other in told for phrase in other.phrases if phrase.start not in own]
        context = tuple(replace(phrase, is_context=True) for phrase in around_it)
        around = frozenset(token.word for other in told for token in other.tokens)
        yield replace(one, context=context, around=around, after=tuple(other.tokens for other in following))


def _is_bare_object(clause: Clause, lexicon: Lexicon) -> bool:
    """Whether it creates something that it does not name itself: `create the company in the CRM`, `enter her in HR`."""
    thing = clause.phrases[0] if clause.phrases else None
    if thing is None or thing.value or thing.prep or thing.is_every or Kind.CREATE not in clause.verb.kinds:
        return False
    if thing.of is not None and thing.of.pronoun not in POSSESSIVES:
        return False
    return bool(thing.pronoun) or bool(lexicon.book.named(thing.head))


def _about_field(clause: Clause, told: list[Remark], lexicon: Lexicon) -> Clause:
    """`The VAT number of Acme is wrong. Correct it to …`: what is corrected is the number."""
    place = next((at for at, one in enumerate(clause.phrases) if one.pronoun in ("it", "that") and one.is_bare()), None)
    subject = next(iter(told[-1].phrases), None) if told else None
    if place is None or subject is None or clause.verb.said != "update" or any(one.head for one in clause.phrases):
        return clause
    if subject.of is None or subject.value is not None or lexicon.book.named(subject.head):
        return clause
    phrases = (*clause.phrases[:place], replace(subject, prep=""), *clause.phrases[place + 1 :])
    return replace(clause, phrases=phrases)


def _sentence(
    tokens: tuple[Token, ...], goal: str, lexicon: Lexicon, before: Condition | None, *, is_eager: bool
) -> Iterator[Clause | Remark]:
    condition = before if tokens[0].word in _CONTINUING else None
    tokens = courtesy.without(courtesy.plain(tokens))
    topic: tuple[Phrase, ...] = ()
    if length := conditions.opening(tokens):
        stop = _after_opening(tokens, goal, lexicon)
        condition = conditions.read(tokens[length:stop], goal, lexicon)
        tokens = courtesy.without(tokens[stop:])
    elif (
        tokens
        and tokens[0].word in ("for", "in", "on", "at", "from", "using", "with")
        and _has_opening(tokens, lexicon)
    ):
        stop = _after_opening(tokens, goal, lexicon)
        topic, tokens = Reader(tokens[:stop], lexicon).read(), courtesy.without(tokens[stop + 1 :])
    elif stop := _place_opening(tokens, lexicon):
        topic, tokens = Reader(tokens[:stop], lexicon).read(), tokens[stop:]
    whole = division.parts(tokens, lexicon, is_eager=is_eager)
    parts = [one for part in whole for one in requests.coordinated(part, lexicon)]
    asking = sum(requests.of(part, lexicon) is not None for part in parts)
    opens = True
    last: Clause | None = None
    for part in parts:
        part = _with_noun(part, last)
        told, under = _trailing_condition(part, goal, lexicon, condition, is_only=asking == 1)
        request = requests.of(told, lexicon) or _elliptic(told, last, lexicon)
        if request is None:
            yield _remark(told, goal, lexicon)
            continue
        last = clause = _clause(request, goal, lexicon)
        if under is not None and told is not part:
            under = conditions.about(under, clause.phrases)
        condition = under
        yield replace(clause, condition=under, phrases=(*topic, *clause.phrases), opens=opens)
        topic, opens = (), False


def _implied(found: list[Clause | Remark], goal: str, lexicon: Lexicon) -> Iterator[Clause | Remark]:
    """Remarks of a goal without requests that tell what has changed, as requests to change it."""
    for one in found:
        request = requests.implied(one.tokens, lexicon) if isinstance(one, Remark) else None
        yield one if request is None else _clause(request, goal, lexicon)


def _remark(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon) -> Remark:
    if requests.is_demand(tokens, lexicon):
        raise Unclear(clause=excerpt(tokens, goal), why="it asks for something in a way that this planner cannot read")
    caution = cautions.of_remark(tokens, lexicon.all_verbs, verbs.NOUN_LIKE)
    if caution is not None:
        raise Unclear(clause=excerpt(tokens, goal), why=f"{caution!r} says that something is not to be done")
    phrases = Reader(tokens, lexicon, is_remark=True).read()
    subject = next((one for one in phrases if one.value is not None and one.is_bare() and not one.prep), None)
    return Remark(tokens=tokens, phrases=tuple(_owned_by(one, subject) for one in phrases))


def _owned_by(phrase: Phrase, subject: Phrase | None) -> Phrase:
    """`Acme has paid its open invoice`: the open invoice of Acme."""
    is_its = phrase.of is not None and phrase.of.pronoun in POSSESSIVES and subject is not None
    return replace(phrase, of=replace(subject, prep="of")) if is_its and subject is not None else phrase


def _has_opening(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    return any(division.opens_after(tokens, at, lexicon) for at in range(len(tokens)))


def _place_opening(tokens: tuple[Token, ...], lexicon: Lexicon) -> int:
    """How many of the first tokens say in which system, when a verb follows at once: `in the ERP create …`."""
    if len(tokens) < 3 or tokens[0].word not in ("in", "on", "at"):
        return 0
    start = 2 if tokens[1].word == "the" else 1
    stop = start + Reader(tokens[start:], lexicon).system_length()
    is_request = start < stop < len(tokens) and requests.imperative(tokens[stop:], lexicon) is not None
    return stop if is_request else 0


def _after_opening(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon) -> int:
    """Where the opening ends: at the comma (or `then`) that a verb follows."""
    for at in range(len(tokens)):
        if division.opens_after(tokens, at, lexicon):
            return at
    raise Unclear(clause=excerpt(tokens, goal), why="no clause with a known verb follows it after a comma")


def _trailing_condition(
    tokens: tuple[Token, ...], goal: str, lexicon: Lexicon, condition: Condition | None, *, is_only: bool
) -> tuple[tuple[Token, ...], Condition | None]:
    at = next((place for place in range(1, len(tokens)) if conditions.opening(tokens[place:])), None)
    if at is None:
        return tokens, condition
    if condition is not None or not is_only:
        raise Unclear(
            clause=excerpt(tokens, goal), why="it is not plain which clauses the condition at its end governs"
        )
    length = conditions.opening(tokens[at:])
    return courtesy.without(tokens[:at]), conditions.read(tokens[at + length :], goal, lexicon)


def _with_noun(tokens: tuple[Token, ...], last: Clause | None) -> tuple[Token, ...]:
    """`draft a new one` with the noun of what the clause before it is about."""
    thing = last.phrases[0] if last is not None and last.phrases else None
    if thing is None or not thing.head or len(tokens) < 4:
        return tokens
    for at in range(1, len(tokens)):
        if tokens[at].word == "one" and tokens[at - 1].word in ("new", "another", "second"):
            noun = tuple(replace(tokens[at], text=word) for word in thing.head)
            return (*tokens[:at], *noun, *tokens[at + 1 :])
    return tokens


def _elliptic(tokens: tuple[Token, ...], last: Clause | None, lexicon: Lexicon) -> Request | None:
    """`…, then his account`: the verb of the clause before it, said once."""
    is_told = any(two.word in division.FINITE and one.word not in ("that", "which") for one, two in pairwise(tokens))
    if last is None or is_told or not division.is_ellipsis(tokens, lexicon):
        return None
    same = (replace(tokens[0], text="it"),) if tokens[0].word == "as" else ()
    return Request(verb=last.verb, rest=(*same, *tokens), whole=tokens)


def _clause(request: Request, goal: str, lexicon: Lexicon) -> Clause:
    tokens = request.whole
    text = excerpt(tokens, goal)
    rest, denied = flags.without_denial(request.rest, lexicon)
    rest, wording = wording_of(rest, request.verb, goal, lexicon)
    caution = cautions.of_request(rest, lexicon.nouns)
    if caution is not None:
        raise Unclear(clause=text, why=f"this planner does not know what {caution!r} does to its meaning")
    if (stranger := _unknown_object(rest, lexicon)) is not None:
        raise Unclear(clause=text, why=f"no action here is about a {stranger!r}")
    return Clause(
        text=text,
        start=tokens[0].start,
        end=tokens[-1].end,
        verb=request.verb,
        said=frozenset(token.word for token in tokens) | {request.verb.said},
        phrases=Reader(rest, lexicon).read(),
        wording=wording,
        is_stated=request.is_stated,
        denied=denied,
        tokens=request.whole,
    )


def _unknown_object(tokens: tuple[Token, ...], lexicon: Lexicon) -> str | None:
    """The noun of `a spaceship`, said as what the verb is about, when no system knows such a thing.

    An unknown word may be passed over elsewhere, but not in the place of the object.
    """
    if len(tokens) < 2 or tokens[0].word not in ("a", "an") or tokens[1].typed or tokens[1].name:
        return None
    noun, following = tokens[1], tokens[2] if len(tokens) > 2 else None
    ends = following is None or following.typed is not None or following.word in _AFTER_OBJECT
    is_known = noun.word in _MESSAGES or Reader(tokens[1:5], lexicon).starts_with_head()
    is_enum = noun.word in lexicon.enums
    return noun.text if ends and not is_known and not is_enum else None
