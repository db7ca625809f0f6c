"""The policy in each page lets the book be as it is, and lets nothing in from elsewhere."""

import pytest

from tests.browser.test_pages import BOOK, PAGES, listen, open_page

BLOCKED = """() => {
    window.blocked = [];
    document.addEventListener('securitypolicyviolation', event =>
        window.blocked.push(`${event.effectiveDirective} ${event.blockedURI}`));
}"""
ELSEWHERE = "https://example.invalid/a"
INSERTED = {
    "img-src": f"document.body.append(Object.assign(new Image(), {{src: '{ELSEWHERE}'}}))",
    "script-src-elem": f"""document.body.append(
        Object.assign(document.createElement('script'), {{src: '{ELSEWHERE}'}}))""",
    "connect-src": f"fetch('{ELSEWHERE}').catch(() => null)",
    "style-src-elem": f"""document.head.append(Object.assign(
        document.createElement('link'), {{rel: 'stylesheet', href: '{ELSEWHERE}'}}))""",
    "frame-src": f"""document.body.append(
        Object.assign(document.createElement('iframe'), {{src: '{ELSEWHERE}'}}))""",
}
OWN_SCRIPT = """document.body.append(
    Object.assign(document.createElement('script'), {textContent: 'window.ran = true'}))"""


@pytest.fixture(params=["folder", "server"])
def place(request, book):
    return book.as_uri() if request.param == "folder" else request.getfixturevalue("server")


def test_no_page_needs_what_its_policy_forbids(page, place):
    wrong = listen(page)
    for path in PAGES:
        page.goto(f"{place}/{path.relative_to(BOOK).as_posix()}")
        page.wait_for_function("() => document.fonts.ready.then(() => true)")
        assert page.locator("meta[http-equiv='Content-Security-Policy']").count() == 1
    assert wrong == []


@pytest.mark.parametrize("directive", INSERTED)
def test_nothing_comes_from_elsewhere(page, place, directive):
    page.goto(f"{place}/chapters/errata.html")
    page.evaluate(BLOCKED)
    page.evaluate(f"() => {{ {INSERTED[directive]} }}")
    page.wait_for_function("window.blocked.length > 0", timeout=5000)
    (blocked,) = page.evaluate("window.blocked")
    assert blocked.startswith(f"{directive} https://example.invalid")


def test_a_script_that_the_build_has_not_seen_does_not_run(page, place):
    page.goto(f"{place}/chapters/errata.html")
    page.evaluate(BLOCKED)
    page.evaluate(f"() => {{ {OWN_SCRIPT} }}")
    page.wait_for_function("window.blocked.length > 0", timeout=5000)
    assert page.evaluate("window.ran") is None


def test_without_a_policy_the_same_script_runs(page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<body>")
    open_page(page, path)
    page.evaluate(f"() => {{ {OWN_SCRIPT} }}")
    assert page.evaluate("window.ran") is True
