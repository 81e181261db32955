"""A run as server-sent events: gapless, resumable, and over when the run is."""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import Any


def told(answer: Any, status: int = 200) -> Any:
    assert status == answer.status_code, answer.text
    return answer.json()


def read(http: Any, run_id: str, after: int | None = None, until: str | None = None) -> list[tuple[int, str, Any]]:
    """The stream's events as (id, event, data), to its end or to the event `until`."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    found, fields = [], {}
    with http.stream("GET", f"/v1/runs/{run_id}/stream", headers=headers) as answer:
        assert "text/event-stream; charset=utf-8" == answer.headers["Content-Type"]
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
                if fields["event"] == until:
                    break
                fields = {}
    return found


def waiting(service: Any) -> str:
    args = {"to": "rosa@example.com", "subject": uuid.uuid4().hex, "body": "Hi"}
    step = {"id": "write", "kind": "call", "action": "crm.send_email", "args": args}
    run_id: str = service.submit("Write to rosa@example.com", step)
    return run_id


def test_the_stream_is_the_chain_and_ends_with_the_run(service: Any) -> None:
    sam, run_id = service.people["sam"], waiting(service)
    approval = service.asks(run_id)
    heard: list[Any] = []
    listener = threading.Thread(target=lambda: heard.extend(read(sam, run_id)))
    listener.start()
    told(service.decide("ann", approval, choice="approve"))
    listener.join(30)
    assert not listener.is_alive()
    chain = told(sam.get(f"/v1/runs/{run_id}/decisions"))["items"]
    assert [(one["seq"], one["kind"], one["body"]) for one in chain] == [
        (number, kind, data["body"]) for number, kind, data in heard
    ]
    assert "run.done" == heard[-1][1]


def test_a_stream_goes_on_where_it_broke_off(service: Any) -> None:
    sam, run_id = service.people["sam"], waiting(service)
    service.settled(run_id, "waiting")
    first = read(sam, run_id, until="wait.opened")
    told(service.decide("ann", service.asks(run_id), choice="approve"))
    service.settled(run_id, "done")
    rest = read(sam, run_id, after=first[-1][0])
    assert list(range(1, rest[-1][0] + 1)) == [number for number, _, _ in first + rest]
    over = sam.get(f"/v1/runs/{run_id}/stream", headers={"Last-Event-ID": str(rest[-1][0])})
    assert 204 == over.status_code


def test_what_happens_is_heard_within_a_second(service: Any) -> None:
    sam, run_id = service.people["sam"], waiting(service)
    approval = service.asks(run_id)
    heard_at: list[float] = []
    listener = threading.Thread(
        target=lambda: (read(sam, run_id, until="approval.rejected"), heard_at.append(time.monotonic()))
    )
    listener.start()
    time.sleep(1.5)
    told(service.decide("ann", approval, choice="reject", reason="no"))
    decided_at = time.monotonic()
    listener.join(20)
    assert heard_at[0] - decided_at < 3  # 0.8 s between looks, and a busy machine


def test_an_event_id_that_is_none_is_refused(service: Any) -> None:
    run_id = service.propose("Nothing", {"kind": "cannot_do", "why": "no"})
    answer = service.people["sam"].get(f"/v1/runs/{run_id}/stream", headers={"Last-Event-ID": "x"})
    assert "last-event-id" == told(answer, 422)["problems"][0]["pointer"]
