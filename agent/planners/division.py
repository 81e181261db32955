"""Where a sentence divides into clauses: at a comma, an `and`, a `then`, when a verb or a reason follows."""

from __future__ import annotations

from itertools import pairwise

from agent.goal import SpanKind
from agent.planners import courtesy, requests, verbs
from agent.planners.book import Lexicon
from agent.planners.reading import Reader
from agent.planners.tokens import POSSESSIVES, Token
from agent.planners.wording import SAYS, is_pointing

_JOINTS = frozenset({",", "and", "then", ":", "so", "–", "—", "-", "but", ")", "why"})
_WHY = (("which", "is", "why"), ("that", "is", "why"))
_SUBJECTS = frozenset("it he she they we i".split())
_TELLING = frozenset("the his her their our its a an this these those nobody everybody everyone somebody".split())
FINITE = requests.FINITE | frozenset("can could cannot can't couldn't does did doesn't didn't would may might".split())
_GIVING = frozenset("give use state name quote mention specify take choose enter".split())
_LONGEST_SUBJECT = 6
#: words of a subject before its verb
_OPENERS = frozenset("a an the its his her their it them him this that these all each every".split())


def parts(tokens: tuple[Token, ...], lexicon: Lexicon, *, is_eager: bool) -> list[tuple[Token, ...]]:
    """The tokens of each clause of a sentence. `that …` after a verb of saying is not looked into, but for `, then`."""
    parts: list[list[Token]] = [[]]
    is_wording = False
    for at, token in enumerate(tokens):
        if parts[-1] and token.word == "that" and not is_pointing(tokens, at, lexicon):
            is_wording = is_wording or _is_saying(parts[-1], lexicon)
        is_joint = bool(parts[-1]) and token.word in _JOINTS
        if is_joint and _opens(tokens, at, parts[-1], lexicon, is_wording=is_wording, is_eager=is_eager):
            # `update book B-1: set its title to …` is one request, said twice
            opened = courtesy.without(tuple(parts[-1])) if token.word == ":" else ()
            if requests.is_heading(opened, lexicon):
                parts[-1].insert(0, token)  # `new book: create …` is one request, too
                parts.append([])
            else:
                parts.append([token] if requests.of(opened, lexicon) is not None else [])
            is_wording = False
            if token.word == ":":
                continue
        parts[-1].append(token)
    return [tuple(part) for part in map(courtesy.without, map(tuple, parts)) if part]


def opens_after(tokens: tuple[Token, ...], at: int, lexicon: Lexicon) -> bool:
    rest = courtesy.without(tokens[at + 1 :])
    return tokens[at].word in (",", "then", ":") and bool(rest) and _is_verb(rest, lexicon, is_sure=True)


def _opens(
    tokens: tuple[Token, ...], at: int, before: list[Token], lexicon: Lexicon, *, is_wording: bool, is_eager: bool
) -> bool:
    """Whether a new clause opens after the comma, `and` or `then` at this place."""
    rest = courtesy.without(tokens[at + 1 :])
    if _is_giving(rest, lexicon):
        return False
    skipped = tokens[at : len(tokens) - len(rest)] if rest else ()
    is_sure = any(one.word in ("then", "please", "so", "finally", "also") for one in skipped)
    is_told = any(one.word == "then" for one in skipped)
    if rest and not is_wording and (_is_reason(tokens[at], rest, lexicon) or _is_outcome(tokens, at, rest, lexicon)):
        return True
    if is_ellipsis(rest, lexicon) and not is_wording:
        if rest[0].word in ("a", "an", "as"):
            made = requests.imperative(courtesy.without(tuple(before)), lexicon)
            is_made = made is not None and made.verb.said == "create" and tokens[at].word == "and"
            return is_made and any(one.word in ("with", "for", "called", "named", "in") for one in rest[2:5])
        if rest[0].word in POSSESSIVES:
            return is_told or (_is_placed(before, lexicon) and _is_placed(rest, lexicon))
        return _is_in_system(before, lexicon) and _is_in_system(rest, lexicon)
    return bool(rest) and (not is_wording or is_told) and _is_verb(rest, lexicon, is_sure=is_sure or is_eager)


