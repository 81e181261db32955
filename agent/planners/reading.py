"""Clauses as phrases: `to the owner of deal D-104` is one, with its preposition, its noun and what it belongs to.

A plain word that names nothing is passed over; it may still say which field the value beside it belongs to. The words
that change a meaning ("unless", "except", "not") never come here: `cautions` refuses them first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from agent.goal import Span, SpanKind
from agent.planners import changes
from agent.planners.book import Lexicon
from agent.planners.names import Words
from agent.planners.phrases import Phrase
from agent.planners.scanner import AND, IS, KEYED, PREPOSITIONS, Scanner, takes
from agent.planners.tokens import POSSESSIVES, Token
from discovery import words

_EVERY = frozenset({"all", "each", "every", "any"})
_PRONOUNS = frozenset("it them him her they he she there".split())
_PEOPLE = frozenset({"him", "her", "them"})
_DESCRIBING = frozenset({"of", "in", "at", "from"})
_ITS = frozenset({"its", "their"})
_FILLERS = frozenset(
    "a an the this that these those new following please also both just there same , : ( ) = - – —".split()
)
BEARING = frozenset("carries has bears shows holds got".split())
_RELATIVE = frozenset({"that", "which"})
_STILL = frozenset({"still", "currently", "now", "yet"})
_BECOMES = frozenset({"is", "be", "becomes", "become"})
_ASKER: Words = ("requester",)
_DOERS: dict[str, Words] = {
    "owns": ("owner",), "manages": ("manager",), "requested": ("requester",), "reported": ("requester",),
    "opened": ("requester",),
}  # fmt: skip
_UNITS = frozenset("units unit pieces piece pcs x times".split())
_AMOUNTS = frozenset({SpanKind.MONEY, SpanKind.NUMBER, SpanKind.DATE, SpanKind.PERCENT})


class Reader:
    """Reads the phrases of one clause, left to right, with no way back."""

    def __init__(self, tokens: tuple[Token, ...], lexicon: Lexicon, *, is_remark: bool = False) -> None:
        self._tokens = tokens
        self._is_remark = is_remark
        #: a remark tells in what state things are, where a request tells what state they shall have
        self._lexicon = lexicon
        self._scan = Scanner(tokens, lexicon)

    def read(self) -> tuple[Phrase, ...]:
        """All phrases in order."""
        scan = self._scan
        found: list[Phrase] = []
        prep, system, every, is_joined = "", "", False, False
        cue: Words = ()
        while (token := scan.peek()) is not None:
            if (told := scan.take_cue()) is not None:
                cue = told
            elif (slug := scan.take_system(after_prep=bool(prep))) is not None:
                if scan.head_at(scan.at) is None:
                    found.append(Phrase(start=token.start, end=self._tokens[scan.at - 1].end, prep=prep, system=slug))
                    prep, cue = "", ()
                else:
                    system = slug
            elif token.word in PREPOSITIONS and not scan.is_enum():
                prep, scan.at = token.word, scan.at + 1
            elif token.word in _EVERY:
                every, scan.at = True, scan.at + 1
            elif (listed := self._listed_word(found, is_joined=is_joined)) is not None:
                found.append(listed)
                is_joined = False
                continue
            elif (phrase := self._noun_phrase()) is not None:
                placed = _placed(phrase, token, system)
                cue = cue if _is_cued(cue, phrase) else ()
                found.append(
                    replace(placed, prep=prep, cue=cue or placed.cue, is_every=every, is_listed=is_joined and not prep)
                )
                prep, cue, system, every, is_joined = "", (), "", False, False
                continue
            else:
                scan.at += 1
                prep = prep if token.word in _FILLERS else ""
            is_joined = token.word in AND or (is_joined and token.word in _FILLERS)
        read = self._with_roles(self._with_surroundings([*_with_descriptions(found)]))
        return tuple(changes.paired(changes.described(read, self._lexicon), self._lexicon))

    def _listed_word(self, found: list[Phrase], *, is_joined: bool) -> Phrase | None:
        """`staff` of `the groups staff and vpn-users`: a plain word in a list of names after the noun for several."""
        scan = self._scan
        token = self._tokens[scan.at]
        last = found[-1] if found else None
        before = self._tokens[scan.at - 1] if scan.at else None
        if last is None or before is None or not self._lexicon.is_named_by_word(last.head) or token.span is not None:
            return None
        is_free = scan.head_at(scan.at) is None and re.fullmatch(r"[a-z]{3,}", token.text) is not None
        is_first = last.value is None and before.end == last.end and words.singular(before.word) != before.word
        is_more = is_joined and last.value is not None and not last.of and before.word in AND
        if not is_free or not ((is_first and self._word(scan.at + 1) in AND | {","}) or is_more):
            return None
        scan.at += 1
        value = Span(kind=SpanKind.NAME, start=token.start, end=token.end, text=token.text, value=token.text)
        if is_first:
            found.pop()
            return replace(last, value=value, end=token.end)
        return Phrase(start=token.start, end=token.end, value=value, is_listed=True)

    def _with_roles(self, found: list[Phrase]) -> list[Phrase]:
        """`X as the requester`, `X will be his manager`: the noun says which field the thing before it is for."""
        placed: list[Phrase] = []
        for phrase in found:
            is_as = bool(placed) and phrase.prep == "as" and placed[-1].pronoun in _PEOPLE
            told = next((at for at in range(len(placed) - 1, -1, -1) if is_as or not _is_pronoun(placed[at])), None)
            if told is not None and self._is_role(placed[told], phrase):
                placed[told] = replace(placed[told], cue=phrase.head)
                if phrase.of is not None and not phrase.of.pronoun:
                    placed.append(replace(phrase.of, prep="of"))  # make X the owner of deal D-1
            else:
                placed.append(phrase)
        return placed

    def _is_role(self, thing: Phrase, phrase: Phrase) -> bool:
        is_noun = bool(phrase.head) and phrase.value is None
        is_said = thing.value is not None or thing.of is not None or thing.pronoun in _PEOPLE
        is_thing = is_said and not thing.cue and not thing.system
        is_fact = phrase.prep == "as" and thing.is_typed() and not thing.head and self._lexicon.is_field(phrase.head)
        between = {one.word for one in self._tokens if thing.end <= one.start and one.end <= phrase.start}
        if between & {"a", "an"} and self._lexicon.book.named(phrase.head):
            return False  # add jane@… as a contact
        is_fact = is_fact or (self._is_dated(thing, phrase) and bool(between & _BECOMES))
        if is_noun and is_thing and is_fact and (phrase.of is None or phrase.of.pronoun in POSSESSIVES):
            return True  # 30 November as its close date
        if not is_noun or not is_thing or not self._lexicon.is_role(phrase.head):
            return False
        is_its = phrase.of is not None and (not phrase.of.pronoun or phrase.of.pronoun in _ITS)
        is_new = is_its and phrase.of is not None and phrase.of.value is None
        if is_new and self._lexicon.book.named(phrase.head) and self._is_addressed(phrase):
            return False  # add Ada Lovelace (ada@…) as its contact
        is_owned = phrase.of is not None and not phrase.of.pronoun
        if is_owned and not self._lexicon.is_reference(phrase.head):
            return False
        is_told = phrase.prep == "as" or (not phrase.prep and bool(between & _BECOMES))
        is_beside = not phrase.prep and phrase.of is not None and bool(phrase.of.pronoun) and between <= POSSESSIVES
        is_made = is_beside and self._lexicon.is_reference(phrase.head)  # make Ada Lovelace his manager
        return is_told or is_made or (not phrase.prep and is_owned and between == {"the"})

    def _is_dated(self, thing: Phrase, phrase: Phrase) -> bool:
        """`30 June is his last day`."""
        is_date = thing.value is not None and thing.value.kind is SpanKind.DATE and not thing.head
        return is_date and not phrase.prep and self._lexicon.is_field(phrase.head)

    def _is_addressed(self, phrase: Phrase) -> bool:
        """Whether an e-mail address stands before the phrase."""
        return any(one.typed and one.typed.kind is SpanKind.EMAIL and one.end <= phrase.start for one in self._tokens)

    def is_compound(self) -> bool:
        """Whether the tokens open with a noun of several words."""
        return self._scan.head_at(0, least=2) is not None

    def head(self) -> Words | None:
        """The noun that the tokens open with."""
        return self._scan.head_at(0)

    def starts_with_head(self) -> bool:
        """Whether the tokens open with a noun of the shortlist, perhaps after the name of a system."""
        return self._scan.head_at(0) is not None or self._scan.take_system(after_prep=False) is not None

    def starts_with_system(self) -> bool:
        """Whether the tokens open with the name of a system that is no noun here."""
        return self._scan.take_system(after_prep=True) is not None

    def system_length(self) -> int:
        """How many of the first tokens name a system."""
        return self._scan.at if self._scan.take_system(after_prep=True) is not None else 0

    def _with_surroundings(self, found: list[Phrase]) -> list[Phrase]:
        """Each phrase with the words around its value, which may say what it is for."""
        values = [one.value for one in found if one.value is not None]
        ends = [0, *(one.end for one in values)]
        starts = [*(one.start for one in values), self._tokens[-1].end + 1 if self._tokens else 0]
        told: dict[int, tuple[Words, Words]] = {}
        for place, value in enumerate(values):
            told[value.start] = (self._words(ends[place], value.start), self._words(value.end, starts[place + 1]))
        return [
            replace(one, before=told[one.value.start][0], after=told[one.value.start][1])
            if one.value is not None
            else replace(one, before=self._words(max(0, one.start - 40), one.start)[-1:])
            for one in found
        ]

    def _words(self, start: int, end: int) -> Words:
        return tuple(one.word for one in self._tokens if start <= one.start and one.end <= end and one.word.isalpha())

    def _noun_phrase(self) -> Phrase | None:
        phrase = self._thing()
        return None if phrase is None else self._stated(phrase)

    def _thing(self) -> Phrase | None:
        scan = self._scan
        token = scan.tokens[scan.at]
        is_word = token.name is None or not token.text.isupper()  # `IT` is a country
        if token.word in POSSESSIVES and self._in_the_name(scan.at + 1):
            scan.at += 2
            return Phrase(start=token.start, end=token.end, pronoun=token.word, cue=_ASKER)
        if token.word in POSSESSIVES and is_word and scan.head_at(scan.at + 1) is not None:
            owner = Phrase(start=token.start, end=token.end, pronoun=token.word)
            scan.at += 1
            owned = self._headed()
            return owned if owned.value is not None else self._belonging(replace(owned, of=owner))
        if token.word in POSSESSIVES and is_word and (placed := self._placed_own(token)) is not None:
            return placed
        if token.word in POSSESSIVES and is_word and (stated := self._stated_own(token)) is not None:
            return stated
        if token.word in ("that", "this") and self._word(scan.at + 1) == "person":
            scan.at += 2
            return Phrase(start=token.start, end=token.end, pronoun="them")
        if token.word in _PRONOUNS and is_word:
            scan.at += 1
            return Phrase(start=token.start, end=token.end, pronoun=token.word)
        if token.word == "whoever" and (role := _DOERS.get(self._word(scan.at + 1))) is not None:
            before, scan.at = scan.at, scan.at + 2
            self._skip(_FILLERS)
            doer_of = self._noun_phrase() if scan.peek() is not None else None
            if doer_of is not None:
                return Phrase(start=token.start, end=doer_of.end, head=role, of=doer_of)
            scan.at = before
        if (designated := self._designated()) is not None:
            return self._belonging(designated)
        if scan.head_at(scan.at) is not None:
            return self._belonging(self._headed())
        value = scan.take_value()
        if value is None:
            return None
        if value.kind is SpanKind.NUMBER:
            self._skip(_UNITS | {"of"})
        return self._belonging(Phrase(start=value.start, end=value.end, value=value))

    def _word(self, at: int) -> str:
        return self._tokens[at].word if at < len(self._tokens) else ""

    def _in_the_name(self, at: int) -> bool:
        """Whether `name` or `behalf` stands here, of `in her name`, `on his behalf`."""
        before = [token.word for token in self._tokens[max(0, at - 6) : at]]
        return {"name": "in", "behalf": "on"}.get(self._word(at), "-") in before

    def _headed(self) -> Phrase:
        """A noun with what names it: `deal D-104`, `priority high`, `the company with domain x.example`."""
        scan = self._scan
        first = scan.tokens[scan.at]
        head = scan.take_head()
        is_resource = bool(self._lexicon.book.named(head))
        before = scan.at
        scan.skip_naming()
        if not is_resource and scan.at == before and self._is_of_amount():
            scan.at += 1
        value = scan.take_called() or scan.take_value(after=head)
        is_told = scan.tokens[max(0, scan.at - 2)].word == ":"
        if value is not None and is_resource and is_told and value.kind is SpanKind.QUOTED:
            value = None  # comment on the ticket: "…"
        if value is not None and not self._can_name(head, value, is_resource=is_resource):
            value = None
        if value is None:
            scan.at = before
        return Phrase(start=first.start, end=scan.tokens[scan.at - 1].end, head=head, value=value)

    def _is_of_amount(self) -> bool:
        """Whether `of 60,000 EUR` stands here."""
        token, following = self._scan.peek(), self._tokens[self._scan.at + 1 : self._scan.at + 2]
        is_amount = bool(following) and following[0].typed is not None and following[0].typed.kind in _AMOUNTS
        return token is not None and token.word == "of" and is_amount

    def _can_name(self, head: Words, value: Span, *, is_resource: bool) -> bool:
        """Whether the value can belong to the noun: no amount names a record, and no quoted text a person's field."""
        if is_resource:
            return value.kind not in _AMOUNTS - {SpanKind.NUMBER}
        return value.kind is not SpanKind.QUOTED or self._lexicon.is_field(head)

    def _designated(self) -> Phrase | None:
        """A noun with the states before it, or with one word or name that says which."""
        states: list[Span] = []
        while (state := self._state()) is not None:
            states.append(state)
        return replace(self._headed(), states=tuple(states), start=states[0].start) if states else self._named_before()

    def _placed_own(self, owner: Token) -> Phrase | None:
        """`her directory account`."""
        scan = self._scan
        before, scan.at = scan.at, scan.at + 1
        system = scan.take_system(after_prep=False) if scan.peek() is not None else None
        if system is None or scan.head_at(scan.at) is None:
            scan.at = before
            return None
        owned = replace(self._headed(), system=system)
        of = Phrase(start=owner.start, end=owner.end, pronoun=owner.word)
        return owned if owned.value is not None else self._belonging(replace(owned, of=of, start=owner.start))

    def _stated_own(self, owner: Token) -> Phrase | None:
        """`its open invoice`."""
        scan = self._scan
        before, scan.at = scan.at, scan.at + 1
        found = self._designated() if scan.peek() is not None else None
        if found is None or not found.states or found.value is not None:
            scan.at = before
            return None
        return self._belonging(replace(found, of=Phrase(start=owner.start, end=owner.end, pronoun=owner.word)))

    def _state(self) -> Span | None:
        """`open` of `open ticket`: a state of what the noun after it, or after one more state, names."""
        scan = self._scan
        before = scan.at
        for ahead in range(1, 4):
            head = scan.head_at(before + ahead)
            if head is None:
                continue
            state = scan.take_state(head)
            is_state = state is not None and not takes(state, head, self._lexicon)
            is_before = before < scan.at <= before + ahead
            if is_state and is_before and (scan.at == before + ahead or self._is_state_next(head)):
                return state
            scan.at = before
        return None

    def _is_state_next(self, head: Words) -> bool:
        before = self._scan.at
        found = self._scan.take_state(head)
        self._scan.at = before
        return found is not None

    def _named_before(self) -> Phrase | None:
        """A word or a name before its noun: `the finance group`, `high priority`, `net 30 payment terms`."""
        scan = self._scan
        before = scan.at
        token = scan.tokens[before]
        told = scan.take_enum()
        if told is None:
            is_the = before > 0 and scan.tokens[before - 1].word == "the"
            if not is_the or scan.head_at(before) is not None:
                return None
            told = scan.take_value() or self._plain_name(token)
        head = scan.head_at(scan.at)
        if told is None or head is None or told.kind not in (SpanKind.NAME, SpanKind.QUOTED):
            scan.at = before
            return None
        is_state = token.typed is None and any(told.value == one for one in self._lexicon.enums.values())
        if is_state and not takes(told, head, self._lexicon):
            return Phrase(start=told.start, end=told.end, value=told)  # an urgent ticket: two phrases
        scan.take_head()
        return Phrase(start=token.start, end=scan.tokens[scan.at - 1].end, head=head, value=told)

    def _stated(self, phrase: Phrase) -> Phrase:
        """`phrase` with the state that a relative clause gives it: `the order of X that is still a draft`."""
        scan = self._scan
        if scan.peek() is None or not self._lexicon.book.named(phrase.head) or phrase.states:
            return phrase
        before = scan.at
        is_told = self._is_remark and phrase.value is None and scan.tokens[before].word in IS
        is_said = scan.tokens[before].word in _RELATIVE or is_told
        if is_said and before + 1 < len(scan.tokens):
            scan.at += scan.tokens[before].word in _RELATIVE
            if scan.tokens[scan.at].word in IS:
                scan.at += 1
                self._skip(_FILLERS | _STILL)
                if self._word(scan.at) == "in":  # that is still in stage open, in the state draft
                    scan.at += 1
                    self._skip(_FILLERS)
                    if scan.peek() is not None and scan.head_at(scan.at) is not None:
                        scan.take_head()
                state = scan.take_state(phrase.head) if scan.peek() is not None else None
                if state is not None:
                    return replace(phrase, states=(state,), end=state.end)
        scan.at = before
        return phrase

    def _plain_name(self, token: Token) -> Span | None:
        """`finance` of `the finance group`."""
        following = self._scan.head_at(self._scan.at + 1)
        if not token.word.isalpha() or following is None or not self._lexicon.is_named_by_word(following):
            return None
        if self._lexicon.verb(token.word) or token.word in _FILLERS | PREPOSITIONS | IS | AND:
            return None
        self._scan.at += 1
        return Span(kind=SpanKind.NAME, start=token.start, end=token.end, text=token.text, value=token.text)

    def _belonging(self, phrase: Phrase) -> Phrase:
        """`phrase` with its owner or as one: `owner of deal D-104`, `D-104's owner`."""
        scan = self._scan
        token = scan.peek()
        if token is None:
            return phrase
        if token.word == "'s" and self._in_the_name(scan.at + 1):
            scan.at += 2
            return replace(phrase, cue=_ASKER)
        if token.word in ("'s", "'", "’") and (owned := self._owned_by(scan.at + 1)) is not None:
            return self._belonging(replace(owned, of=phrase, start=phrase.start))
        is_free = bool(phrase.head) and phrase.value is None and phrase.of is None
        if is_free and not self._is_of_amount() and self._owns(phrase.head):
            before = scan.at
            scan.at += {"belonging": 2, "that": 3, "which": 3}.get(token.word, 1)
            self._skip(_FILLERS)
            system = scan.take_system(after_prep=False) or "" if scan.peek() is not None else ""
            owner = self._noun_phrase() if scan.peek() is not None else None
            if owner is None or not self._may_own(token.word, owner):
                scan.at = before
                return phrase
            owner = replace(owner, system=system or owner.system, prep=token.word)
            return self._with_trait(replace(phrase, of=owner, end=owner.end))
        if is_free and self._lexicon.book.named(phrase.head) and scan.head_at(scan.at) is not None:
            before = scan.at
            owned = self._headed()
            if owned.value is None and owned.of is None and not self._lexicon.book.named(owned.head):
                return replace(owned, of=phrase, start=phrase.start)  # the deal amount
            scan.at = before
        is_bearing = token.word in _RELATIVE and self._word(scan.at + 1) in BEARING
        if (is_bearing or token.word in ("with", "whose", "having")) and phrase.head and phrase.value is None:
            return self._keyed(phrase)
        return phrase

    def _owned_by(self, at: int) -> Phrase | None:
        """The noun after a possessive, perhaps with its state: `Acme's draft invoice`."""
        scan = self._scan
        before, scan.at = scan.at, at
        if scan.peek() is not None and scan.head_at(at) is None:
            found = self._designated()
            if found is not None and found.states and found.value is None:
                return found
        if scan.peek() is not None and scan.head_at(scan.at) is not None:
            return self._headed()
        scan.at = before
        return None

    def _owns(self, head: Words) -> bool:
        """Whether the word here may join the noun to what it belongs to."""
        token = self._scan.peek()
        word = token.word if token is not None else ""
        if word in _RELATIVE:
            return self._word(self._scan.at + 1) == "belongs"
        if word == "with":
            return bool(self._lexicon.book.named(head)) and self._named_next()
        if word == "on":
            return self._lexicon.is_reference(head)  # the contact on deal D-1, but not a note on it
        return word in ("of", "belonging") or (word in ("for", "from", "by") and bool(self._lexicon.book.named(head)))

    def _named_next(self) -> bool:
        """Whether a name or an address follows the word here: the deal *with Acme*."""
        following = self._tokens[self._scan.at + 1 : self._scan.at + 2]
        return any(one.name is not None or (one.typed and one.typed.kind is SpanKind.EMAIL) for one in following)

    def _may_own(self, prep: str, owner: Phrase) -> bool:
        """The payment *for invoice X*, the ticket *from jane@…*; what is `for` a date or an amount does not own."""
        if prep in ("of", "on", "belonging", "that", "which"):
            return True
        is_record = bool(self._lexicon.book.named(owner.head)) and owner.value is not None
        is_someone = owner.value is not None and owner.is_bare() and owner.value.kind in (SpanKind.EMAIL, SpanKind.NAME)
        return is_record or is_someone

    def _keyed(self, phrase: Phrase) -> Phrase:
        """`the contact with email …`, for a noun that nothing else names; the caller undoes it for a new record."""
        scan = self._scan
        if not self._lexicon.book.named(phrase.head):
            return phrase
        before = scan.at
        scan.at += 1 + (self._word(scan.at) in _RELATIVE)
        self._skip(_FILLERS)
        if (plain := self._numbered(phrase)) is not None:
            return plain
        if scan.head_at(scan.at) is None and scan.head_at(scan.at + 1) is not None:
            scan.at += 1  # the portal reference
        key = scan.head_at(scan.at)
        if key is not None and self._lexicon.is_key(phrase.head, key):
            scan.take_head()
            self._skip(IS | {":"})
            value = scan.take_value(after=key)
            if value is not None:
                return replace(phrase, key=key, value=value, end=value.end)
        scan.at = before
        return phrase

    def _with_trait(self, phrase: Phrase) -> Phrase:
        """`the ticket of jane@… with the subject "…"`, `the request of Ada that starts on 2026-12-21`."""
        scan = self._scan
        token, before = scan.peek(), scan.at
        if token is None or not self._lexicon.book.named(phrase.head):
            return phrase
        if token.word in ("with", "whose", "having"):
            found = self._keyed(replace(phrase, of=None))
            if found.key and found.value is not None:
                return replace(phrase, traits=((found.key, found.value),), end=found.end)
        scan.at = before + (token.word in _RELATIVE)
        cue = scan.take_cue() if scan.peek() is not None else None
        value = scan.take_value() if cue is not None and scan.peek() is not None else None
        if cue is not None and value is not None and value.kind is SpanKind.DATE:
            return replace(phrase, traits=((cue, value),), end=value.end)
        scan.at = before
        return phrase

    def _numbered(self, phrase: Phrase) -> Phrase | None:
        """`with the number 70044`, `with id D-1`."""
        scan = self._scan
        is_field = self._lexicon.is_key(phrase.head, (self._word(scan.at),)) and self._word(scan.at) != "id"
        if self._word(scan.at) not in KEYED or is_field or not scan.typed_at(scan.at + 1):
            return None
        scan.at += 1
        value = scan.take_value(after=phrase.head)
        return None if value is None else replace(phrase, value=value, end=value.end)

    def _skip(self, skipped: frozenset[str]) -> None:
        while (token := self._scan.peek()) is not None and token.word in skipped:
            self._scan.at += 1


