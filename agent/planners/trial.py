"""One clause tried against one action: what is filled, what is left to explain, and the small moves of filling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from pydantic import JsonValue

from agent.goal import Span, SpanKind
from agent.planners import amounts, names, searches
from agent.planners.book import PAGING, Book, Deed, Lexicon, key_argument
from agent.planners.chaining import Chain
from agent.planners.clauses import Clause
from agent.planners.draft import Draft, Misfit
from agent.planners.names import Words
from agent.planners.phrases import Phrase
from agent.planners.records import OWN_EMAIL, SELF_REFERENCES, Record, Wanted
from agent.planners.values import fit_value, is_amount
from agent.planners.verbs import Kind
from discovery.lower import ArgumentSignature, Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What every reading of a clause may lean on."""

    book: Book
    chain: Chain
    today: date
    lexicon: Lexicon

    def is_state(self, value: Span) -> bool:
        return self.lexicon.is_state(value)


class Trial:
    """The state of one reading. The passes in `spoken` and `carried` fill it; nothing of it outlives a misfit."""

    def __init__(self, clause: Clause, signature: Signature, deed: Deed, draft: Draft, scene: Scene) -> None:
        self.clause = clause
        self.signature = signature
        self.deed = deed
        self.scene = scene
        self.draft = draft
        self.args: dict[str, JsonValue] = {}
        self.left: list[Phrase] = [one for phrase in clause.phrases for one in self._apart(phrase)]
        #: the clause's own phrases that have no place yet
        self.context: list[Phrase] = [*clause.context]
        #: those of the remarks around it
        self.score = 0
        self.money: Span | None = None
        #: the amount that an argument holds, whose currency must still find its place
        self.source: Record | None = None
        #: the record that a new one is made from
        self.target: Record | None = None
        #: the record that the action works on
        self.aims: dict[int, Record] = {}
        #: the records of its path, by where the clause speaks of them

    def _apart(self, phrase: Phrase) -> Iterator[Phrase]:
        """A state said of what is yet to be made is a value of it: `an urgent ticket`."""
        if (phrase.states or phrase.traits) and self.deed.kind is Kind.CREATE and not phrase.prep:
            yield from (Phrase(start=one.start, end=one.end, value=one) for one in phrase.states)
            yield replace(phrase, states=(), traits=())
            for key, one in phrase.traits:
                yield Phrase(start=one.start, end=one.end, head=key, value=one, prep="with")
        else:
            yield phrase

    @property
    def system(self) -> str:
        return self.signature.system

    def free(self) -> tuple[ArgumentSignature, ...]:
        """The arguments still without a value, those about paging aside."""
        return tuple(one for one in self.signature.args if one.name not in self.args and one.name not in PAGING)

    def required(self) -> set[str]:
        return {one.name for one in self.signature.args if one.required}

    def refers(self, argument: str) -> str | None:
        return self.scene.book.refers(self.signature, argument)

    def named(self, head: Words) -> frozenset[str]:
        """The resources that a noun names."""
        return self.scene.book.named(head) if head else frozenset()

    def argument(self, said: Words) -> ArgumentSignature | None:
        """The one free argument that `said` names best."""
        ranked = [(names.closeness(said, one.name), one) for one in self.free()]
        best = max((rank for rank, _ in ranked), default=0)
        found = [one for rank, one in ranked if rank == best and best]
        return found[0] if len(found) == 1 else None

    def lacks(self, said: Words) -> bool:
        """Whether no argument is called so."""
        return not any(names.closeness(said, one.name) for one in self.signature.args)

    def can_refer(self, argument: ArgumentSignature) -> bool:
        """Whether the argument names a person or a thing, so that a noun without a value may fill it."""
        is_key = self.refers(argument.name) is not None or argument.name.endswith("_id")
        return is_key or names.is_email(argument.name, argument.format)

    def is_found_by_email(self, argument: ArgumentSignature) -> bool:
        """Whether what the argument names can be looked up by an e-mail address, as far as it is known."""
        resource = self.refers(argument.name)
        listing = self.scene.book.listing(resource, self.system) if resource else None
        return listing is None or any(searches.filters(listing, one) for one in OWN_EMAIL)

    def use(self, span: Span) -> None:
        self.draft = self.draft.using(span.start, span.end)

    def is_used(self, phrase: Phrase) -> bool:
        """Whether the phrase's value is in the plan already."""
        value = phrase.value
        return value is not None and any(start <= value.start and value.end <= end for start, end in self.draft.used)

    def is_target(self, phrase: Phrase) -> bool:
        return phrase.value is not None and self.is_used(phrase)

    def everything(self) -> tuple[Phrase, ...]:
        """All phrases of the clause and of the remarks around it, those inside others too."""
        found = [*self.clause.phrases, *self.clause.context]
        for one in found:
            if one.of is not None:
                found.append(one.of)
        return tuple(found)

    def refers_like(self, argument: ArgumentSignature, value: Span) -> bool:
        """Whether the value can be the key that the argument asks for, going by its looks."""
        resource = self.refers(argument.name)
        if resource is not None:
            return self.scene.chain.looks_right(value, Wanted(resource, self.system, argument.name))
        own = self.scene.book.examples(self.system, argument.name)
        if argument.name.endswith("_id") and argument.name.removesuffix("_id") in SELF_REFERENCES:
            getter = self.scene.book.getter(self.signature.resource, self.system)
            key = key_argument(getter) if getter else None
            return key is not None and self.scene.chain.looks_right(
                value, Wanted(self.signature.resource, self.system, key)
            )
        return bool(own) and self.scene.chain.looks_right(value, Wanted("", self.system, argument.name))

    def forget(self, phrase: Phrase) -> None:
        """The phrase has its place."""
        self.left = [one for one in self.left if one is not phrase]
        self.context = [one for one in self.context if one is not phrase]

    def put_back(self, phrase: Phrase, *remains: Phrase) -> None:
        """`remains` in the place of `phrase`, which is explained but for them."""
        place = self.left.index(phrase)
        self.left[place : place + 1] = remains

    def set(self, argument: ArgumentSignature, phrase: Phrase) -> None:
        """Gives the argument what `phrase` says. Raises Misfit when it cannot hold that."""
        self.args[argument.name] = self._value(argument, phrase)
        self.score += 1
        if phrase.value is not None and phrase.value.kind is SpanKind.MONEY:
            self.money = phrase.value

    def _value(self, argument: ArgumentSignature, phrase: Phrase) -> JsonValue:
        if (field := self._field_of(argument, phrase)) is not None:
            return field
        resource = self.refers(argument.name)
        if self.deed.kind is Kind.CREATE and resource == self.signature.resource:
            resource = None  # the new record's own key
        is_thing = phrase.value is None or phrase.of is not None
        if names.is_email(argument.name, argument.format):
            if is_thing or (phrase.value and phrase.value.kind is not SpanKind.EMAIL):
                value, self.draft = self.scene.chain.email(phrase, self.draft, self.system)
                return value
        elif resource is not None:
            value, self.draft = self.scene.chain.key(phrase, self.draft, Wanted(resource, self.system, argument.name))
            return value
        elif is_thing or (argument.name.endswith("_id") and phrase.value and phrase.value.kind is not SpanKind.ID):
            return self._own_kind(argument, phrase)
        assert phrase.value is not None
        self.use(phrase.value)
        return fit_value(phrase.value, argument, self.scene.today)

    def _field_of(self, argument: ArgumentSignature, phrase: Phrase) -> JsonValue:
        """`the billing email of its company`: a field of another record, by its exact name.

        An amount comes with its currency.
        """
        if phrase.of is None or phrase.value is not None or (phrase.of.is_bare() and phrase.of.value is not None):
            return None
        try:
            record, draft = self.scene.chain.record(phrase.of, self.draft)
        except Misfit:
            return None
        spelled = [one for one in record.fields if names.spoken(one) == phrase.head]
        if len(spelled) != 1 or self.named(phrase.head):
            return None
        record, self.draft = self.scene.chain.loaded(record, draft)
        if not is_amount(argument.name):
            return record.read(spelled[0])
        told = amounts.carried(self.signature, self.scene.book, argument, record, spelled[0])
        self.args |= told
        return told[argument.name]

    def _own_kind(self, argument: ArgumentSignature, phrase: Phrase) -> JsonValue:
        """`manager_id` names a record of the action's own kind."""
        if argument.name.removesuffix("_id") not in SELF_REFERENCES or not argument.name.endswith("_id"):
            raise Misfit(f"it does not say what {argument.name} is to be")
        wanted = Wanted(self.signature.resource, self.system, "id")
        told = (
            phrase if phrase.of is not None or phrase.pronoun or not phrase.value else replace(phrase, head=(), cue=())
        )
        value, self.draft = self.scene.chain.key(told, self.draft, wanted)
        return value
