"""A goal as clauses: one verb each, what stands under a condition, the remarks around them, the wording of a
message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.goal import Span, SpanKind
from agent.planners import cautions, conditions, courtesy, requests, verbs
from agent.planners.book import Lexicon
from agent.planners.conditions import Condition, Unclear, excerpt
from agent.planners.phrases import Phrase
from agent.planners.reading import Reader
from agent.planners.requests import Request
from agent.planners.tokens import Token, tokenise
from agent.planners.verbs import Kind, Verb

_ENDS = frozenset({".", "!", "?", ";"})
_JOINTS = frozenset({",", "and", "then", ":", "so", "–", "—", "but", ")"})
_OPENERS = frozenset("a an the its his her their it them him this that these all each every".split())
_AFTER_OBJECT = frozenset(", : in to for at on of with from by about named called over saying that".split())
_MESSAGES = frozenset("message mail email e-mail line reminder word notice notification copy".split())
_SAYS = frozenset({"tell", "comment", "note", "send", "add", "create", "leave"})
#: verbs that may be followed by "that …", the wording of a message
_PARTS = frozenset({"subject", "text", "body", "message"})
_POINTING_BACK = frozenset("it its he his she her they their this that there".split())
_POSSESSIVES = frozenset({"its", "his", "her", "their"})
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
    for sentence in _sentences(tokenise(goal, _full_names(goal, spans, lexicon)), goal):
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
    thing = replace(clause.phrases[0], value=subject.value, pronoun="")
    rest = (one for one in clause.introduction if one is not subject and one.value is not None)
    known = {one.start for one in clause.introduction}
    context = tuple(one for one in clause.context if one.start not in known)
    return replace(clause, phrases=(thing, *clause.phrases[1:], *rest), context=context)


def restated(clause: Clause, lexicon: Lexicon) -> Clause | None:
    """`mark it as paid` as `pay it`, for what is brought about by an action of its own; None when it says no such
    thing."""
    told = re.search(r"\bas (?:being |now )?(\w+)", clause.text)
    verb = requests.participle(told[1].lower(), lexicon) if told and clause.verb.said == "update" else None
    if told is None or verb is None or Kind.ACT not in verb.kinds:
        return None
    rest = tuple(one for one in clause.phrases if one.value is None or one.value.text != told[1])
    return replace(clause, verb=verb, said=clause.said | {verb.said}, phrases=rest)


def _full_names(goal: str, spans: tuple[Span, ...], lexicon: Lexicon) -> tuple[Span, ...]:
    """The names without a possessive, with the capitalised word before them that opens a sentence unless it is a word
    of the language, and a first name that was said in full before as that full name."""
    found: list[Span] = []
    for span in spans:
        if span.kind is not SpanKind.NAME:
            found.append(span)
            continue
        end = span.end - 2 if span.text.endswith(("'s", "’s")) else span.end
        start = _sentence_start(goal, span, lexicon)
        start = span.start if found and found[-1].end > start else start
        text = goal[start:end]
        longer = {str(one.value) for one in found if one.kind is SpanKind.NAME and text in str(one.value).split()}
        is_place = span.end == end and re.search(r"\b(in|into|at|within) (the )?$", goal[:start]) is not None
        value = longer.pop() if len(longer) == 1 and not is_place else text
        found.append(span.model_copy(update={"start": start, "end": end, "text": value, "value": value}))
    return tuple(found)


def _sentence_start(goal: str, span: Span, lexicon: Lexicon) -> int:
    """Where the name begins, counting the word before it that `read_spans` left out because it opens a sentence."""
    before = goal[: span.start]
    first = before.split()[-1] if before.split() else ""
    is_word = before.endswith(f"{first} ") and first.isalpha() and first.istitle() and lexicon.is_foreign(first.lower())
    is_subject = " " not in span.text or re.match(r" [a-z]+(s|ed)\b", goal[span.end :]) is not None
    return span.start - len(first) - 1 if first and is_word and is_subject else span.start


def _with_context(found: list[Clause | Remark], lexicon: Lexicon) -> Iterator[Clause]:
    """Each clause with the remarks before it, and with those right after it that speak of it or have no other."""
    introduced_by: list[Remark] = []
    for place, one in enumerate(found):
        if isinstance(one, Remark):
            continue
        told = [other for other in found[:place] if isinstance(other, Remark)]
        rest = found[place + 1 :]
        is_last = not any(isinstance(other, Clause) for other in rest)
        for other in rest:
            if isinstance(other, Clause):
                break
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
        yield replace(one, context=context, around=around)


def _is_bare_object(clause: Clause, lexicon: Lexicon) -> bool:
    """Whether it creates something that it does not name itself: `create the company in the CRM`, `enter her in HR`."""
    thing = clause.phrases[0] if clause.phrases else None
    if thing is None or thing.value or thing.of or thing.prep or thing.is_every or Kind.CREATE not in clause.verb.kinds:
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


def _sentences(tokens: tuple[Token, ...], goal: str) -> Iterator[tuple[Token, ...]]:
    sentence: list[Token] = []
    for token in tokens:
        gap = goal[sentence[-1].end : token.start] if sentence else ""
        if sentence and "\n" in gap:
            yield tuple(sentence)
            sentence = []
        if token.word in _ENDS:
            if sentence:
                yield tuple(sentence)
            sentence = []
        else:
            sentence.append(token)
    if sentence:
        yield tuple(sentence)


def _sentence(
    tokens: tuple[Token, ...], goal: str, lexicon: Lexicon, before: Condition | None, *, is_eager: bool
) -> Iterator[Clause | Remark]:
    condition = before if tokens[0].word in _CONTINUING else None
    tokens = courtesy.without(tokens)
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
        topic, tokens = Reader(tokens[:stop], lexicon).read(), courtesy.without(tokens[stop:])
    parts = _parts(tokens, lexicon, is_eager=is_eager)
    asking = sum(requests.of(part, lexicon) is not None for part in parts)
    opens = True
    last: Clause | None = None
    for part in parts:
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
    caution = cautions.of_remark(tokens, lexicon.all_verbs, verbs.NOUN_LIKE)
    if caution is not None:
        raise Unclear(clause=excerpt(tokens, goal), why=f"{caution!r} says that something is not to be done")
    phrases = Reader(tokens, lexicon, is_remark=True).read()
    subject = next((one for one in phrases if one.value is not None and one.is_bare() and not one.prep), None)
    return Remark(tokens=tokens, phrases=tuple(_owned_by(one, subject) for one in phrases))


def _owned_by(phrase: Phrase, subject: Phrase | None) -> Phrase:
    """`Acme has paid its open invoice`: the open invoice of Acme."""
    is_its = phrase.of is not None and phrase.of.pronoun in _POSSESSIVES and subject is not None
    return replace(phrase, of=replace(subject, prep="of")) if is_its and subject is not None else phrase


def _has_opening(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    return any(_opens_after(tokens, at, lexicon) for at in range(len(tokens)))


def _after_opening(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon) -> int:
    """Where the opening ends: at the comma (or `then`) that a verb follows."""
    for at in range(len(tokens)):
        if _opens_after(tokens, at, lexicon):
            return at
    raise Unclear(clause=excerpt(tokens, goal), why="no clause with a known verb follows it after a comma")


def _opens_after(tokens: tuple[Token, ...], at: int, lexicon: Lexicon) -> bool:
    rest = courtesy.without(tokens[at + 1 :])
    return tokens[at].word in (",", "then", ":") and bool(rest) and _is_verb(rest, lexicon, is_sure=True)


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


def _parts(tokens: tuple[Token, ...], lexicon: Lexicon, *, is_eager: bool) -> list[tuple[Token, ...]]:
    """The tokens of each clause of a sentence. `that …` after a verb of saying is not looked into, but for `, then`."""
    parts: list[list[Token]] = [[]]
    is_wording = False
    for at, token in enumerate(tokens):
        if parts[-1] and token.word == "that" and not _is_pointing(tokens, at, lexicon):
            is_wording = is_wording or _is_saying(parts[-1], lexicon)
        is_joint = bool(parts[-1]) and token.word in _JOINTS
        if is_joint and _opens(tokens, at, parts[-1], lexicon, is_wording=is_wording, is_eager=is_eager):
            # `update book B-1: set its title to …` is one request, said twice
            is_same = token.word == ":" and requests.of(courtesy.without(tuple(parts[-1])), lexicon) is not None
            parts.append([token] if is_same else [])
            is_wording = False
            if token.word == ":":
                continue
        parts[-1].append(token)
    return [tuple(part) for part in map(courtesy.without, map(tuple, parts)) if part]


def _elliptic(tokens: tuple[Token, ...], last: Clause | None, lexicon: Lexicon) -> Request | None:
    """`…, then his account`: the verb of the clause before it, said once."""
    if last is None or not _is_ellipsis(tokens, lexicon):
        return None
    return Request(verb=last.verb, rest=tokens, whole=tokens)


def _is_ellipsis(rest: tuple[Token, ...], lexicon: Lexicon) -> bool:
    is_noun = len(rest) > 1 and rest[0].word in _POSSESSIVES and Reader(rest[1:5], lexicon).starts_with_head()
    return is_noun


def _is_placed(tokens: tuple[Token, ...] | list[Token], lexicon: Lexicon) -> bool:
    """Whether a system is named in the tokens, up to the next comma."""
    tokens = courtesy.without(tuple(tokens))
    stop = next((at for at, token in enumerate(tokens) if token.word in (",", "and")), len(tokens))
    return any((token.word,) in lexicon.aliases for token in tokens[:stop])


def _is_saying(tokens: list[Token], lexicon: Lexicon) -> bool:
    told = requests.imperative(courtesy.without(tuple(tokens)), lexicon)
    return told is not None and told.verb.said in _SAYS


def _opens(
    tokens: tuple[Token, ...], at: int, before: list[Token], lexicon: Lexicon, *, is_wording: bool, is_eager: bool
) -> bool:
    """Whether a new clause opens after the comma, `and` or `then` at this place."""
    rest = courtesy.without(tokens[at + 1 :])
    skipped = tokens[at : len(tokens) - len(rest)] if rest else ()
    is_sure = any(one.word in ("then", "please", "so", "finally", "also") for one in skipped)
    is_told = any(one.word == "then" for one in skipped)
    if _is_ellipsis(rest, lexicon) and not is_wording:
        return is_told or (_is_placed(before, lexicon) and _is_placed(rest, lexicon))
    return bool(rest) and (not is_wording or is_told) and _is_verb(rest, lexicon, is_sure=is_sure or is_eager)


def _is_verb(rest: tuple[Token, ...], lexicon: Lexicon, *, is_sure: bool) -> bool:
    first = rest[0]
    told = requests.imperative(rest, lexicon)
    if first.typed is not None or told is None or Reader(rest[:3], lexicon).is_compound():
        return False
    if is_sure or first.word not in verbs.NOUN_LIKE or tuple(one.word for one in rest[:2]) in verbs.PHRASAL:
        return True
    following = rest[1] if len(rest) > 1 else None
    if following is None:
        return False
    if following.typed is not None:
        return _is_addressed(rest, following.typed.kind)
    if following.word in _OPENERS or following.word in ("for", "on", "that"):
        return True
    return Reader(rest[1:5], lexicon).starts_with_head()


def _is_addressed(rest: tuple[Token, ...], kind: SpanKind) -> bool:
    """Whether a noun-like verb before a typed part is a verb: `e-mail jane@… that`, `invoice 20 EUR`."""
    if rest[0].word in ("email", "e-mail", "mail", "message"):
        says = any(one.word in ("that", "about", "saying", "with") or _is_quoted(one) for one in rest[2:])
        return kind is SpanKind.EMAIL and says
    return (rest[0].word, kind) in {
        ("invoice", SpanKind.MONEY), ("bill", SpanKind.MONEY), ("order", SpanKind.NUMBER), ("bill", SpanKind.EMAIL),
        ("invoice", SpanKind.EMAIL), ("refund", SpanKind.MONEY),
    }  # fmt: skip


def _is_quoted(token: Token) -> bool:
    return token.typed is not None and token.typed.kind is SpanKind.QUOTED


def _is_pointing(tokens: tuple[Token, ...], at: int, lexicon: Lexicon) -> bool:
    """Whether `that` points at a noun ("that company", "of that deal") instead of opening a wording."""
    before = tokens[at - 1].word if at else ""
    return before in ("of", "for", "to", "from", "in", "with") or (
        before in ("assign", "close", "update", "delete", "void", "invoice")
        and Reader(tokens[at + 1 : at + 5], lexicon).starts_with_head()
    )


def _clause(request: Request, goal: str, lexicon: Lexicon) -> Clause:
    tokens = request.whole
    text = excerpt(tokens, goal)
    rest, wording = _wording(request.rest, request.verb, goal, lexicon)
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


def _wording(
    tokens: tuple[Token, ...], verb: Verb, goal: str, lexicon: Lexicon
) -> tuple[tuple[Token, ...], Span | None]:
    """The clause without its `that …`, and that as a quote. A single quoted text after `that` stands for itself."""
    if verb.said not in _SAYS:
        return tokens, None
    if verb.said == "tell":
        tokens = _without_means(tokens)
        quotes = [token for token in tokens if _is_quoted(token)]
        if len(quotes) == 1 and tokens[-1] is quotes[0] and not {"subject", "body", "text"} & {t.word for t in tokens}:
            rest = tokens[:-1]
            return rest[:-1] if rest and rest[-1].word in ("that", ":", "saying", ",") else rest, quotes[0].typed
    for at, token in enumerate(tokens):
        is_saying = token.word in ("saying",) or (token.word == "that" and not _is_pointing(tokens, at, lexicon))
        rest = tokens[at + 1 :]
        if is_saying and rest:
            if rest[0].word in ("that", ":"):
                rest = rest[1:]
            if len(rest) == 1 and _is_quoted(rest[0]):
                return tokens[:at], rest[0].typed
            if (quoted := _quoted_parts(rest)) is not None:
                return tokens[:at] + rest[quoted:], None
            start, end = rest[0].start, rest[-1].end
            text = goal[start:end]
            return tokens[:at], Span(kind=SpanKind.QUOTED, start=start, end=end, text=text, value=text)
    return tokens, None


def _quoted_parts(tokens: tuple[Token, ...]) -> int | None:
    """Where `subject "…", text "…"` begins, which is what a message says, whatever stands before it."""
    parts = [at for at, token in enumerate(tokens[:-1]) if token.word in _PARTS and _is_quoted(tokens[at + 1])]
    return parts[0] if parts else None


def _without_means(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """A message without `by email`, which its verb says already."""
    for at in range(len(tokens) - 1):
        if tokens[at].word in ("by", "via") and tokens[at + 1].word in ("email", "e-mail", "mail"):
            return tokens[:at] + tokens[at + 2 :]
    return tokens