def _is_cued(cue: Words, phrase: Phrase) -> bool:
    """Whether the words before it can be said of the phrase: nothing but a date comes after `starting`."""
    value = phrase.value
    return cue[-1:] != ("date",) or value is None or value.kind is SpanKind.DATE


def _placed(phrase: Phrase, first: Token, system: str) -> Phrase:
    """`phrase` with the system named before it, which in `the billing customer's email` is that of the customer."""
    if not system:
        return phrase
    if phrase.of is not None and phrase.of.start <= first.start:
        return replace(phrase, of=replace(phrase.of, system=system))
    return replace(phrase, system=system)


def _with_descriptions(found: list[Phrase]) -> Iterator[Phrase]:
    """The phrases, those marked that only tell more of the one called by the name before: `Ada Lovelace in Sales`."""
    for before, phrase in zip([None, *found], found, strict=False):
        named = before.of if before is not None and before.of is not None else before
        is_name = named is not None and _is_proper(named) and " " in str(named.value and named.value.text)
        is_next = named is not None and phrase.start - named.end <= len(" from the ")
        is_more = is_name and is_next and phrase.prep in _DESCRIBING and _is_proper(phrase)
        yield replace(phrase, is_description=True) if is_more else phrase


def _is_proper(phrase: Phrase) -> bool:
    value = phrase.value
    return phrase.is_bare() and value is not None and value.kind is SpanKind.NAME and value.text[:1].isupper()


def _is_pronoun(phrase: Phrase) -> bool:
    return bool(phrase.pronoun) and phrase.is_bare()
