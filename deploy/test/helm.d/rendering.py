"""Renders the chart and keeps what is found wrong."""

import subprocess
import sys
from pathlib import Path

import yaml

CHART = Path(sys.argv[1])

wrong: list[str] = []
_place = ""


def at(place: str) -> None:
    """What is looked at from now on."""
    global _place
    _place = place


def check(fine: object, what: str) -> None:
    if not fine:
        wrong.append(f"{_place}: {what}")


def render(release: str, *arguments: str) -> list[dict]:
    command = ["helm", "template", release, str(CHART), "--namespace", "tools", *arguments]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [document for document in yaml.safe_load_all(text) if document]


def title(document: dict) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def pod_of(document: dict) -> dict | None:
    """A document's pod template, with metadata and spec."""
    if document["kind"] == "Pod":
        return document
    return document["spec"]["template"] if document["kind"] in ("Deployment", "Job") else None


def selects(selector: dict, pod: dict) -> bool:
    return selector.items() <= pod["metadata"]["labels"].items()


def one(documents: list[dict], kind: str, end: str = "") -> dict:
    found = [document for document in documents if document["kind"] == kind and document["metadata"]["name"].endswith(end)]
    assert len(found) == 1, f"{_place}: {len(found)} times {kind} …{end}"
    return found[0]


def kinds(documents: list[dict]) -> set[str]:
    return {title(document) for document in documents}
