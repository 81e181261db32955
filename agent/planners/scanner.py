"""What stands at one place of a clause: a noun, an enum value, a system, a cue, a value. It moves on when it takes
one."""

from __future__ import annotations

import re

from agent.goal import Span, SpanKind
from agent.planners import names
from agent.planners.book import Lexicon, leaf
from agent.planners.names import Words
from agent.planners.tokens import Token
from discovery import words

PREPOSITIONS = frozenset(
    "to of in on over for with from as by at into onto under via using about regarding until till through named called"
    " titled entitled out".split()
)
AND = frozenset({"and", "&", "plus"})
IS = frozenset({"is", "are", "be", "being", "was"})
NAMING = frozenset({":", "=", "#", "named", "called", "titled", "entitled"})
_CALLED = frozenset({"named", "called", "titled", "entitled"})
#: Words before a value that say what it is for, as the field they stand for.
CUES: dict[Words, Words] = {
    ("assigned", "to"): ("assignee",),
    ("owned", "by"): ("owner",),
    ("managed", "by"): ("manager",),
    ("reporting", "to"): ("manager",),
    ("who", "reports", "to"): ("manager",),
    ("reports", "to"): ("manager",),
    ("report", "to"): ("manager",),
    ("requested", "by"): ("requester",),
    ("reported", "by"): ("requester",),
    ("on", "behalf", "of"): ("requester",),
    ("in", "the", "name", "of"): ("requester",),
    ("due", "on"): ("due", "date"),
    ("due", "by"): ("due", "date"),
    ("due",): ("due", "date"),
    ("be", "paid", "by"): ("due", "date"),
    ("payable", "by"): ("due", "date"),
    ("payable", "until"): ("due", "date"),
    ("starting", "on"): ("start", "date"),
    ("starting",): ("start", "date"),
    ("starts", "on"): ("start", "date"),
    ("begins", "on"): ("start", "date"),
    ("ends", "on"): ("end", "date"),
    ("ending", "on"): ("end", "date"),
    ("ending",): ("end", "date"),
    ("closing", "on"): ("close", "date"),
    ("priced", "at"): ("unit", "price"),
    ("worth",): ("amount",),
    ("because", "of"): ("reason",),
    ("with", "reason"): ("reason",),
}
#: Words for a state -> the values that APIs give it, the plainest first.
STATES: dict[str, tuple[str, ...]] = {
    "pending": ("pending", "requested", "open"), "undecided": ("requested", "pending"),
    "unanswered": ("requested", "open"), "outstanding": ("open", "unpaid", "outstanding"),
    "open": ("open", "requested", "pending", "unpaid"),
    "unpaid": ("unpaid", "open"), "unconfirmed": ("draft", "unconfirmed"), "unsent": ("draft",),
}  # fmt: skip
KEYED = frozenset({"id", "number", "no", "nr", "ref"})
_ORDINARY = frozenset(
    "e follow part full long high low on off re pre co non self well up in sign set check time day half year"
    " one".split()
)
#: first parts of English compounds: `follow-up` is no key of a record, `vpn-users` may be
_NEVER_A_VALUE = (
    PREPOSITIONS | AND | IS | NAMING
    | frozenset("a an the this that these those it them him her they he she its his their all each every any"
    " just not no"
                " never only unless except without but or if when while before after then so because who null none"
                " nothing nobody empty blank someone somebody anyone anybody everyone everybody first last"
                " latest newest"
                " oldest best worst same next previous right wrong current whose which where than more less least most"
                " over other others else otherwise instead has have had will would should must can could may again now"
                " there here please also too yet still".split())
)  # fmt: skip


