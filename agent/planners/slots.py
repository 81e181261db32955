"""One clause against one action: every phrase must find its argument and every required argument its value.

The passes run from the surest evidence to the weakest: the path, `FIELD of X to VALUE`, the noun that is made, fields
named in words, then bare values by their type, then what is carried over from an earlier record. Whatever is left
unexplained at the end makes the whole reading a misfit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from pydantic import JsonValue

from agent.goal import Span, SpanKind
from agent.plan import Step
from agent.planners import names, verbs
from agent.planners.book import PAGING, Book, Deed, in_words, key_argument, path_arguments
from agent.planners.chaining import Chain, Wanted
from agent.planners.clauses import Clause
from agent.planners.draft import Draft, Misfit, Record, scalar_fields, step_name
from agent.planners.phrases import Phrase
from agent.planners.values import (
    Taste, currency_value, fit_value, is_amount, is_body, is_title, naming_arguments,
)  # fmt: skip
from agent.planners.verbs import Kind
from discovery import words
from discovery.lower import ArgumentSignature, Signature

#: Verb and preposition -> the fields that the thing after it fills: assign X *to* her.
_ROLES: dict[tuple[str, str], tuple[str, ...]] = {
    ("assign", "to"): ("assignee", "owner", "agent"),
    ("tell", ""): ("to", "recipient"),
    ("tell", "to"): ("to", "recipient"),
    ("send", "to"): ("to", "recipient"),
    ("send", ""): ("to", "recipient"),
}
_FOR = ("requester", "customer", "employee", "account", "contact", "company", "user", "deal")
_TO_VALUE = frozenset({"to", "as", "at"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What every reading of a clause may lean on."""

    book: Book
    chain: Chain
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A reading that holds: the plan with this clause in it, and how sure the reading is."""

    signature: Signature
    draft: Draft
    score: int


def verb_score(clause: Clause, signature: Signature, deed: Deed) -> int:
    """How well the clause's verb names what the action does; 0 when it does not, or when a verb that must be said for it
    is not in the clause."""
    verb = clause.verb
    if deed.must_say and not deed.must_say & clause.said:
        return 0
    if deed.kind is Kind.READ:
        return 4 if Kind.READ in verb.kinds else 0
    if verb.noun:
        is_noun = names.spoken(signature.resource)[-1:] == (verb.noun,)
        if deed.kind is Kind.CREATE:
            return 5 if is_noun else 0
    if deed.verb == verb.said:
        return 6 if deed.kind is Kind.ACT else 5
    if deed.kind is Kind.ACT or deed.kind not in verb.kinds:
        return 0
    return 2 if deed.kind is Kind.UPDATE and (verb.states or verb.said == "assign") else 4


def fit(clause: Clause, signature: Signature, deed: Deed, draft: Draft, scene: Scene) -> Fit:
    """The one reading of `clause` as a call of `signature`. Raises Misfit with the reason when there is none."""
    score = verb_score(clause, signature, deed)
    if not score:
        raise Misfit(f"{signature.id} does something else")
    trial = _Trial(clause, signature, deed, draft, scene)
    trial.run()
    return Fit(signature=signature, draft=trial.finished(), score=10 * score + trial.score)


class _Trial:
    """The passes over one clause; holds what is filled and what is left."""

    def __init__(self, clause: Clause, signature: Signature, deed: Deed, draft: Draft, scene: Scene) -> None:
        self.clause, self.signature, self.deed, self.scene = clause, signature, deed, scene
        self.draft = draft
        self.args: dict[str, JsonValue] = {}
        self.left: list[Phrase] = [*clause.topic, *clause.phrases]
        self.score = 0
        self.money: Span | None = None
        self.source: Record | None = None
        self.is_object_said = bool(clause.verb.noun) and deed.kind is Kind.CREATE

    def run(self) -> None:
        self._systems()
        self._targets()
        self._objects()
        self._assignments()
        self._states()
        self._lines()
        self._named()
        self._wording()
        self._roles()
        self._values()
        self._source()
        self._require_all_used()
        self._unsaid()
        self._money_known()
        self._replaced_whole()
        self._require_all_filled()

    # What the clause names -----------------------------------------------------------------------------------------

    def _systems(self) -> None:
        """`in the erp` must be the action's system, or say where the thing just before it is."""
        for phrase in [one for one in self.left if one.system and one.is_bare() and not (one.value or one.pronoun)]:
            place = self.left.index(phrase)
            if phrase.system == self.signature.system:
                self.score += 5
            elif place and not self.left[place - 1].system and self.left[place - 1].of is None:
                self.left[place - 1] = replace(self.left[place - 1], system=phrase.system)
            else:
                raise Misfit(f"{self.signature.id} is not in {phrase.system}")
            self.left.remove(phrase)

    def _targets(self) -> None:
        """The records that stand in the action's path."""
        pending = list(path_arguments(self.signature))
        for surely in (True, False):
            for argument in list(pending):
                resource = self.scene.book.refers(self.signature, argument)
                if resource is None:
                    raise Misfit(f"what {argument} of {self.signature.id} names is not known")
                if self._target(Wanted(resource, self.signature.system, argument), is_sure=surely):
                    pending.remove(argument)
        if self.deed.kind is Kind.DELETE and not self.score:
            raise Misfit(f"it does not say that it is about a {self.signature.resource}")
        if pending:
            raise Misfit(f"it does not say which {pending[0].removesuffix('_id')} {self.signature.id} is about")

    def _target(self, wanted: Wanted, *, is_sure: bool) -> bool:
        for phrase in self.left:
            owner, remains = self._target_part(phrase, wanted, is_sure=is_sure)
            if owner is None or (phrase.cue and remains is None):
                continue
            if owner.is_every:
                raise Misfit("it is about several records at once")
            self.args[wanted.argument], self.draft = self.scene.chain.key(owner, self.draft, wanted)
            self.score += 3 if is_sure else 0
            place = self.left.index(phrase)
            self.left[place : place + 1] = [remains] if remains else []
            return True
        return False

    def _target_part(
        self, phrase: Phrase, wanted: Wanted, *, is_sure: bool
    ) -> tuple[Phrase | None, Phrase | None]:
        """The part of `phrase` that is the wanted record, and what then remains of it."""
        named = self.scene.book.named(phrase.head) if phrase.head else frozenset()
        is_field = phrase.of is not None and phrase.value is None and self._argument(phrase.head) is not None
        own_words = {words.singular(word) for word in words.split(self.signature.id.partition(".")[2])}
        if wanted.resource in named and self._can_be(phrase, wanted):
            return phrase, None
        if is_field or (phrase.of is not None and phrase.head and set(phrase.head) <= own_words - named):
            owner = phrase.of
            assert owner is not None
            owns = wanted.resource in self.scene.book.named(owner.head) if owner.head else not is_sure
            if owns or (not owner.head and owner.of is None):
                is_said = set(phrase.head) <= own_words and not self._value_after(phrase)
                return owner, None if is_said else replace(phrase, of=None)
        if is_sure:
            return None, None
        if phrase.is_bare() and phrase.prep in ("", "of", "for", "from", "on", "to", "with"):
            is_text = phrase.value is not None and phrase.value.kind not in (
                SpanKind.EMAIL, SpanKind.ID, SpanKind.NAME,
            )  # fmt: skip
            is_enum = phrase.value is not None and any(
                phrase.value.value in argument.enum for argument in self.signature.args
            )
            return (None, None) if is_text or is_enum or phrase.cue else (phrase, None)
        if phrase.head and phrase.prep in ("", "for", "of", "on", "from") and self._argument(phrase.head) is None:
            return phrase, None
        return None, None

    def _can_be(self, phrase: Phrase, wanted: Wanted) -> bool:
        """Whether a phrase with the wanted noun is the record itself, not a new one nor one to be set."""
        return not phrase.cue and (not phrase.system or phrase.system == wanted.system)

    def _objects(self) -> None:
        """The noun that is made, sent or listed, with what it is called."""
        if self.deed.kind not in (Kind.CREATE, Kind.MESSAGE, Kind.READ):
            return
        for phrase in list(self.left):
            if self.signature.resource not in self.scene.book.named(phrase.head) or phrase.cue:
                continue
            if phrase.system and phrase.system != self.signature.system:
                continue
            if phrase.of is not None and phrase.value is None and phrase.prep != "as":
                continue
            if phrase.prep not in ("", "as"):
                continue
            if phrase.is_every and self.deed.kind is not Kind.READ:
                raise Misfit("it is about several records at once")
            self.score += 3 if names.spoken(self.signature.resource) == phrase.head else 2
            self.score += 5 if phrase.system else 0
            self._take_object(phrase)
            self.is_object_said = True
            break
        is_link = self.signature.path.count("{") > 1 and set(self.args) >= self._required()
        if not self.is_object_said and not is_link and self.deed.kind is Kind.CREATE:
            raise Misfit(f"it does not say {' '.join(names.spoken(self.signature.resource))}")

    def _take_object(self, phrase: Phrase) -> None:
        place = self.left.index(phrase)
        rest: list[Phrase] = []
        if phrase.value is not None and phrase.key:
            rest = [replace(phrase, head=phrase.key, key=(), prep="with", system="")]
        elif phrase.value is not None:
            called = naming_arguments(phrase.value, self._free())
            if called and self.deed.kind is Kind.CREATE:
                self.args |= called
                self.draft = self.draft.using(phrase.value.start, phrase.value.end)
            else:
                rest = [replace(phrase, head=(), prep="", system="")]
        elif names.spoken(self.signature.resource) != phrase.head:
            self._said_as_enum(phrase)
        if phrase.of is not None:
            rest.append(replace(phrase.of, prep="of"))
        self.left[place : place + 1] = rest

    def _said_as_enum(self, phrase: Phrase) -> None:
        """A vacation is time off of the kind `vacation`."""
        for argument in self._free():
            for value in argument.enum:
                if in_words(str(value)) == " ".join(phrase.head):
                    self.args[argument.name] = value

    def _assignments(self) -> None:
        """`the stage … to won`: a field and, after it, its value."""
        for phrase in list(self.left):
            if phrase not in self.left or not phrase.head or phrase.value is not None or phrase.of is not None:
                continue
            argument = self._argument(phrase.head)
            told = self._value_after(phrase)
            if argument is None or told is None:
                continue
            self._set(argument, told)
            self.left.remove(phrase)
            self.left.remove(told)

    def _value_after(self, phrase: Phrase) -> Phrase | None:
        later = [one for one in self.left if one.start > phrase.start and one.prep in _TO_VALUE and not one.cue]
        return later[0] if later else None

    def _states(self) -> None:
        verb = self.clause.verb
        if self.deed.kind is not Kind.UPDATE or not verb.states:
            return
        found = [(one, value) for one in self._free() for value in one.enum if str(value).lower() in verb.states]
        if len(found) != 1:
            raise Misfit(f"{self.signature.id} has no state that '{verb.said}' means")
        self.args[found[0][0].name] = found[0][1]

    def _lines(self) -> None:
        """`5 of item PT-100` as one element of a list of objects."""
        for argument in self._free():
            if not argument.required or argument.type != "array" or not argument.fields:
                continue
            lines: list[JsonValue] = []
            for phrase in list(self.left):
                line = self._line(phrase, argument) if phrase in self.left else None
                if line is not None:
                    lines.append(line)
            if lines:
                self.args[argument.name] = lines

    def _line(self, phrase: Phrase, argument: ArgumentSignature) -> JsonValue:
        counts = [one for one in argument.fields if one.type in ("integer", "number") and one.required]
        things = [one for one in argument.fields if one.required and one not in counts]
        if len(counts) != 1 or len(things) != 1:
            return None
        place = self.left.index(phrase)
        following = self.left[place + 1] if place + 1 < len(self.left) else None
        wanted = Wanted(self.scene.book.refers(self.signature, things[0].name) or "", self.signature.system, things[0].name)
        if following is None:
            return None
        for count, thing in ((phrase, following), (following, phrase)):
            is_count = (
                count.value is not None and count.value.kind is SpanKind.NUMBER
                and (not count.head or names.closeness(count.head, counts[0].name) > 0)
            )  # fmt: skip
            is_thing = thing.value is not None and (
                thing.value.kind is SpanKind.ID if not thing.head
                else wanted.resource in self.scene.book.named(thing.head)
                or names.closeness(thing.head, things[0].name) > 0
            )  # fmt: skip
            if is_count and is_thing and count.value is not None and thing.value is not None:
                if thing.head and wanted.resource in self.scene.book.named(thing.head):
                    key, self.draft = self.scene.chain.key(thing, self.draft, wanted)
                else:
                    key = fit_value(thing.value, things[0], self.scene.today)
                number = fit_value(count.value, counts[0], self.scene.today)
                self._use(count.value), self._use(thing.value)
                self.left.remove(count), self.left.remove(thing)
                return {things[0].name: key, counts[0].name: number}
        return None

    def _named(self) -> None:
        """Fields named in words: `with priority high`, `assigned to …`, `for customer 70001`."""
        for phrase in list(self.left):
            said = phrase.cue or phrase.head
            if not said or phrase.is_every:
                continue
            argument = self._argument(said) or (None if phrase.cue else self._reference(phrase))
            if argument is None or (phrase.value is None and not self._can_refer(argument)):
                continue
            self._set(argument, phrase)
            self.left.remove(phrase)

    def _reference(self, phrase: Phrase) -> ArgumentSignature | None:
        named = self.scene.book.named(phrase.head)
        found = [one for one in self._free() if self.scene.book.refers(self.signature, one.name) in named]
        return found[0] if len(found) == 1 else None

    def _can_refer(self, argument: ArgumentSignature) -> bool:
        is_reference = self.scene.book.refers(self.signature, argument.name) is not None
        return is_reference or names.is_email(argument.name, argument.format) or argument.name.endswith("_id")

    def _wording(self) -> None:
        """`that …`, and the body of a message or comment."""
        told = self.clause.wording
        if told is None:
            return
        bodies = [one for one in self._free() if is_body(one.name) and not one.enum and one.type == "string"]
        bodies = [one for one in bodies if one.required] or bodies
        if len(bodies) != 1:
            raise Misfit(f"{self.signature.id} takes no wording")
        self.args[bodies[0].name] = told.text if told.value is None else told.value
        self._use(told)

    def _roles(self) -> None:
        """People and things that only a preposition places: assign X *to* her, a ticket *for* him."""
        for phrase in list(self.left):
            wanted = _ROLES.get((self.clause.verb.said, phrase.prep), _FOR if phrase.prep in ("for", "of") else ())
            if phrase.cue or (phrase.value is not None and phrase.is_bare() and phrase.value.kind is not SpanKind.EMAIL):
                continue
            found = [
                one for role in wanted for one in self._free()
                if role in names.spoken(one.name) and one.type != "array" and (self._can_refer(one) or role in ("to", "recipient"))
            ]  # fmt: skip
            if found:
                self._set(found[0], phrase)
                self.left.remove(phrase)

    def _values(self) -> None:
        """Bare values, by their type. Two arguments that suit one value equally well make a misfit."""
        for phrase in [one for one in self.left if one.is_bare() and one.value is not None and not one.cue]:
            assert phrase.value is not None
            if phrase.value.kind is SpanKind.NAME and phrase.prep in ("", "named", "called", "titled", "entitled"):
                called = naming_arguments(phrase.value, self._free()) if self.deed.kind is Kind.CREATE else {}
                if called:
                    self.args |= called
                    self._use(phrase.value)
                    self.left.remove(phrase)
                    continue
            tastes = [(Taste(phrase.value, phrase.prep).of(one), one) for one in self._free()]
            best = max((taste for taste, _ in tastes), default=0)
            suited = [one for taste, one in tastes if taste == best and best]
            suited = [one for one in suited if one.required] or suited
            if len(suited) == 1:
                self._set(suited[0], phrase)
                self.left.remove(phrase)
            elif suited:
                raise Misfit(f"{phrase.value.text!r} may be {' or '.join(one.name for one in suited)}")

    # What is carried over ------------------------------------------------------------------------------------------

    def _source(self) -> None:
        """A record that the new one is made from: `its company as a customer`, `an account for him`."""
        if self.deed.kind is not Kind.CREATE:
            return
        told = [one for one in self.left if one.prep in ("", "for", "from", "of") and not one.cue and not one.is_every]
        for phrase in told[:1]:
            self.source, self.draft = self.scene.chain.record(phrase, self.draft)
            self.left.remove(phrase)
            carried = {one.name: self._carried(one, self.source) for one in self._free() if not one.enum}
            told_over = {name: value for name, value in carried.items() if value is not None}
            amounts = self._amount_of(self.source)
            if not told_over and not amounts:
                raise Misfit(f"nothing of the {self.source.resource} fits {self.signature.id}")
            self.args |= told_over | amounts

    def _carried(self, argument: ArgumentSignature, source: Record) -> JsonValue:
        """The field of `source` that says what `argument` asks; None when it says nothing of it."""
        spelled = [one for one in source.fields if one == argument.name and any(one in group for group in names.COPIED)]
        alike = [one for one in source.fields if names.same_field(argument.name, one, names.COPIED)]
        for field in (*spelled, *alike):
            return source.read(field)
        full = {"name", "full_name", "display_name"}
        for first, last in (("given_name", "family_name"), ("first_name", "last_name")):
            if argument.name in full and source.has(first) and source.has(last):
                return {"$": f"f'{{{source.at}.{first}}} {{{source.at}.{last}}}'"}
        return None

    def _amount_of(self, source: Record) -> dict[str, JsonValue]:
        """The amount and currency of a deal that is invoiced; only together, and only where nothing else was said."""
        amounts = [one for one in self._free() if is_amount(one.name) and one.type in ("integer", "number")]
        currencies = [one for one in self._free() if "currency" in names.spoken(one.name)]
        if self.clause.verb.noun != "invoice" or len(amounts) != 1 or len(currencies) != 1:
            return {}
        if not (source.has("amount") and source.has("currency")) or source.system == self.signature.system:
            return {}
        is_lower = all(str(value).islower() for value in currencies[0].enum) and currencies[0].enum
        times = " * 100" if amounts[0].unit == "minor" else ""
        amount = f"round({source.at}.amount{times})" if times else f"{source.at}.amount"
        currency = f"lower({source.at}.currency)" if is_lower else f"{source.at}.currency"
        return {amounts[0].name: {"$": amount}, currencies[0].name: {"$": currency}}

    def _unsaid(self) -> None:
        """Required arguments that nothing said fills: a record from earlier clauses, the wording of a message."""
        for argument in [one for one in self._free() if one.required]:
            resource = self.scene.book.refers(self.signature, argument.name)
            if resource is not None:
                self._from_context(argument, resource)
        if self.deed.kind is Kind.MESSAGE:
            self._composed()

    def _from_context(self, argument: ArgumentSignature, resource: str) -> None:
        wanted = Wanted(resource, self.signature.system, argument.name)
        records = [one for one in reversed(self.draft.records) if one.resource == resource]
        here = [one for one in records if one.system == self.signature.system]
        if self.source is not None and self.source.resource != resource:
            records = [self.source]
        if self.clause.opens and not (self.clause.condition or self.clause.topic or self.source):
            return  # a new sentence says anew what it is about
        if not here and records and records[0].is_new and self._found_or_made(argument, resource, records[0]):
            return
        if here or records:
            said = Phrase(start=0, end=0, head=names.spoken(resource))
            known = self.draft.known((here or records)[0])
            self.args[argument.name], self.draft = self.scene.chain.key(said, known, wanted)

    def _found_or_made(self, argument: ArgumentSignature, resource: str, record: Record) -> bool:
        """What the goal has just made in another system is looked for here by its e-mail address, and made if missing."""
        makers = [
            signature for signature, deed in self.scene.book.deeds()
            if deed.kind is Kind.CREATE and (signature.resource, signature.system) == (resource, self.signature.system)
        ]  # fmt: skip
        if len(makers) != 1:
            return False
        carried = {one.name: self._carried(one, record) for one in makers[0].args if not one.enum}
        args = {name: value for name, value in carried.items() if value is not None}
        if not {one.name for one in makers[0].args if one.required} <= set(args):
            return False
        rows, draft = self.scene.chain.find_or_none(record, self.draft, resource, self.signature.system)
        guard = draft.guard
        missing = f"len({rows}) == 0" if guard is None else f"({guard}) and len({rows}) == 0"
        step = Step(id=step_name("create", resource), action=makers[0].id, args=args, purpose=self.clause.text)
        made, draft = replace(draft, guard=missing).called(step, makers[0], is_effect=True)
        self.draft = replace(draft, guard=guard)
        self.args[argument.name] = {"$": f"{rows}[0].id if len({rows}) == 1 else {made}.id"}
        return "id" in scalar_fields(makers[0])

    def _composed(self) -> None:
        """A message without a wording is told in the goal's own words, never in those of a response."""
        free = [one for one in self._free() if one.required and one.type == "string"]
        titles = [one for one in free if is_title(one.name)]
        bodies = [one for one in free if is_body(one.name)]
        told = next((self.args[one.name] for one in self.signature.args if is_body(one.name) and one.name in self.args), None)
        said = self.clause.condition.text if self.clause.condition else None
        if told is None and said is None and bodies:
            raise Misfit("it does not say what to write; add the wording in quotes", is_incomplete=True)
        for one in titles:
            self.args[one.name] = said if said is not None else _short(str(told))
        for one in bodies:
            self.args[one.name] = said

    def _money_known(self) -> None:
        """An amount in a currency goes only where that currency is said, or is the record's own."""
        if self.money is None or self.money.currency is None:
            return
        code = self.money.currency
        for argument in self._free():
            if "currency" in names.spoken(argument.name):
                self.args[argument.name] = currency_value(code, argument)
                return
        if any("currency" in names.spoken(name) for name in self.args):
            return
        told = " ".join([self.signature.description, self.signature.summary, *(one.description for one in self.signature.args)])
        if code in told:
            return
        for name, value in self.args.items():
            resource = self.scene.book.refers(self.signature, name)
            getter = self.scene.book.getter(resource, self.signature.system) if resource else None
            key = key_argument(getter) if getter else None
            if getter and key and "currency" in scalar_fields(getter):
                wished = step_name(getter.resource)
                step = Step(
                    id=wished,
                    action=getter.id,
                    args={key: value},
                    expect=f"upper({wished}.currency) == '{code}'",
                    purpose=f"the amount is meant in {code}",
                )
                _, self.draft = self.draft.called(step, getter, is_effect=False)
                return
        raise Misfit(f"{self.signature.id} does not say that it counts in {code}")

    def _replaced_whole(self) -> None:
        """An update that replaces the record is given the rest of it as it is now."""
        if self.deed.kind is not Kind.UPDATE or self.signature.method != "PUT" or not path_arguments(self.signature):
            return
        getter = self.scene.book.getter(self.signature.resource, self.signature.system)
        key = key_argument(getter) if getter else None
        if getter is None or key is None or key not in self.args:
            raise Misfit(f"{self.signature.id} replaces the whole record, and nothing reads it first")
        step = Step(id=step_name("current", getter.resource), action=getter.id, args={key: self.args[key]})
        name, self.draft = self.draft.called(step, getter, is_effect=False)
        shown = scalar_fields(getter)
        for argument in self._free():
            if argument.name not in shown:
                raise Misfit(f"{self.signature.id} would reset {argument.name}")
            self.args[argument.name] = {"$": f"{name}.{argument.name}"}

    # Filling -------------------------------------------------------------------------------------------------------

    def _argument(self, said: tuple[str, ...]) -> ArgumentSignature | None:
        """The one free argument that `said` names best."""
        ranked = [(names.closeness(said, one.name), one) for one in self._free()]
        best = max((rank for rank, _ in ranked), default=0)
        found = [one for rank, one in ranked if rank == best and best]
        return found[0] if len(found) == 1 else None

    def _set(self, argument: ArgumentSignature, phrase: Phrase) -> None:
        self.args[argument.name] = self._value(argument, phrase)
        self.score += 1
        if phrase.value is not None and phrase.value.kind is SpanKind.MONEY:
            self.money = phrase.value

    def _value(self, argument: ArgumentSignature, phrase: Phrase) -> JsonValue:
        resource = self.scene.book.refers(self.signature, argument.name)
        is_thing = phrase.value is None or phrase.of is not None
        if names.is_email(argument.name, argument.format) or argument.format == "email":
            is_address = phrase.value is not None and phrase.value.kind is SpanKind.EMAIL
            if is_thing or not is_address:
                value, self.draft = self.scene.chain.email(phrase, self.draft)
                return value
        elif resource is not None:
            wanted = Wanted(resource, self.signature.system, argument.name)
            value, self.draft = self.scene.chain.key(phrase, self.draft, wanted)
            return value
        elif is_thing or (argument.name.endswith("_id") and phrase.value and phrase.value.kind is not SpanKind.ID):
            return self._role_id(argument, phrase)
        assert phrase.value is not None
        self._use(phrase.value)
        return fit_value(phrase.value, argument, self.scene.today)

    def _role_id(self, argument: ArgumentSignature, phrase: Phrase) -> JsonValue:
        """`manager_id` names a record of the action's own kind."""
        stem = argument.name.removesuffix("_id")
        if stem not in ("manager", "parent", "supervisor") or stem == argument.name:
            raise Misfit(f"it does not say what {argument.name} is to be")
        wanted = Wanted(self.signature.resource, self.signature.system, "id")
        told = phrase if phrase.of is not None or phrase.pronoun or not phrase.value else replace(phrase, head=())
        value, self.draft = self.scene.chain.key(told, self.draft, wanted)
        return value

    def _free(self) -> tuple[ArgumentSignature, ...]:
        return tuple(one for one in self.signature.args if one.name not in self.args and one.name not in PAGING)

    def _required(self) -> set[str]:
        return {one.name for one in self.signature.args if one.required}

    def _use(self, span: Span) -> None:
        self.draft = self.draft.using(span.start, span.end)

    def _require_all_used(self) -> None:
        if self.left:
            rest = self.left[0]
            raise Misfit(f"{self.signature.id} has no place for '{_words_of(rest)}'")
        if self.deed.kind is Kind.UPDATE and set(self.args) <= set(path_arguments(self.signature)):
            raise Misfit("it does not say what to change")

    def _require_all_filled(self) -> None:
        missing = sorted(self._required() - set(self.args))
        if missing:
            raise Misfit(f"{self.signature.id} also needs {', '.join(missing)}", is_incomplete=True)

    def finished(self) -> Draft:
        """The draft with the action's own step, and the record that it made or changed as the latest."""
        wished = step_name(self.deed.verb or self.deed.kind.value, self.signature.resource)
        step = Step(id=wished, action=self.signature.id, args=self.args, purpose=self.clause.text)
        is_effect = self.deed.kind is not Kind.READ
        name, draft = self.draft.called(step, self.signature, is_effect=is_effect)
        fields = scalar_fields(self.signature)
        if not fields or self.signature.items is not None:
            return draft
        is_new = self.deed.kind is Kind.CREATE
        return draft.known(
            Record(resource=self.signature.resource, system=self.signature.system, at=name, fields=fields, is_new=is_new)
        )


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:100].rsplit(" ", 1)[0]


def _words_of(phrase: Phrase) -> str:
    own = [phrase.prep, *phrase.cue, phrase.system, *phrase.head, phrase.value.text if phrase.value else "", phrase.pronoun]
    return " ".join(word for word in own if word)
