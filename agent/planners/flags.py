"""Arguments that are true or false: said by an adjective (`a public comment`, `an internal note`) or by a clause that
denies what they are for (`one that the customer does not see`)."""

from __future__ import annotations

from agent.planners import cautions, names
from agent.planners.book import Lexicon
from agent.planners.tokens import Token
from discovery import words
from discovery.lower import ArgumentSignature

#: What is said of a thing that is not so.
_OPPOSITES = {
    "public": "internal private hidden confidential",
    "internal": "public external",
    "private": "public",
    "visible": "hidden invisible internal",
    "enabled": "disabled",
    "active": "inactive",
    "mandatory": "optional",
    "required": "optional",
}
_RELATIVE = frozenset({"that", "which"})
_LONGEST = 8


def without_denial(tokens: tuple[Token, ...], lexicon: Lexicon) -> tuple[tuple[Token, ...], str]:
    """The tokens without a relative clause that denies the purpose of a flag, and its verb; "" when there is none."""
    for at, token in enumerate(tokens):
        if token.word not in _RELATIVE:
            continue
        clause = tokens[at : at + _LONGEST]
        stop = next((place for place, one in enumerate(clause) if one.word in (",", ":") or one.typed), len(clause))
        denials = [place for place, one in enumerate(clause[:stop]) if cautions.is_negation(one)]
        if len(denials) != 1 or stop != denials[0] + 2:
            continue
        verb = clause[stop - 1].word
        if any(is_for(one, verb) for one in lexicon.flag_arguments):
            start = at - (tokens[at - 1].word == "one")
            return (*tokens[:start], *tokens[at + stop :]), verb
    return tokens, ""


def opposites(name: str) -> set[str]:
    """The words that say of a thing that it is not so."""
    whole = "_".join(names.spoken(name))
    return {f"{prefix}{whole}" for prefix in ("un", "in", "non-", "non")} | set(_OPPOSITES.get(whole, "").split())


def is_for(argument: ArgumentSignature, verb: str) -> bool:
    """Whether the flag's own description says what the verb does: `Whether the requester sees it`."""
    told = {words.singular(one) for one in words.split(argument.description)}
    return bool(verb) and argument.type == "boolean" and words.singular(verb) in told
