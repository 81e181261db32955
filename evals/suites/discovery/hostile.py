"""Hostile documents and arguments (SAFETY A7 to A9), each taken in by a process of its own, which must come off well.

Well is: an end that is safe for the attack, within 5 s of CPU and 256 MB with the reading process, no connection, no
file opened, a good document taken in afterwards; and a value checked within 100 ms, or its pattern reported as not
checked. What is sent must not hold a line break, nor lead elsewhere than below the base URL. Judged is the CPU that an
input costs, whatever else the machine does; the rows tell the time by the wall too (`value`).
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from evals import apart
from evals.apart import Ended
from evals.endurance import BASE_URL
from evals.suites.discovery.attacks import ATTACKS, Attack
from evals.suites.discovery.findings import Bench, Findings, Row

LIMIT_S, LIMIT_BYTES, CHECK_S = 5.0, 256 * 2**20, 0.1
STOPPED_S = 30.0
#: after which a process is stopped, so that one that is late is still told with what it held
HEAD = re.compile(r"[A-Z]+ " + re.escape(BASE_URL) + r"/[\x21-\x7e]*( \| [!-9;-~]+: [\x20-\x7e]*)*")


def measure(bench: Bench) -> Findings:
    rows = []
    for attack in ATTACKS:
        rows.append(judged(attack, run(attack)))
        if not rows[-1].is_right:
            bench.tell(f"{attack.name}: {rows[-1].says}")
    bench.tell(f"{sum(row.is_right is True for row in rows)} of {len(rows)} hostile inputs came to a safe end")
    return Findings(rows=rows)


def run(attack: Attack, limit_s: float = STOPPED_S) -> Ended:
    with tempfile.TemporaryDirectory(prefix="interlock-hostile-") as folder:
        document, arguments = Path(folder) / "document", Path(folder) / "arguments"
        document.write_bytes(attack.document())
        if attack.arguments is None:
            return apart.run("endure", document, limit_s=limit_s)
        arguments.write_text(json.dumps(attack.arguments))
        return apart.run("endure", document, arguments, limit_s=limit_s)


def judged(attack: Attack, ended: Ended) -> Row:
    problems = [ended.problem] if ended.problem else list(faults(attack, ended))
    end, says = ended.told.get("end", "lost"), ended.told.get("says", "")
    return Row(
        part="hostile",
        trial=attack.name,
        measure=f"{attack.rule}: {end}",
        value=round(ended.seconds, 2),
        against=LIMIT_S,
        seconds=round(ended.cpu_s, 2),
        megabytes=round(ended.peak_bytes / 2**20, 1),
        is_right=not problems,
        says="; ".join([*problems, says]).strip("; "),
    )


def faults(attack: Attack, ended: Ended) -> list[str]:
    """What is wrong with the end of an attack; empty when it is safe."""
    told: dict[str, Any] = dict(ended.told)
    check_s = told.get("check_s", 0.0)
    found = {
        f"this must not end as {told['end']!r}": told["end"] not in attack.safe,
        f"takes more than {LIMIT_S:g} s of CPU": ended.cpu_s > LIMIT_S,
        f"holds more than {LIMIT_BYTES // 2**20} MB": ended.peak_bytes > LIMIT_BYTES,
        f"touched {', '.join(told['touched'])}": bool(told["touched"]),
        "a good document is not taken in afterwards": not told["is_unharmed"],
        f"checking the value took {check_s * 1000:.0f} ms": check_s > CHECK_S,
        "the request is not of the form it should have": told["end"] == "sent" and not HEAD.fullmatch(told["says"]),
        "nothing says why": not told["says"],
    }
    return [problem for problem, is_so in found.items() if is_so]
