"""The pages: what they show, that they show it harmlessly, and that their forms do what they say."""

from __future__ import annotations

import html
import json
import re
import uuid
from html.parser import HTMLParser
from typing import Any

import pytest

SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>'
#: turns the text round, hides, and ends a line where the source does not
TRICKS = "invoice\u202eexe.\u200bpdf\u2028end"


def mail(**change: Any) -> dict[str, Any]:
    args = {"to": "rosa@example.com", "subject": f"Hello {uuid.uuid4().hex}", "body": "Welcome aboard"}
    return {"id": "write", "kind": "call", "action": "crm.send_email", "args": args | change, "purpose": SCRIPT}


def asks(service: Any, words: str = "Write to rosa@example.com", **change: Any) -> tuple[str, Any]:
    run_id = service.submit(words, mail(**change))
    return run_id, service.asks(run_id)


class Dangers(HTMLParser):
    """What a browser would run, or load from elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "base"):
            self.found.append(tag)
        for name, value in attrs:
            is_link = name in ("href", "src", "action", "xlink:href")
            if name.startswith("on") or name == "style" or (is_link and not str(value).startswith(("/", "#"))):
                self.found.append(f"{tag} {name}={value}")


def test_a_goal_from_the_form_becomes_one_run_however_often_it_is_sent(service: Any, browsers: Any) -> None:
    browser = browsers("sam")
    page = browser.page("/")
    hidden = dict(
        re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.partition('action="/goals"')[2])
    )
    body = hidden | {"text": "Something in\r\ntwo lines that no script knows"}
    first, second = browser.http.post("/goals", data=body), browser.http.post("/goals", data=body)
    assert first.headers["Location"] == second.headers["Location"]
    run_id = first.headers["Location"].rpartition("/")[2]
    assert "Something in\ntwo lines that no script knows" == service.settled(run_id, "refused")["text"]


def test_an_empty_goal_is_told_on_a_page(service: Any, browsers: Any) -> None:
    answer = browsers("sam").form("/", "/goals", text="  ")
    assert 422 == answer.status_code
    assert "the goal is empty" in answer.text
    assert "text/html" in answer.headers["Content-Type"]


def test_the_inbox_shows_what_waits_and_what_ran(service: Any, browsers: Any) -> None:
    run_id, approval = asks(service)
    page = browsers("ann").page("/")
    assert f'href="/approvals/{approval["id"]}"' in page
    assert f'href="/runs/{run_id}"' in page
    assert "crm.send_email" in page


def test_the_approval_page_is_drawn_from_the_bound_bytes(service: Any, browsers: Any) -> None:
    _, approval = asks(service, subject="A subject of the planner's own")
    page = browsers("ann").page(f"/approvals/{approval['id']}")
    request = approval["bound"]["request"]
    for shown in (request["url"], request["body"]["text"], approval["digest"], approval["why"], "class.message"):
        assert shown in html.unescape(page), shown
    row = re.search(r"<tr>\s*<td[^>]*>body</td>\s*<td><code>subject</code></td>.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert "A subject of the planner&#39;s own" in row[0]
    assert "put in by the planner" in row[0]
    assert "1 yes from the role approver, not from sam" in re.sub(r"\s+", " ", page)


def test_text_from_elsewhere_is_shown_and_does_nothing(service: Any, browsers: Any) -> None:
    run_id, approval = asks(service, f"Write to rosa@example.com {SCRIPT}", subject=SCRIPT, body=TRICKS)
    told = service.decide("ann", approval, choice="reject", reason=f"{SCRIPT} {TRICKS}")
    assert 200 == told.status_code
    service.settled(run_id, "failed")
    for path in (f"/approvals/{approval['id']}", f"/runs/{run_id}", "/", "/runs", "/audit"):
        page = browsers("admin").page(path)
        assert [] == Dangers(page).found, path
        assert not set(page) & set("\u202e\u200b\u2028"), path
    page = browsers("ann").page(f"/approvals/{approval['id']}")
    assert '<span class="code">\\u202e</span>' in page
    assert "&lt;script&gt;" in page


def test_long_text_is_cut_with_a_mark_and_can_be_opened(service: Any, browsers: Any) -> None:
    _, approval = asks(service, body="word " * 400 + "the end")
    page = browsers("ann").page(f"/approvals/{approval['id']}")
    assert "1,407 more characters" in page
    assert "the end" in page


def test_looking_at_pages_changes_nothing(service: Any, browsers: Any) -> None:
    run_id, approval = asks(service)
    before = service.people["sam"].get(f"/v1/runs/{run_id}/trace").json()
    browser = browsers("ann")
    for path in (
        "/",
        "/runs",
        f"/runs/{run_id}",
        f"/approvals/{approval['id']}",
        f"/approvals/{approval['id']}?choice=approve",
    ):
        browser.page(path)
    for path in ("/goals", f"/runs/{run_id}/cancel", "/logout"):
        assert browser.http.get(path).status_code in (404, 405)
    assert before == service.people["sam"].get(f"/v1/runs/{run_id}/trace").json()


def test_an_approval_is_given_by_its_form(service: Any, browsers: Any) -> None:
    run_id, approval = asks(service)
    path = f"/approvals/{approval['id']}"
    answer = browsers("ann").form(path, path, choice="approve", reason="fine by me")
    assert (303, path) == (answer.status_code, answer.headers["Location"])
    service.settled(run_id, "done")
    page = browsers("ann").page(path)
    assert "fine by me" in page
    assert "This approval is used." in page
    assert f'<form method="post" action="{path}">' not in page


def test_an_edit_by_the_form_keeps_types_and_asks_anew(service: Any, browsers: Any) -> None:
    run_id, approval = asks(service, cc=["a@example.com"])
    path = f"/approvals/{approval['id']}"
    entered = {
        "argument:to": "rosa@example.com",
        "argument:subject": "Better",
        "argument:body": "Two\r\nlines",
        "argument:cc": '["b@example.com"]',
    }
    answer = browsers("ann").form(path, path, choice="edit", reason="clearer", **entered)
    assert 303 == answer.status_code, answer.text
    again = service.asks(run_id, after=approval["id"])
    better = {"to": "rosa@example.com", "subject": "Better", "body": "Two\nlines", "cc": ["b@example.com"]}
    assert better == again["arguments"] == json.loads(again["bound"]["request"]["body"]["text"])


def test_an_edit_that_is_not_json_any_more_is_told(service: Any, browsers: Any) -> None:
    _, approval = asks(service, cc=["a@example.com"])
    path = f"/approvals/{approval['id']}"
    answer = browsers("ann").form(path, path, choice="edit", **{"argument:cc": "[oops"})
    assert (422, True) == (answer.status_code, "cc is not JSON any more" in answer.text)


def test_a_form_about_another_request_than_the_stored_one_is_refused(service: Any, browsers: Any) -> None:
    _, approval = asks(service)
    path = f"/approvals/{approval['id']}"
    answer = browsers("ann").form(path, path, choice="approve", seen=f'"{"0" * 64}.1"')
    assert 412 == answer.status_code


def test_people_who_may_not_decide_are_told_why_and_get_no_form(service: Any, browsers: Any) -> None:
    _, approval = asks(service)
    path = f"/approvals/{approval['id']}"
    page = browsers("sam").page(path)
    assert "Deciding needs the role approver." in page
    assert f'action="{path}"' not in page


def test_the_run_page_shows_state_reason_plan_effects_and_decisions(service: Any, browsers: Any) -> None:
    run_id, approval = asks(service)
    waiting = browsers("sam").page(f"/runs/{run_id}")
    assert '<meta http-equiv="refresh"' in waiting
    assert 'class="banner is-waiting"' in waiting
    assert '<g class="step is-waiting">' in waiting
    assert 200 == service.decide("ann", approval, choice="approve").status_code
    service.settled(run_id, "done")
    done = browsers("sam").page(f"/runs/{run_id}")
    assert '<meta http-equiv="refresh"' not in done
    assert 'class="banner is-done"' in done
    assert '<g class="step is-done">' in done
    for said in ("HTTP 201", "known by answer", "Sends crm.send_email (attempt 1).", "<b>ann</b> approved"):
        assert said in done, said


def test_a_question_is_answered_on_the_run_page(service: Any, browsers: Any) -> None:
    steps = [{"id": "which", "kind": "ask", "args": {"question": "Which one?"}}]
    run_id = service.submit("Ask me which one", *steps)
    wait = service.waits(run_id, "answer")
    browser = browsers("sam")
    page = browser.page(f"/runs/{run_id}")
    assert '<meta http-equiv="refresh"' not in page  # it would empty the form
    action = f"/runs/{run_id}/waits/{wait['id']}/answer"
    assert 303 == browser.form(f"/runs/{run_id}", action, answer="the blue one").status_code
    service.settled(run_id, "done")


def test_a_run_is_stopped_on_its_page(service: Any, browsers: Any) -> None:
    run_id, _ = asks(service)
    assert "Stop this run" not in browsers("ann").page(f"/runs/{run_id}")
    assert 303 == browsers("sam").form(f"/runs/{run_id}", f"/runs/{run_id}/cancel").status_code
    assert "cancelled" == service.settled(run_id, "cancelled")["state"]


@pytest.mark.parametrize("path", ["/runs/run_nothing", "/approvals/apr_nothing", "/nowhere"])
def test_what_is_not_there_is_told_on_a_page_to_browsers_and_as_a_document_to_programs(
    service: Any, browsers: Any, path: str
) -> None:
    browser = browsers("sam")
    answer = browser.http.get(path)
    assert (404, "text/html; charset=utf-8") == (answer.status_code, answer.headers["Content-Type"])
    program = browser.http.get(path, headers={"Accept": "application/json"})
    assert (404, "application/problem+json") == (program.status_code, program.headers["Content-Type"])


def test_runs_are_paged(service: Any, browsers: Any) -> None:
    page = browsers("sam").page("/runs")
    assert 'href="/runs/run_' in page
    cursor = service.people["sam"].get("/v1/runs", params={"limit": 1}).json()["next"]
    assert 'href="/runs/run_' in browsers("sam").page(f"/runs?cursor={cursor}")
    assert 422 == browsers("sam").http.get("/runs?cursor=zzz").status_code
