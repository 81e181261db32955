"""A goal as clauses: one verb each, what stands under a condition, and the wording of a message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.goal import Span, SpanKind
from agent.planners import verbs
from agent.planners.book import Lexicon
from agent.planners.phrases import NotUnderstood, Phrase, Reader
from agent.planners.tokens import Token, tokenise
from agent.planners.verbs import Verb

_COURTESY = frozenset("please then also now next finally and kindly first afterwards , ; you can could would".split())
_CONDITIONS = frozenset({"when", "if", "once"})
_ENDS = frozenset({".", "!", "?", ";"})
_OPENERS = frozenset("a an the its his her their it them him this that these all each every".split())
_SAYS = frozenset({"tell", "comment", "note", "send", "add", "create"})
#: verbs that may be followed by "that …", the wording of a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`deal D-104 is won`: the phrase, and the value that one of its fields must have (or must not)."""

    text: str
    phrase: Phrase
    value: Span
    is_negated: bool


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
    topic: tuple[Phrase, ...] = ()
    #: `For deal D-104, …`: what the clause is about, said before its verb
    wording: Span | None = None
    #: what is to be said, of "tell her that …"
    opens: bool = True
    #: it is the first of its sentence


class Unclear(Exception):
    """A clause that could not be read, word for word, and why."""

    def __init__(self, *, clause: str, why: str) -> None:
        super().__init__(why)
        self.clause = clause
        self.why = why


def read(goal: str, spans: tuple[Span, ...], lexicon: Lexicon, *, is_eager: bool = False) -> tuple[Clause, ...]:
    """The clauses of `goal` in order; with `is_eager`, words that are nouns as often as verbs open one as well.

    Raises Unclear for the first clause that cannot be read as a whole.
    """
    found: list[Clause] = []
    for sentence in _sentences(tokenise(goal, spans), goal):
        found.extend(_clauses(sentence, goal, lexicon, is_eager=is_eager))
    if not found:
        raise Unclear(clause=goal, why="it asks for nothing")
    return tuple(found)


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


def _clauses(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon, *, is_eager: bool) -> Iterator[Clause]:
    tokens = _without_courtesy(tokens)
    condition: Condition | None = None
    topic: tuple[Phrase, ...] = ()
    if tokens and tokens[0].word in _CONDITIONS:
        stop = _after_opening(tokens, goal, lexicon)
        condition, tokens = _condition(tokens[1:stop], goal, lexicon), _without_courtesy(tokens[stop:])
    elif tokens and tokens[0].word in ("for", "in", "on", "at", "from", "using"):
        stop = _after_opening(tokens, goal, lexicon)
        topic, tokens = _phrases(tokens[:stop], goal, lexicon), _without_courtesy(tokens[stop:])
    if (colon := _subject_end(tokens, lexicon)) is not None:
        topic, tokens = (*topic, *_phrases(tokens[1:colon], goal, lexicon)), _without_courtesy(tokens[colon + 1 :])
    parts = _parts(tokens, lexicon, is_eager=is_eager)
    for number, part in enumerate(parts):
        told, condition = _trailing_condition(part, goal, lexicon, condition, is_only=len(parts) == 1)
        clause = _clause(told, goal, lexicon)
        if condition is not None and told is not part:
            condition = _about(condition, clause)
        yield replace(clause, condition=condition, topic=topic if number == 0 else (), opens=number == 0)


def _after_opening(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon) -> int:
    """Where the opening ends: at the comma (or `then`) that a verb follows."""
    for at, token in enumerate(tokens):
        rest = _without_courtesy(tokens[at + 1 :])
        if token.word in (",", "then", ":") and rest and _is_verb(rest, lexicon, is_sure=True):
            return at
    raise Unclear(clause=_text(tokens, goal), why="no clause with a known verb follows it after a comma")


def _about(condition: Condition, clause: Clause) -> Condition:
    """A condition after its clause speaks of the clause's object: close ticket T-1 if *its* priority is low."""
    subject = next((one for one in clause.phrases if one.value is not None or one.of is not None), None)
    phrase = condition.phrase
    if subject is None:
        return condition
    if phrase.pronoun:
        return replace(condition, phrase=subject)
    if phrase.of is not None and phrase.of.pronoun:
        return replace(condition, phrase=replace(phrase, of=subject))
    return condition


