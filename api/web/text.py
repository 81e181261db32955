"""Text from APIs, models and people, made fit to be shown: nothing in it can hide or turn the text around it."""

from __future__ import annotations

import unicodedata

from markupsafe import Markup, escape

SHOWN = 600
#: characters of a value that are shown before it is cut
_KEPT = "\n\t"


def visible(value: object, limit: int | None = SHOWN) -> Markup:
    """`value` as escaped HTML: control, direction and other unseen characters as marked codes, and cut with a mark.

    Whatever is cut can be opened: an approver must be able to see all of it.
    """
    text = str(value)
    if limit is None or len(text) <= limit:
        return _marked(text)
    rest = Markup('<details class="rest"><summary>{} more characters</summary>{}</details>')
    count = f"{len(text) - limit:,}"
    return _marked(text[:limit]) + Markup('<span class="cut">…</span>') + rest.format(count, _marked(text[limit:]))


def brief(value: object, limit: int = 120) -> Markup:
    """As `visible`, on one line and for good without what is cut: for lists, where the whole is a click away."""
    text = " ".join(str(value).split())
    return _marked(text[:limit]) + (Markup('<span class="cut">…</span>') if len(text) > limit else "")


def _marked(text: str) -> Markup:
    return Markup("").join(_shown(char) for char in text)


def _shown(char: str) -> Markup:
    # Cc, Cf: control and direction. Zl, Zp: line breaks of another kind. Co, Cn, Cs: no character at all.
    if char not in _KEPT and unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cn", "Cs"):
        code = f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
        return Markup('<span class="code">{}</span>').format(code)
    return escape(char)
