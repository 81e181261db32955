"""The closed words of English that this planner reads: prepositions, pronouns, fillers, and cues for fields."""

from __future__ import annotations

from agent.goal import SpanKind
from agent.planners.names import Words

PREPOSITIONS = frozenset(
    "to of in on over for with from as by at into onto under via using about regarding until till through named called"
    " titled entitled".split()
)
FILLERS = frozenset("a an the this that these those new following please also both just there , : ( ) = - – —".split())
AND = frozenset({"and", "&", "plus"})
EVERY = frozenset({"all", "each", "every", "any"})
PRONOUNS = frozenset("it them him her they".split())
POSSESSIVE = frozenset("its his her their".split())
KEYED = frozenset({"id", "number", "no", "nr", "ref"})
NAMING = frozenset({":", "=", "#", "named", "called", "titled", "entitled"})
UNITS = frozenset("units unit pieces piece pcs x times".split())
AMOUNTS = frozenset({SpanKind.MONEY, SpanKind.NUMBER, SpanKind.DATE, SpanKind.PERCENT})
IS = frozenset({"is", "are", "be", "being"})
#: Words before a value that say what it is for, as the field they stand for.
CUES: dict[Words, Words] = {
    ("assigned", "to"): ("assignee",),
    ("owned", "by"): ("owner",),
    ("managed", "by"): ("manager",),
    ("reporting", "to"): ("manager",),
    ("who", "reports", "to"): ("manager",),
    ("reports", "to"): ("manager",),
    ("requested", "by"): ("requester",),
    ("reported", "by"): ("requester",),
    ("on", "behalf", "of"): ("requester",),
    ("due", "on"): ("due", "date"),
    ("due", "by"): ("due", "date"),
    ("due",): ("due", "date"),
    ("starting", "on"): ("start", "date"),
    ("starting",): ("start", "date"),
    ("ending", "on"): ("end", "date"),
    ("ending",): ("end", "date"),
    ("closing", "on"): ("close", "date"),
    ("effective",): ("last", "day"),
    ("priced", "at"): ("unit", "price"),
    ("at", "a", "price", "of"): ("unit", "price"),
    ("worth",): ("amount",),
    ("because", "of"): ("reason",),
    ("with", "reason"): ("reason",),
}
#: Words that change nothing.
ASIDES = frozenset({("in", "full"), ("as", "well"), ("right", "now"), ("right", "away")})
#: Words that never are a value, and so are either grammar or a reason to stop.
NOT_A_VALUE = (
    PREPOSITIONS | FILLERS | AND | EVERY | PRONOUNS | POSSESSIVE | IS
    | frozenset(
        "that not no never only unless except without but or if when while before after then so because who whose"
        " which where than more less least most over other others else otherwise instead null none nothing nobody"
        " empty blank someone somebody anyone anybody everyone everybody first last latest newest oldest best worst"
        " same next previous right wrong current".split()
    )
)  # fmt: skip
