"""An amount of money carried from one record to another, with its currency and in the right unit."""

from __future__ import annotations

from pydantic import JsonValue

from agent.goal import CURRENCY_DIGITS
from agent.planners import names
from agent.planners.book import Book
from agent.planners.draft import Misfit
from agent.planners.records import Record
from discovery.lower import ArgumentSignature, Signature


def carried(
    signature: Signature, book: Book, argument: ArgumentSignature, record: Record, field: str
) -> dict[str, JsonValue]:
    """The argument with what `field` of `record` says, and the currency with the record's.

    From major units to the smallest only where the source's own document has no smallest unit, and every currency that
    the action takes has two decimals: the record's amount is known only when the plan runs.
    """
    currencies = [one for one in signature.args if "currency" in names.spoken(one.name)]
    if len(currencies) != 1 or not record.has("currency"):
        raise Misfit(f"the currency of {argument.name} is not known")
    codes = currencies[0].enum
    is_scaled = argument.unit == "minor" and not _is_minor(book, record, field)
    if argument.unit != "minor" and _is_minor(book, record, field):
        raise Misfit(f"{record.resource}.{field} counts in smallest units")
    if is_scaled and (not codes or any(CURRENCY_DIGITS.get(str(code).upper()) != 2 for code in codes)):
        raise Misfit(f"the decimals of {argument.name} are not known")
    if book.kind(record, field) not in ("integer", "number", "string"):
        raise Misfit(f"{record.resource}.{field} is no number")
    # An amount written as text must be a plain decimal, else the step fails before anything is sent.
    number = f"{record.at}.{field}" if book.kind(record, field) != "string" else f"number({record.at}.{field})"
    is_lower = bool(codes) and all(str(code).islower() for code in codes)
    told = f"round({number} * 100)" if is_scaled else number
    code = f"lower({record.at}.currency)" if is_lower else f"{record.at}.currency"
    return {argument.name: {"$": told}, currencies[0].name: {"$": code}}


def _is_minor(book: Book, record: Record, field: str) -> bool:
    return any(
        argument.unit == "minor" and argument.name == field
        for signature in book.signatures
        if signature.system == record.system
        for argument in signature.args
    )
