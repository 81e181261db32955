"""The pages in a real browser with scripts switched off: they are styled, nothing is blocked, and forms work."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PLACES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Closed after this module: while it is open, its event loop keeps all others of this thread from running."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    path = next((found for name in PLACES if (found := shutil.which(name))), None)
    with playwright.sync_playwright() as tools:
        own = Path(tools.chromium.executable_path)
        if path is None and not own.exists():
            pytest.skip("no Chromium here: install the Debian package chromium, or run `playwright install chromium`")
        # Without its sandbox, which needs rights that a container does not give; it meets only our own pages.
        browser = tools.chromium.launch(executable_path=path or str(own), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, chromium: Any, service: Any) -> Iterator[Any]:
    """A page on which Ann is signed in; it fails the test when the browser had to block or miss anything."""
    context = chromium.new_context(
        base_url=service.url,
        java_script_enabled=False,
        color_scheme=request.param,
        viewport={"width": 1280, "height": 800},
    )
    opened, complaints = context.new_page(), []
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.on("requestfailed", lambda lost: complaints.append(lost.url))
    opened.goto("/")
    opened.fill("#key", service.keys["ann"])
    opened.click("button.primary")
    opened.get_by_role("heading", name="Inbox").wait_for()
    yield opened
    assert [] == complaints
    context.close()


def asks(service: Any) -> tuple[str, Any]:
    args = {"to": "rosa@example.com", "subject": f"Hello {uuid.uuid4().hex}", "body": "W" * 900}
    step = {"id": "write", "kind": "call", "action": "crm.send_email", "args": args, "purpose": "to greet her"}
    run_id = service.submit("Write to rosa@example.com", step)
    return run_id, service.asks(run_id)


def test_an_approver_finds_reads_and_approves_a_request(page: Any, service: Any) -> None:
    run_id, approval = asks(service)
    page.goto("/")
    assert "Inbox · Interlock" == page.title()
    page.click(f'a[href="/approvals/{approval["id"]}"]')
    page.get_by_text("put in by the planner").first.wait_for()
    page.get_by_text(approval["digest"]).wait_for()
    page.fill("#yes-reason", "looks right")
    page.click("text=Approve exactly this request")
    page.get_by_text("looks right").wait_for()
    service.settled(run_id, "done")
    page.goto(f"/runs/{run_id}")
    page.locator("svg .step.is-done").wait_for()
    page.get_by_text("Sends crm.send_email (attempt 1).").wait_for()


def test_pages_are_styled_and_fit_a_laptops_screen(page: Any, service: Any) -> None:
    run_id, approval = asks(service)
    for path in ("/", "/runs", f"/runs/{run_id}", f"/approvals/{approval['id']}"):
        page.goto(path)
        top = page.locator("header.top").bounding_box()
        assert (0, 1280) == (top["x"], top["width"]), path
        for box in page.locator("main table, main .card, main .banner").all():
            place = box.bounding_box()
            # Hidden ones have no place; the rest neither stick out nor are squeezed.
            assert place is None or (place["x"] >= 0 and place["x"] + place["width"] <= 1280), path
    font = page.locator("h1").first.evaluate("heading => getComputedStyle(heading).fontWeight")
    assert "650" == font


def test_an_edit_can_be_made_without_scripts(page: Any, service: Any) -> None:
    run_id, approval = asks(service)
    page.goto(f"/approvals/{approval['id']}")
    page.click("text=Ask for other arguments instead")
    page.fill('textarea[name="argument:subject"]', "Another subject")
    page.click("text=Ask with these arguments")
    page.get_by_text("This approval is superseded.").wait_for()
    again = service.asks(run_id, after=approval["id"])
    assert "Another subject" == again["arguments"]["subject"]
    assert approval["arguments"]["body"] == again["arguments"]["body"]