def _subject_end(tokens: tuple[Token, ...], lexicon: Lexicon) -> int | None:
    """Where the colon of `Update company CO-214: set …` stands: what is before it only says what the rest is about."""
    at = next((place for place, token in enumerate(tokens) if token.word == ":"), None)
    if at is None or at < 2 or not tokens or (told := _verb(tokens, lexicon)) is None or told[0].said != "update":
        return None
    rest = _without_courtesy(tokens[at + 1 :])
    return at if rest and rest[0].typed is None and _verb(rest, lexicon) is not None else None


def _trailing_condition(
    tokens: tuple[Token, ...], goal: str, lexicon: Lexicon, condition: Condition | None, *, is_only: bool
) -> tuple[tuple[Token, ...], Condition | None]:
    at = next((place for place, token in enumerate(tokens) if token.word in _CONDITIONS), None)
    if at is None:
        return tokens, condition
    if condition is not None or not is_only:
        raise Unclear(clause=_text(tokens, goal), why="it is not plain which clauses the condition at its end governs")
    return tokens[:at], _condition(tokens[at + 1 :], goal, lexicon)


def _parts(tokens: tuple[Token, ...], lexicon: Lexicon, *, is_eager: bool) -> list[tuple[Token, ...]]:
    """The tokens of each clause of a sentence. `that …` after a verb of saying is not looked into, but for `, then`."""
    parts: list[list[Token]] = [[]]
    is_wording = False
    for at, token in enumerate(tokens):
        if parts[-1] and token.word == "that" and not _is_pointing(tokens, at, lexicon):
            is_wording = not any(map(_is_quoted, tokens[at + 1 : at + 2]))
        is_joint = bool(parts[-1]) and token.word in (",", "and", "then")
        if is_joint and _opens(tokens, at, lexicon, is_wording=is_wording, is_eager=is_eager):
            parts.append([])
            is_wording = False
        parts[-1].append(token)
    return [tuple(part) for part in map(_without_courtesy, map(tuple, parts)) if part]


def _opens(tokens: tuple[Token, ...], at: int, lexicon: Lexicon, *, is_wording: bool, is_eager: bool) -> bool:
    """Whether a new clause opens after the comma, `and` or `then` at this place."""
    rest = tokens[at + 1 :]
    is_sure = tokens[at].word == "then"
    while rest and rest[0].word in _COURTESY:
        is_sure = is_sure or rest[0].word == "then"
        rest = rest[1:]
    return bool(rest) and (not is_wording or is_sure) and _is_verb(rest, lexicon, is_sure=is_sure or is_eager)


def _is_verb(rest: tuple[Token, ...], lexicon: Lexicon, *, is_sure: bool) -> bool:
    first = rest[0]
    if first.typed is not None or _verb(rest, lexicon) is None or Reader(rest[:3], lexicon).is_compound():
        return False
    if is_sure or first.word not in verbs.NOUN_LIKE or tuple(one.word for one in rest[:2]) in verbs.PHRASAL:
        return True
    following = rest[1] if len(rest) > 1 else None
    if following is None:
        return False
    if following.typed is not None:
        kind = following.typed.kind
        if first.word in ("email", "e-mail", "mail", "message"):
            later = rest[2:]
            says = any(one.word in ("that", "about", "saying") or _is_quoted(one) for one in later)
            return kind is SpanKind.EMAIL and says
        return (first.word, kind) in {
            ("invoice", SpanKind.MONEY), ("bill", SpanKind.MONEY), ("order", SpanKind.NUMBER),
            ("bill", SpanKind.EMAIL), ("invoice", SpanKind.EMAIL),
        }  # fmt: skip
    if following.word in _OPENERS or following.word in ("for", "on", "that"):
        return True
    return Reader(rest[1:5], lexicon).starts_with_head()


def _is_quoted(token: Token) -> bool:
    return token.typed is not None and token.typed.kind is SpanKind.QUOTED


