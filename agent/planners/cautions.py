"""Words that change what a goal means, and which this planner does not read: it refuses the clause that has one."""

from __future__ import annotations

from agent.goal import SpanKind
from agent.planners.tokens import Token

_NEGATIONS = frozenset("not no never nobody none neither nor cannot without nothing".split())
_CHOICES = frozenset(
    "or either unless except excepting otherwise alternatively instead maybe perhaps whether else only rather least"
    " most almost respectively".split()
)
_EVENTS = frozenset({"after", "before", "while", "whenever", "until"})
_ORDINALS = frozenset("first last latest newest oldest next previous second third".split())
_COUNTED = frozenset({"record", "one", "ones"})
_FURTHER = frozenset({"more", "additional", "extra", "another"})
_FACTUAL = frozenset("can ca could does did has had".split())
#: `cannot`, `didn't`, `has not`
_ORDERING = frozenset("we you i please one must should shall want wants no".split())
#: of a remark that may tell what is to be done
_AMOUNTS = frozenset({SpanKind.NUMBER, SpanKind.MONEY, SpanKind.PERCENT})


def of_request(tokens: tuple[Token, ...], nouns: frozenset[str]) -> str | None:
    """The word of a clause that asks for something which makes its meaning another; `nouns` are those of records."""
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        is_norway = token.text == "NO" and at > 0 and tokens[at - 1].word in ("country", "code", ",")
        if token.word in _CHOICES or (is_negation(token) and not is_norway):
            return token.text
        is_amount = following is not None and following.typed is not None and following.typed.kind in _AMOUNTS
        before = tokens[at - 1].typed if at else None
        is_counted = is_amount or (before is not None and before.kind in _AMOUNTS)
        if (token.word == "by" and is_amount) or (token.word in _FURTHER and is_counted):
            return token.text  # `increase the stock by 10` is a difference, not the new value
        if token.word in _EVENTS and following is not None and following.typed is None:
            return token.text
        ahead = {one.word for one in tokens[at + 1 : at + 3]}
        if token.word in _ORDINALS and ahead & (nouns | _COUNTED):
            return token.text
    return None


def of_remark(tokens: tuple[Token, ...], verbs: frozenset[str], nouns: frozenset[str]) -> str | None:
    """The word of a remark that forbids or limits what is asked elsewhere: `under no circumstances close it`.

    `nouns` are verbs that are nouns as often.
    """
    is_denied = False
    for at, token in enumerate(tokens):
        if token.word in ("unless", "except", "otherwise", "instead", "or", "only"):
            return token.text
        is_noun = token.word in nouns and not is_negation(tokens[at - 1])
        if is_denied and token.word in verbs and not is_noun:
            return token.text
        is_denied = is_denied or (is_negation(token) and not _is_fact(tokens, at))
    return None


def _is_fact(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether the negation says what somebody else could not do or did not do, which forbids nothing: `she cannot log
    in`, `the customer did not pay`."""
    is_split = tokens[at].word == "not"
    said = tokens[at - 1].word if is_split and at else tokens[at].word.removesuffix("n't").removesuffix("not")
    subject = {token.word for token in tokens[:at]}
    return said in _FACTUAL and bool(subject) and not subject & _ORDERING


def is_negation(token: Token) -> bool:
    return token.word in _NEGATIONS or token.word.endswith("n't")
