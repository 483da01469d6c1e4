"""What the program says about itself, read from its sources: the chart is compared with it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def _text(path: str) -> str:
    return (ROOT / path).read_text()


def _found(pattern: str, path: str) -> str:
    match = re.search(pattern, _text(path), re.S)
    assert match, f"{path} does not have {pattern!r} any more: adapt this test"
    return match.group(1)


def settings() -> set[str]:
    """Every setting as its variable, without DOCKER_HOST, which is standalone's."""
    keys = re.findall(r'"(\w+)"', _found(r"const KEYS: [^=]*= \[(.*?)\];", "services/dockline/src/settings/lookup.rs"))
    return {f"DOCKLINE_{key.upper()}" for key in keys if key != "docker_host"}


def version() -> str:
    return _found(r'\[workspace\.package\].*?\nversion = "([^"]+)"', "Cargo.toml")


def clean_end_seconds() -> int:
    return int(_found(r"const GRACE: Duration = Duration::from_secs\((\d+)\)", "services/dockline/src/process.rs"))


def most_drain_seconds() -> int:
    return int(_found(r"const MOST_DRAIN: u64 = (\d+)", "services/dockline/src/settings/mod.rs"))


def most_event_days() -> int:
    return int(_found(r"const MOST_EVENT_DAYS: u32 = ([\d_]+)", "services/dockline/src/settings/mod.rs").replace("_", ""))


def probe_paths() -> set[str]:
    """Paths that the API and the other roles' listener both have."""
    api = set(re.findall(r'path = "(/[a-z]+)"', _text("services/api/src/rest/health.rs")))
    others = set(re.findall(r'^        "(/[a-z]+)" =>', _text("shared/lifecycle/src/probe.rs"), re.M))
    return api & others


def metrics() -> set[str]:
    """Every metric's name."""
    folder = ROOT / "shared/telemetry/src/metrics"
    files = ["shared/telemetry/src/metrics.rs", "services/api/src/metrics.rs", *folder.glob("*.rs")]
    return {name for file in files for name in re.findall(r'"(dockline_[a-z_]+)"', _text(file))}


def edge() -> tuple[dict, dict, dict]:
    """Middlewares, the service's load balancer, and routers of traefik/dynamic, with what holds without variables."""
    import yaml

    def of(name: str) -> dict:
        text = _text(f"traefik/dynamic/{name}.yml")
        text = re.sub(r'{{ env "\w+" \| default "(\d+)" }}', r"\1", text)
        text = text.replace("{{ $service }}", "dockline")
        text = "\n".join(line for line in text.splitlines() if not re.match(r"\s*{{|\s*- url:|\s*#", line))
        return yaml.safe_load(text)["http"]

    balancer = of("services")["services"]["dockline"]["loadBalancer"]
    return of("middlewares")["middlewares"], balancer, of("routers")["routers"]