def _is_pointing(tokens: tuple[Token, ...], at: int, lexicon: Lexicon) -> bool:
    """Whether `that` points at a noun ("that company", "of that deal") instead of opening a wording."""
    before = tokens[at - 1].word if at else ""
    return before in ("of", "for", "to", "from", "in", "with") or (
        before in ("assign", "close", "update", "delete", "void", "invoice")
        and Reader(tokens[at + 1 : at + 5], lexicon).starts_with_head()
    )


def _verb(tokens: tuple[Token, ...], lexicon: Lexicon) -> tuple[Verb, int] | None:
    """The verb that the tokens open with, and how many tokens it takes."""
    pair = tuple(token.word for token in tokens[:2])
    if pair in verbs.PHRASAL:
        found = verbs.of_table(verbs.PHRASAL[pair])
        return (found, 2) if found else None
    found = lexicon.verb(tokens[0].word) if tokens else None
    return (found, 1) if found else None


def _clause(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon) -> Clause:
    text = _text(tokens, goal)
    told = _verb(tokens, lexicon)
    if told is None:
        raise Unclear(
            clause=text, why=f"{tokens[0].text!r} is not a verb this planner knows" if tokens else "it is empty"
        )
    verb, length = told
    if verb.said == "tell" and tokens[1:] and tokens[1].word == "know":
        raise Unclear(clause=text, why="its verb is not known")
    rest, wording = _wording(tokens[length:], verb, goal, lexicon)
    try:
        phrases = Reader(rest, lexicon).read()
    except NotUnderstood as exc:
        raise Unclear(clause=text, why=f"the word {exc.text!r} found no place in it") from exc
    return Clause(
        text=text,
        start=tokens[0].start,
        end=tokens[-1].end,
        verb=verb,
        said=frozenset(token.word for token in tokens) | {verb.said},
        phrases=phrases,
        wording=wording,
    )


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
            if rest[0].word == "that" or rest[0].word == ":":
                rest = rest[1:]
            if len(rest) == 1 and _is_quoted(rest[0]):
                return tokens[:at], rest[0].typed
            start, end = rest[0].start, rest[-1].end
            text = goal[start:end]
            return tokens[:at], Span(kind=SpanKind.QUOTED, start=start, end=end, text=text, value=text)
    return tokens, None


def _without_means(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """A message without `by email`, which its verb says already."""
    for at in range(len(tokens) - 1):
        if tokens[at].word in ("by", "via") and tokens[at + 1].word in ("email", "e-mail", "mail"):
            return tokens[:at] + tokens[at + 2 :]
    return tokens


def _condition(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon) -> Condition:
    """`deal D-104 is won`, `the stage of deal D-104 is not lost`, `ticket T-1 has priority high`."""
    text = _text(tokens, goal)
    verb_at = next((at for at, token in enumerate(tokens) if token.word in ("is", "has", "are")), None)
    if verb_at is None or verb_at == 0 or verb_at == len(tokens) - 1:
        raise Unclear(clause=text, why="a condition must say what *is* what")
    told = tokens[verb_at + 1 :]
    is_negated = told[0].word == "not"
    told = told[1:] if is_negated else told
    (subject, *others), values = _phrases(tokens[:verb_at], goal, lexicon), _phrases(told, goal, lexicon)
    if others or len(values) != 1 or values[0].value is None or values[0].prep or values[0].of or values[0].system:
        raise Unclear(clause=text, why="a condition must compare one thing with one value")
    if values[0].head:
        subject = Phrase(start=subject.start, end=values[0].end, head=values[0].head, of=subject)
    return Condition(text=text, phrase=subject, value=values[0].value, is_negated=is_negated)


def _phrases(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon) -> tuple[Phrase, ...]:
    try:
        return Reader(tokens, lexicon).read()
    except NotUnderstood as exc:
        raise Unclear(clause=_text(tokens, goal), why=f"the word {exc.text!r} found no place in it") from exc


def _without_courtesy(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    while tokens and tokens[0].word in _COURTESY:
        tokens = tokens[1:]
    while tokens and tokens[-1].word in (",", "and", "then"):
        tokens = tokens[:-1]
    return tokens


def _text(tokens: tuple[Token, ...], goal: str) -> str:
    return goal[tokens[0].start : tokens[-1].end] if tokens else ""
