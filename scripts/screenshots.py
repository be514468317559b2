"""Takes the pictures of the docs from a running demo: `make demo` in one terminal, `make screenshots` in another."""

import json
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = os.environ.get("PENSET_PUBLIC_URL", "http://127.0.0.1:8000")
ACCOUNTS = Path(os.environ.get("PENSET_DATA", "data")) / "demo.json"
SIZE = {"width": 1280, "height": 800}


def signed_in(browser: Browser, account: dict[str, str]) -> Page:
    """A page in which this person of the demo is signed in."""
    page = browser.new_context(viewport=SIZE, base_url=ADDRESS, color_scheme="light").new_page()  # type: ignore[arg-type]
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(account["email"])
    page.get_by_label("Password").fill(account["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    return page


def shoot(page: Page, name: str, path: str) -> None:
    """One picture of one page."""
    if path:
        page.goto(path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=ROOT / "docs" / "images" / f"{name}.png")
    print(f"docs/images/{name}.png")


def browser_program() -> str:
    """Chromium, with or without windows of its own."""
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium-headless-shell") or shutil.which("chromium") or sys.exit("no Chromium here")


def main() -> None:
    """Take them all."""
    if not ACCOUNTS.exists():
        sys.exit(f"{ACCOUNTS} is not there: start `make demo` first.")
    people = json.loads(ACCOUNTS.read_text("utf-8"))
    project = people["project_id"]
    (ROOT / "docs" / "images").mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_program())
        writer = signed_in(browser, people["annotator"])
        shoot(writer, "home", "/")
        writer.get_by_role("link", name="Go on writing").first.click()
        shoot(writer, "write", "")
        reviewer = signed_in(browser, people["reviewer"])
        reviewer.goto(f"/projects/{project}/review")
        reviewer.wait_for_load_state()
        reviewer.keyboard.press("n")
        reviewer.get_by_role("button", name="Approve", exact=True).wait_for()
        shoot(reviewer, "review", "")
        reviewer.goto(f"/projects/{project}/compare")
        reviewer.wait_for_load_state()
        reviewer.keyboard.press("n")
        reviewer.get_by_role("button", name="Skip").wait_for()
        shoot(reviewer, "compare", "")
        admin = signed_in(browser, people["admin"])
        shoot(admin, "project", f"/projects/{project}")
        shoot(admin, "version", "/versions/1")
        shoot(admin, "run", f"/runs/{people['run_id']}")
        shoot(admin, "report", f"/runs/{people['run_id']}/report")
        shoot(admin, "preferences", f"/projects/{project}/preferences")
        browser.close()


if __name__ == "__main__":
    main()
