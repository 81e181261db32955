"""How the command line draws what differs between two revisions: what breaks first, and in red."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from rich.console import Console

from api.cli import output

#: impact -> what is said of it, and its colour
HEADINGS = {
    "breaks": ("Breaks what works today", "bold red"),
    "may_break": ("May break it", "bold yellow"),
    "safe": ("Breaks nothing", "bold green"),
}
#: findings of a kind that are shown; the rest is counted
MOST = 40
MAX_VALUE = 60


def draw(to: Console, diff: dict[str, Any], *, is_whole: bool = False) -> None:
    """The findings by what they do; the harmless ones are only counted, unless `is_whole`."""
    title = f"{diff['system']}, revision {diff['before']} to {diff['after']}:"
    if not diff["findings"]:
        to.print(output.plain(f"{title} no difference."))
        return
    counts = diff["counts"]
    told = f"{counts['breaks']} break, {counts['may_break']} may break, {counts['safe']} are safe"
    to.print(output.plain(f"{title} {told}; {diff['changed']} actions differ, {diff['unchanged']} do not."))
    for impact, (heading, style) in HEADINGS.items():
        found = [one for one in diff["findings"] if one["impact"] == impact]
        if found and (impact != "safe" or is_whole):
            to.print()
            to.print(output.plain(heading, style))
            _table(to, found if is_whole else found[:MOST])
            if len(found) > MOST and not is_whole:
                to.print(output.plain(f"… and {len(found) - MOST} more; --all shows them.", "dim"))
    if counts["safe"] and not is_whole:
        to.print(output.plain(f"\n{counts['safe']} harmless differences are not shown; --all shows them.", "dim"))


def _table(to: Console, findings: Sequence[dict[str, Any]]) -> None:
    rows = [[_what(one), one["side"], one["pointer"], _change(one), _actions(one["actions"])] for one in findings]
    to.print(output.table(["what", "in", "where", "from → to", "actions"], rows))


def _what(finding: dict[str, Any]) -> str:
    likelihood = finding["likelihood"]
    return finding["kind"] if likelihood in (None, 1.0) else f"{finding['kind']} ({likelihood:.0%})"


def _change(finding: dict[str, Any]) -> str:
    if finding["kind"] == "enum":
        gone, come = finding["before"], finding["after"]
        parts = [f"− {_short(one)}" for one in gone or ()] + [f"+ {_short(one)}" for one in come or ()]
        limits = [text for values, text in ((gone, "was free"), (come, "free now")) if values is None]
        return " ".join(limits + parts[:6] + (["…"] if len(parts) > 6 else []))
    return f"{_short(finding['before'])} → {_short(finding['after'])}"


def _short(value: Any) -> str:
    text = "–" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"


def _actions(ids: Sequence[str]) -> str:
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