class Scanner:
    def __init__(self, tokens: tuple[Token, ...], lexicon: Lexicon) -> None:
        self.tokens = tokens
        self.lexicon = lexicon
        self.at = 0

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def typed_at(self, at: int) -> bool:
        return at < len(self.tokens) and self.tokens[at].typed is not None

    def head_at(self, at: int, least: int = 1) -> Words | None:
        """The longest wording of a resource or field that starts at token `at`, of `least` tokens."""
        opened = self.tokens[at].name if at < len(self.tokens) else None
        if opened is not None and " of " in opened.text and opened.start == self.tokens[at].start:
            return None  # Head of Purchasing
        for count in range(4, least - 1, -1):
            run = self.tokens[at : at + count]
            if len(run) == count and not any(one.typed or not _pieces(one) for one in run):
                said = tuple(part for one in run for part in _pieces(one))
                said = (*said[:-1], words.singular(said[-1])) if said else ()
                if said in self.lexicon.heads and not (count == 1 and run[0].word in PREPOSITIONS):
                    return said
        return None

    def take_head(self) -> Words:
        head = self.head_at(self.at)
        assert head is not None
        left = len(head)
        while left > 0:
            left -= len(_pieces(self.tokens[self.at]))
            self.at += 1
        return head

    def take_system(self, *, after_prep: bool) -> str | None:
        for count in (3, 2, 1):
            run = self.tokens[self.at : self.at + count]
            slug = self.lexicon.aliases.get(tuple(one.word for one in run)) if len(run) == count else None
            if slug is None:
                continue
            is_noun = self.head_at(self.at) is not None
            if is_noun and (not after_prep or self.typed_at(self.at + count)):
                continue  # `tickets` is a system in "in tickets", a noun in "for ticket T-1"
            self.at += count
            if (token := self.peek()) is not None and token.word in ("system", "app", "application"):
                self.at += 1
            return slug
        return None

    def take_cue(self) -> Words | None:
        for count in (4, 3, 2, 1):
            run = tuple(one.word for one in self.tokens[self.at : self.at + count])
            if len(run) == count and run in CUES and self.at + count < len(self.tokens):
                self.at += count
                return CUES[run]
        return self._take_participle()

    def _take_participle(self) -> Words | None:
        """`described as "…"`, `located in Oslo`: a participle of the same stem as the one field that it stands for."""
        run = self.tokens[self.at : self.at + 3]
        if len(run) < 3 or not run[0].word.endswith("ed") or run[1].word not in PREPOSITIONS:
            return None
        if run[2].typed is None and run[2].name is None:
            return None
        stem = run[0].word.removesuffix("ed")
        length = max(4, len(stem) - 1)
        found = {one for one in self.lexicon.settable if one[:length] == stem[:length]}
        if len(found) != 1:
            return None
        self.at += 2
        return (found.pop(),)

    def is_enum(self) -> bool:
        """Whether an enum value of several words stands here: `on leave`."""
        before = self.at
        found = self.take_enum()
        self.at = before
        return found is not None and " " in found.text

    def take_called(self) -> Span | None:
        """What stands after `called` or `named`, whatever it looks like: `called audit-2026`, `called North pier
        lights`."""
        token = self.peek()
        if token is None or not self.at or self.tokens[self.at - 1].word not in _CALLED:
            return None
        if token.typed is not None and token.typed.kind is SpanKind.ID:
            self.at += 1
            return token.typed.model_copy(update={"kind": SpanKind.QUOTED, "value": token.text})
        run = self._called_words()
        is_mixed = len(run) > 1 and run[0].text[:1].isupper() and any(one.text.islower() for one in run)
        if not is_mixed:
            return None
        self.at += len(run)
        text = " ".join(one.text for one in run)
        return Span(kind=SpanKind.QUOTED, start=run[0].start, end=run[-1].end, text=text, value=text)

    def _called_words(self) -> list[Token]:
        """The words up to the next comma, preposition or verb of a statement."""
        run = list[Token]()
        for token in self.tokens[self.at :]:
            is_end = token.word in PREPOSITIONS | AND | IS | {"'s", "has", "was"} or not re.match(r"\w", token.text)
            if is_end or token.typed is not None:
                break
            run.append(token)
        return run

    def take_enum(self, after: Words = ()) -> Span | None:
        """The longest enum value that stands here in words; after its field, one that is a noun too."""
        for count in (4, 3, 2, 1):
            run = self.tokens[self.at : self.at + count]
            if len(run) < count or any(one.typed and one.typed.kind is SpanKind.QUOTED for one in run):
                continue
            if run[0].name is not None and run[0].text.istitle() and count == 1 and run[0].span != run[0].name:
                continue
            said = " ".join(re.findall(r"[^\W_]+", " ".join(one.text for one in run))).lower()
            if said and said in self.lexicon.enums and (count == 1 or all(one.text.strip(",.") for one in run)):
                is_noun = count == 1 and self.head_at(self.at) is not None and self.head_at(self.at + 1) is None
                if is_noun and after[-1:] != ("status",):
                    continue
                self.at += count
                text = " ".join(one.text for one in run)
                value = self.lexicon.enums[said]
                return Span(kind=SpanKind.NAME, start=run[0].start, end=run[-1].end, text=text, value=value)
        return None

    def take_state(self, head: Words) -> Span | None:
        """The state that stands here, in which a record called `head` may be; `pending` is said of several."""
        before = self.at
        if (told := self.take_enum()) is not None and self.lexicon.can_be(head, told):
            return told
        self.at = before
        token = self.tokens[before]
        for value in STATES.get(token.word, ()):
            said = Span(kind=SpanKind.NAME, start=token.start, end=token.end, text=token.text, value=value)
            if self.lexicon.can_be(head, said):
                self.at += 1
                return said
        return None

    def take_value(self, *, after: Words = ()) -> Span | None:
        """The value that stands here; after a noun, one that the noun's field may take."""
        token = self.peek()
        if token is None:
            return None
        before = self.at
        if (enum := self.take_enum(after)) is not None:
            if not after or takes(enum, after, self.lexicon):
                return enum
            self.at = before
            return None
        if token.typed is not None:
            self.at += 1
            return token.typed
        if token.name is not None:
            return self._take_name(token.name)
        if not self._is_word_value(token, after):
            return None
        self.at += 1
        return Span(kind=SpanKind.NAME, start=token.start, end=token.end, text=token.text, value=token.text)

    def skip_naming(self) -> None:
        """What may stand between a noun and its value: `number`, a colon, `named`, `is`."""
        while (token := self.peek()) is not None:
            is_key = token.word in KEYED and self.typed_at(self.at + 1)
            is_told = token.word in IS and (self.typed_at(self.at + 1) or self._named_at(self.at + 1))
            if not is_key and not is_told and token.word not in NAMING:
                return
            self.at += 1

    def _named_at(self, at: int) -> bool:
        return at < len(self.tokens) and self.tokens[at].name is not None

    def _is_word_value(self, token: Token, after: Words) -> bool:
        """Whether a plain word is a value: it is spelled like a key, or stands right after a field that takes a
        text."""
        if token.word in _NEVER_A_VALUE or re.fullmatch(r"[^\W_][\w.-]*", token.text) is None:
            return False
        if is_keylike(token.text):
            return self.head_at(self.at) is None
        if token.word.endswith("ly"):
            return False  # set its stage accordingly
        is_introduced = self.at > 0 and self.tokens[self.at - 1].word in NAMING - {"#"}
        following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        is_last = following is None or following.word in _NEVER_A_VALUE | {",", ")"}
        is_field = bool(after) and not self.lexicon.book.named(after)
        return bool(after) and is_last and (is_field or is_introduced) and self.lexicon.verb(token.word) is None

    def _take_name(self, name: Span) -> Span:
        """What is left of a name, after words of it that were nouns."""
        first = self.tokens[self.at]
        last = first
        while (token := self.peek()) is not None and token.name is name:
            last, self.at = token, self.at + 1
        is_whole = (first.start, last.end) == (name.start, name.end)
        text = name.text if is_whole else name.text[first.start - name.start : last.end - name.start]
        return Span(kind=SpanKind.NAME, start=first.start, end=last.end, text=text, value=text)


def _pieces(token: Token) -> list[str]:
    return re.findall(r"[^\W_]+", token.word.replace("e-mail", "email"))


def is_keylike(text: str) -> bool:
    """Whether a word in small letters is spelled like a key: `vpn-users`, `jane.doe`, `a4`."""
    parts = re.split(r"[._-]", text)
    is_spelled = len(parts) > 1 or re.search(r"\d", text) is not None
    return text.islower() and is_spelled and parts[0] not in _ORDINARY


def takes(value: Span, head: Words, lexicon: Lexicon) -> bool:
    """Whether some field that `head` names has this enum value."""
    return any(
        value.value in values and names.closeness(head, name)
        for signature in lexicon.book.signatures
        for name, values in (
            *((argument.name, argument.enum) for argument in signature.args),
            *((leaf(field), field.enum) for field in signature.result),
        )
    )
