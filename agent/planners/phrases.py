"""Clauses as phrases: `to the owner of deal D-104` is one, with its preposition, its noun and what it belongs to.

Every word must find its place. The first that does not stops the reading, because a word that a parser skips may be the
one that changes the meaning ("unless", "except", "not").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agent.goal import Span, SpanKind
from agent.planners import grammar, names
from agent.planners.book import Lexicon, leaf
from agent.planners.names import Words
from agent.planners.tokens import Token
from discovery import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    start: int
    end: int
    prep: str = ""
    cue: Words = ()
    #: the field that words before it name: `assigned to …` is (assignee,)
    head: Words = ()
    value: Span | None = None
    key: Words = ()
    #: the field by which the value picks the record: `the company with domain …`
    of: Phrase | None = None
    pronoun: str = ""
    system: str = ""
    is_every: bool = False

    def is_bare(self) -> bool:
        """Whether it is a value or a pronoun without a noun."""
        return not self.head and self.of is None


class NotUnderstood(Exception):
    """A word that found no place."""

    def __init__(self, *, text: str) -> None:
        super().__init__(text)
        self.text = text


class Reader:
    """Reads the phrases of one clause, left to right, with no way back."""

    def __init__(self, tokens: tuple[Token, ...], lexicon: Lexicon) -> None:
        self._tokens = tokens
        self._lexicon = lexicon
        self._at = 0

    def read(self) -> tuple[Phrase, ...]:
        """All phrases in order. Raises NotUnderstood with the first word that has no place."""
        found: list[Phrase] = []
        prep, system, every = "", "", False
        cue: Words = ()
        start: int | None = None
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            start = token.start if start is None else start
            if (told := self._cue()) is not None:
                cue = told
            elif (slug := self._system(after_prep=bool(prep))) is not None:
                if self._head_at(self._at) is None:
                    found.append(Phrase(start=start, end=self._tokens[self._at - 1].end, prep=prep, system=slug))
                    prep, cue, start = "", (), None
                else:
                    system = slug
            elif token.word in grammar.PREPOSITIONS and not self._is_enum() and not self._is_aside():
                prep, self._at = (token.word if not prep or token.word != "of" else prep), self._at + 1
            elif token.word in grammar.EVERY:
                every, self._at = True, self._at + 1
            elif self._is_aside():
                self._at += 2
            elif token.word in grammar.FILLERS or token.word in grammar.AND or (token.word in grammar.IS and found):
                self._at += 1
            else:
                phrase = _placed(self._noun_phrase(), token, system)
                found.append(replace(phrase, start=start, prep=prep, cue=cue, is_every=every))
                prep, cue, system, every, start = "", (), "", False, None
        if prep or cue or every or system:
            raise NotUnderstood(text=self._tokens[-1].text)
        return tuple(found)

    def is_compound(self) -> bool:
        """Whether the tokens open with a noun of several words."""
        return self._head_at(0, least=2) is not None

    def starts_with_head(self) -> bool:
        """Whether the tokens open with a noun of the shortlist, perhaps after the name of a system."""
        return self._head_at(0) is not None or self._system(after_prep=False) is not None

    def _noun_phrase(self) -> Phrase:
        token = self._tokens[self._at]
        if token.word in grammar.POSSESSIVE and self._head_at(self._at + 1) is not None:
            owner = Phrase(start=token.start, end=token.end, pronoun=token.word)
            self._at += 1
            return self._belonging(replace(self._headed(), of=owner))
        if token.word in grammar.PRONOUNS:
            self._at += 1
            return Phrase(start=token.start, end=token.end, pronoun=token.word)
        if (designated := self._designated()) is not None:
            return self._belonging(designated)
        if self._head_at(self._at) is not None:
            return self._belonging(self._headed())
        value = self._value(is_free=True)
        if value is None:
            raise NotUnderstood(text=token.text)
        if value.kind is SpanKind.NUMBER:
            self._skip_units()
        return self._belonging(Phrase(start=value.start, end=value.end, value=value))

    def _headed(self) -> Phrase:
        """A noun with what names it: `deal D-104`, `priority high`, `the company with domain x.example`."""
        first = self._tokens[self._at]
        head = self._take_head()
        is_resource = bool(self._lexicon.book.named(head))
        before = self._at
        self._skip_naming()
        if not is_resource and self._at == before and self._is_of_amount():
            self._at += 1
        value = self._value(is_free=True, after=head)
        if value is not None and not self._can_name(head, value, is_resource=is_resource):
            value = None
        if value is None:
            self._at = before
        return Phrase(start=first.start, end=self._tokens[self._at - 1].end, head=head, value=value)

    def _is_of_amount(self) -> bool:
        """Whether `of 60,000 EUR` stands here."""
        token, following = self._peek(), self._tokens[self._at + 1 : self._at + 2]
        is_amount = bool(following) and following[0].typed is not None and following[0].typed.kind in grammar.AMOUNTS
        return token is not None and token.word == "of" and is_amount

    def _can_name(self, head: Words, value: Span, *, is_resource: bool) -> bool:
        """Whether the value can belong to the noun: no amount names a record, and no quoted text a person's field."""
        if is_resource:
            return value.kind not in grammar.AMOUNTS - {SpanKind.NUMBER}
        return value.kind is not SpanKind.QUOTED or self._lexicon.is_field(head)

    def _designated(self) -> Phrase | None:
        """A word or a name before its noun: `the finance group`, `high priority`."""
        before = self._at
        token = self._tokens[before]
        told = self._enum()
        if told is None:
            is_the = before > 0 and self._tokens[before - 1].word == "the"
            if not is_the or self._head_at(before) is not None:
                return None
            told = self._value(is_free=True)
        head = self._head_at(self._at)
        if told is None or head is None or told.kind not in (SpanKind.NAME, SpanKind.QUOTED):
            self._at = before
            return None
        if token.typed is None and in_enums(told, self._lexicon) and not _takes(told, head, self._lexicon):
            return Phrase(start=told.start, end=told.end, value=told)  # an urgent ticket: two phrases
        self._take_head()
        return Phrase(start=token.start, end=self._tokens[self._at - 1].end, head=head, value=told)

    def _belonging(self, phrase: Phrase) -> Phrase:
        """`phrase` with its owner or as one: `owner of deal D-104`, `D-104's owner`."""
        token = self._peek()
        if token is None:
            return phrase
        if token.word in ("'s", "'") and self._head_at(self._at + 1) is not None:
            self._at += 1
            owned = self._headed()
            return self._belonging(replace(owned, of=phrase, start=phrase.start))
        is_free = phrase.head and phrase.value is None and phrase.of is None
        if token.word == "of" and is_free and not self._is_of_amount():
            self._at += 1
            self._skip_fillers()
            if self._peek() is None:
                raise NotUnderstood(text="of")
            system = self._system(after_prep=False) or ""
            owner = replace(self._noun_phrase(), system=system)
            return replace(phrase, of=owner, end=owner.end)
        if token.word in ("with", "whose", "having") and phrase.head and phrase.value is None:
            return self._keyed(phrase)
        return phrase

    def _keyed(self, phrase: Phrase) -> Phrase:
        """`the contact with email …`, for a noun that nothing else names; the caller undoes it for a new record."""
        if not self._lexicon.book.named(phrase.head):
            return phrase
        before = self._at
        self._at += 1
        self._skip_fillers()
        key = self._head_at(self._at)
        if key is not None and self._lexicon.is_key(phrase.head, key):
            self._take_head()
            while (token := self._peek()) is not None and token.word in grammar.IS:
                self._at += 1
            value = self._value(is_free=True, after=key)
            if value is not None:
                return replace(phrase, key=key, value=value, end=value.end)
        self._at = before
        return phrase

    def _value(self, *, is_free: bool, after: Words = ()) -> Span | None:
        token = self._peek()
        if token is None:
            return None
        before = self._at
        if (enum := self._enum()) is not None:
            if not after or _takes(enum, after, self._lexicon):
                return enum
            self._at = before
            return None
        if token.typed is not None:
            self._at += 1
            return token.typed
        if token.name is not None:
            return self._name(token.name)
        is_word = re.fullmatch(r"[^\W_][\w.-]*", token.text) is not None
        if not is_free or not is_word or token.word in grammar.NOT_A_VALUE:
            return None
        if self._head_at(self._at) is not None and not self._is_plain_field(after):
            return None
        if not after and self._tokens[self._at - 1 : self._at] and self._tokens[self._at - 1].word == "a":
            return None
        self._at += 1
        return Span(kind=SpanKind.NAME, start=token.start, end=token.end, text=token.text, value=token.text)

    def _is_plain_field(self, head: Words) -> bool:
        """Whether `head` is a field whose value may be this last word, though it names a resource: `kind vacation`."""
        following = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
        is_last = following is None or following.word in grammar.NOT_A_VALUE
        return bool(head) and not self._lexicon.book.named(head) and is_last

    def _name(self, name: Span) -> Span:
        """What is left of a name, after words of it that were nouns."""
        first = self._tokens[self._at]
        last = first
        while (token := self._peek()) is not None and token.name is name:
            last, self._at = token, self._at + 1
        text = name.text[first.start - name.start : last.end - name.start]
        return Span(kind=SpanKind.NAME, start=first.start, end=last.end, text=text, value=text)

    def _is_enum(self) -> bool:
        """Whether an enum value of several words stands here: `on leave`."""
        before = self._at
        found = self._enum()
        self._at = before
        return found is not None and " " in found.text

    def _enum(self) -> Span | None:
        """The longest enum value that stands here in words."""
        for count in (4, 3, 2, 1):
            run = self._tokens[self._at : self._at + count]
            if len(run) < count or any(one.typed and one.typed.kind is SpanKind.QUOTED for one in run):
                continue
            said = " ".join(re.findall(r"[^\W_]+", " ".join(one.text for one in run))).lower()
            if said in self._lexicon.enums and (count == 1 or all(one.text.strip(",.") for one in run)):
                if count == 1 and self._head_at(self._at) is not None and self._head_at(self._at + 1) is None:
                    continue
                self._at += count
                text = " ".join(one.text for one in run)
                value = self._lexicon.enums[said]
                return Span(kind=SpanKind.NAME, start=run[0].start, end=run[-1].end, text=text, value=value)
        return None

    def _head_at(self, at: int, least: int = 1) -> Words | None:
        """The longest wording of a resource or field that starts at token `at`, of `least` tokens."""
        for count in range(4, least - 1, -1):
            run = self._tokens[at : at + count]
            if len(run) == count and not any(one.typed for one in run):
                said = tuple(part for one in run for part in re.findall(r"[^\W_]+", one.word))
                said = (*said[:-1], words.singular(said[-1])) if said else ()
                if said in self._lexicon.heads and not (count == 1 and run[0].word in grammar.PREPOSITIONS):
                    return said
        return None

    def _take_head(self) -> Words:
        head = self._head_at(self._at)
        assert head is not None
        left = len(head)
        while left > 0:
            left -= len(re.findall(r"[^\W_]+", self._tokens[self._at].word))
            self._at += 1
        return head

    def _system(self, *, after_prep: bool) -> str | None:
        for count in (3, 2, 1):
            run = self._tokens[self._at : self._at + count]
            slug = self._lexicon.aliases.get(tuple(one.word for one in run)) if len(run) == count else None
            if slug is None:
                continue
            is_noun = self._head_at(self._at) is not None
            if is_noun and (not after_prep or self._typed_at(self._at + count)):
                continue  # `tickets` is a system in "in tickets", a noun in "for ticket T-1"
            self._at += count
            if (token := self._peek()) is not None and token.word in ("system", "app", "application"):
                self._at += 1
            return slug
        return None

    def _is_aside(self) -> bool:
        return tuple(token.word for token in self._tokens[self._at : self._at + 2]) in grammar.ASIDES

    def _cue(self) -> Words | None:
        for count in (4, 3, 2, 1):
            run = tuple(one.word for one in self._tokens[self._at : self._at + count])
            if len(run) == count and run in grammar.CUES and self._at + count < len(self._tokens):
                self._at += count
                return grammar.CUES[run]
        return None

    def _skip_naming(self) -> None:
        while (token := self._peek()) is not None:
            is_key = token.word in grammar.KEYED and self._typed_at(self._at + 1)
            if not is_key and token.word not in grammar.NAMING:
                return
            self._at += 1

    def _skip_units(self) -> None:
        while (token := self._peek()) is not None and token.word in grammar.UNITS | {"of"}:
            self._at += 1

    def _skip_fillers(self) -> None:
        while (token := self._peek()) is not None and token.word in grammar.FILLERS:
            self._at += 1

    def _typed_at(self, at: int) -> bool:
        return at < len(self._tokens) and self._tokens[at].typed is not None

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None


def _placed(phrase: Phrase, first: Token, system: str) -> Phrase:
    """`phrase` with the system named before it, which in `the billing customer's email` is that of the customer."""
    if not system:
        return phrase
    if phrase.of is not None and phrase.of.start <= first.start:
        return replace(phrase, of=replace(phrase.of, system=system))
    return replace(phrase, system=system)


def in_enums(value: Span, lexicon: Lexicon) -> bool:
    return value.value in lexicon.enums.values()


def _takes(value: Span, head: Words, lexicon: Lexicon) -> bool:
    """Whether some field that `head` names has this enum value."""
    return any(
        value.value in values and names.closeness(head, name)
        for signature in lexicon.book.signatures
        for name, values in (
            *((argument.name, argument.enum) for argument in signature.args),
            *((leaf(field), field.enum) for field in signature.result),
        )
    )