def _is_giving(rest: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """`and give duplicate as the reason`: one more part of what is asked before it."""
    if len(rest) < 4 or rest[0].word not in _GIVING:
        return False
    place = next((at for at, one in enumerate(rest) if at > 1 and one.word == "as"), len(rest))
    following = rest[place + 1 + (rest[place + 1 : place + 2] != () and rest[place + 1].word in _OPENERS) :]
    head = Reader(following, lexicon).head() if following else None
    beyond = following[len(head) :] if head is not None else following
    return head in lexicon.fields and (not beyond or beyond[0].word in _JOINTS)


def _is_reason(joint: Token, rest: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """Whether what follows the comma only says why: `void invoice X, it was sent by mistake`."""
    following = rest[1].word if len(rest) > 1 else ""
    is_finite = following in requests.FINITE or following.endswith("ed")
    is_pause = joint.word in (",", "-", "–", "—")
    return is_pause and ((rest[0].word in _SUBJECTS and is_finite) or _is_account(rest, lexicon))


def _is_account(rest: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """Whether it tells how things are of a subject that is no field: `the boxes were damaged`, `nobody can come`."""
    if rest[0].word not in _TELLING:
        return False
    is_field = Reader(rest[1:5], lexicon).head() in lexicon.fields
    stop = next((at for at, token in enumerate(rest) if token.word in (",", "and")), len(rest))
    finite = next((at for at, token in enumerate(rest[:stop]) if at and token.word in FINITE), 0)
    if is_field and rest[finite].word not in ("has", "have", "had"):
        return False  # the currency is EUR
    return 0 < finite <= _LONGEST_SUBJECT and not any(one.typed for one in rest[:finite])


def _is_outcome(tokens: tuple[Token, ...], at: int, rest: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """Whether what comes before only says why: `Acme has signed, so its draft order can be confirmed`."""
    is_told = tokens[at].word == "," and any(one.word in requests.FINITE for one in tokens[:at])
    is_why = tuple(one.word for one in tokens[max(0, at - 2) : at + 1]) in _WHY
    is_so = is_told or is_why or tokens[at].word in ("so", "-", "–", "—", ":")
    is_asked = any(requests.imperative(courtesy.without(one), lexicon) for one in (tokens[:at], rest))
    return is_so and at > 0 and not (is_told and is_asked) and requests.of(rest, lexicon) is not None


def is_ellipsis(rest: tuple[Token, ...], lexicon: Lexicon) -> bool:
    if len(rest) > 3 and (rest[0].word in ("a", "an") or (rest[0].word == "as" and rest[1].word in ("a", "an"))):
        head = Reader(rest[1 + (rest[0].word == "as") :][:4], lexicon).head()
        return head is not None and bool(lexicon.book.named(head))
    is_owned = len(rest) > 1 and rest[0].word in (*POSSESSIVES, "the", "both")
    return is_owned and Reader(rest[1 + (rest[1].word == "the") :][:4], lexicon).starts_with_head()


def _is_placed(tokens: tuple[Token, ...] | list[Token], lexicon: Lexicon) -> bool:
    """Whether a system is named in the tokens, up to the next comma."""
    tokens = courtesy.without(tuple(tokens))
    stop = next((at for at, token in enumerate(tokens) if token.word in (",", "and")), len(tokens))
    return any((token.word,) in lexicon.aliases for token in tokens[:stop])


def _is_in_system(tokens: tuple[Token, ...] | list[Token], lexicon: Lexicon) -> bool:
    """Whether `in the CRM` stands in the tokens, up to the next comma or `then`."""
    stop = next((at for at, token in enumerate(tokens) if token.word in (",", "then")), len(tokens))
    said = [token.word for token in tokens[:stop] if token.word != "the"]
    return any(one == "in" and (other,) in lexicon.aliases for one, other in pairwise(said))


def _is_saying(tokens: list[Token], lexicon: Lexicon) -> bool:
    told = requests.imperative(courtesy.without(tuple(tokens)), lexicon)
    return told is not None and told.verb.said in SAYS


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
        says = any(one.word in ("that", "about", "saying", "with") or one.is_quoted for one in rest[2:])
        return kind is SpanKind.EMAIL and says
    return (rest[0].word, kind) in {
        ("invoice", SpanKind.MONEY), ("bill", SpanKind.MONEY), ("order", SpanKind.NUMBER), ("bill", SpanKind.EMAIL),
        ("invoice", SpanKind.EMAIL), ("refund", SpanKind.MONEY),
    }  # fmt: skip
