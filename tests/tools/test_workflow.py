"""CI runs no code that can change under its name, with no more rights than a job needs."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+")
READ = {"contents": "read"}
DEPLOY = {"pages": "write", "id-token": "write"}


def faults(text: str) -> list[str]:
    """What is wrong with a workflow."""
    workflow = yaml.safe_load(text)
    uses = re.findall(r"^[ -]*uses: *(.*?) *$", text, re.MULTILINE)
    found = [f"unpinned: {use}" for use in uses if not PINNED.fullmatch(use)]
    if workflow.get("permissions") != {}:
        found.append("rights for all jobs")
    if (
        workflow["concurrency"]["cancel-in-progress"]
        != "${{ github.event_name == 'pull_request' }}"
    ):
        found.append("a run outside a pull request can be cancelled")
    for name, job in workflow["jobs"].items():
        found += [f"{name}: {fault}" for fault in faults_of_job(job)]
    return found


def faults_of_job(job: dict) -> list[str]:
    names = [step.get("uses", "").partition("@")[0] for step in job["steps"]]
    deploys = "actions/deploy-pages" in names
    found = []
    if job.get("permissions") != (DEPLOY if deploys else READ):
        found.append("other rights than it needs")
    if deploys and job.get("concurrency") != {"group": "pages", "cancel-in-progress": False}:
        found.append("the deploy can be cancelled")
    if deploys and any("run" in step for step in job["steps"]):
        found.append("runs code with the rights of the deploy")
    for name, step in zip(names, job["steps"], strict=True):
        kept = step.get("with", {}).get("persist-credentials", True)
        if name == "actions/checkout" and kept is not False:
            found.append("the checkout keeps its credentials")
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow(path):
    text = path.read_text()
    assert "uses:" in text
    assert faults(text) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (r"checkout@[0-9a-f]{40}  # v4.4.0", "checkout@v4", "unpinned: actions/checkout@v4"),
        (r"(checkout@[0-9a-f]{39})[0-9a-f]", r"\1", "unpinned: actions/checkout@"),
        (r"(checkout@[0-9a-f]{40})  # v4.4.0", r"\1", "unpinned: actions/checkout@"),
        (r"permissions: {}", "permissions: write-all", "rights for all jobs"),
        (r"permissions: {}\n", "", "rights for all jobs"),
        (r"      contents: read\n", "      contents: write\n", "test: other rights"),
        (r"    permissions:\n      contents: read\n", "", "test: other rights"),
        (r"      pages: write\n", "\\g<0>      contents: write\n", "publish: other rights"),
        (r"progress: \$\{\{.*\}\}", "progress: true", "outside a pull request"),
        (r"cancel-in-progress: false", "cancel-in-progress: true", "publish: the deploy can be"),
        (r"group: pages", "group: other", "publish: the deploy can be"),
        (
            r"    steps:\n      - id: deploy",
            "    steps:\n      - run: ls\n      - id: deploy",
            "runs",
        ),
        (r"persist-credentials: false", "persist-credentials: true", "keeps its credentials"),
        (r"        with:\n          persist-credentials: false\n", "", "keeps its credentials"),
    ],
)
def test_a_wrong_workflow(old, new, fault):
    text = (ROOT / ".github/workflows/book.yml").read_text()
    wrong, count = re.subn(old, new, text, count=1)
    assert count == 1
    found = faults(wrong)
    assert len(found) == 1
    assert fault in found[0]


def test_dependabot_watches_actions_and_packages():
    watched = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    kinds = {entry["package-ecosystem"]: entry["schedule"]["interval"] for entry in watched}
    assert kinds == {"github-actions": "monthly", "pip": "monthly"}
