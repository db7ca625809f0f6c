"""Measures the built pages into `audit/`: weight, speed, accessibility.

python tools/audit.py

Speed is what Lighthouse measures with its mobile preset (a slow phone on a slow network, both
simulated) on pages served from this machine and compressed, as hosts do. It needs Node and, the
first time, a package registry.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from accessibility import faint_texts, violations
from chromium import NoBrowser, chromium, executable
from playwright.sync_api import Browser, sync_playwright
from server import served

ROOT = Path(__file__).resolve().parents[1]
BOOK, AUDIT = ROOT / "_build" / "html", ROOT / "audit"
LIGHTHOUSE = ["npx", "--yes", "--loglevel=error", "lighthouse@13.5.0"]
GOALS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
TIMES = {"FCP": "first-contentful-paint", "LCP": "largest-contentful-paint"}
SIZES = {"desktop": (1280, 800), "phone": (360, 740)}


def weight(browser: Browser, address: str) -> dict[str, float]:
    """What one visit moves with an empty cache, in kB: the page, and all it loads, raw and sent."""
    sizes = {}
    with browser.new_page() as page:
        page.on("requestfinished", lambda request: sizes.update({request.url: request.sizes()}))
        page.goto(address, wait_until="networkidle")
        raw = {url: (BOOK / url.split("/", 3)[3].split("?")[0]).stat().st_size for url in sizes}
    sent = sum(size["responseBodySize"] for size in sizes.values())
    return {
        "page kB": round(raw[address] / 1000),
        "all kB": round(sum(raw.values()) / 1000),
        "sent kB": round(sent / 1000),
    }


def broken_rules(browser: Browser, address: str) -> list[str]:
    """What axe-core finds at both widths, in light and dark."""
    found = []
    for name, (width, height) in SIZES.items():
        with browser.new_page(
            viewport={"width": width, "height": height}, reduced_motion="reduce"
        ) as page:
            page.goto(address)
            page.wait_for_function("() => document.fonts.ready.then(() => true)")
            found += [f"{name}: {rule}" for rule in violations(page)]
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found += [f"{name}, {scheme}: {rule}" for rule in faint_texts(page)]
    return found


def lighthouse(address: str, chrome: str) -> dict[str, float | list[str]]:
    """Scores of 100, the two paints in seconds, and what kept a score below its goal."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        flags = "--chrome-flags=--headless=new --no-sandbox --disable-gpu"
        command = [
            *LIGHTHOUSE,
            address,
            "--quiet",
            "--output=json",
            flags,
            f"--output-path={file.name}",
        ]
        subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": chrome})
        report = json.loads(Path(file.name).read_text("utf8"))
    scores = {name: round(100 * report["categories"][name]["score"]) for name in GOALS}
    times = {
        short: round(report["audits"][name]["numericValue"] / 1000, 1)
        for short, name in TIMES.items()
    }
    causes = [
        f"{report['audits'][part['id']]['title']} {report['audits'][part['id']]['displayValue']}"
        for name in GOALS
        if scores[name] < GOALS[name]
        for part in report["categories"][name]["auditRefs"]
        if part["weight"] and report["audits"][part["id"]]["score"] < 0.9
    ]
    return scores | times | {"below the goal because of": causes}


def readable(results: dict[str, dict]) -> str:
    """The results as a page of Markdown."""
    columns = list(next(iter(results.values())))
    rows = [[page, *(_cell(values[name]) for name in columns)] for page, values in results.items()]
    table = [["page", *columns], ["---"] * (len(columns) + 1), *rows]
    lines = "\n".join(f"| {' | '.join(map(str, row))} |" for row in table)
    goals = ", ".join(f"{name} {goal}" for name, goal in GOALS.items())
    missing = "" if "seo" in columns else "\nLighthouse was not run: there was no Node.\n"
    return f"# The pages, as last measured\n\n{__doc__}\nGoals: {goals}.\n{missing}\n{lines}\n"


def _cell(value: object) -> object:
    return ("; ".join(value) or "none") if isinstance(value, list) else value


def main() -> int:
    speed = shutil.which("npx") is not None
    if not speed:
        print("There is no Node, so Lighthouse is left out.", file=sys.stderr)
    results = {}
    try:
        with sync_playwright() as playwright:
            chrome = executable(playwright)
        with served(BOOK) as root:
            for path in sorted(BOOK.glob("chapters/*.html")):
                address = f"{root}/{path.relative_to(BOOK)}"
                with chromium() as browser:
                    found = weight(browser, address) | {"axe": broken_rules(browser, address)}
                results[path.stem] = found | (lighthouse(address, chrome) if speed else {})
                print(path.stem, results[path.stem], flush=True)
    except NoBrowser as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    AUDIT.mkdir(exist_ok=True)
    (AUDIT / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf8")
    (AUDIT / "README.md").write_text(readable(results), encoding="utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
