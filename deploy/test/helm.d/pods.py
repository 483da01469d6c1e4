"""What holds for every pod."""

import base64
import os
import re
import subprocess
import tempfile
from pathlib import Path

import sources
from rendering import check

PROGRAM = os.environ.get("DOCKLINE_BIN")


def containers_of(pod: dict) -> list[dict]:
    return pod["spec"].get("initContainers", []) + pod["spec"]["containers"]


def of_dockline(container: dict) -> bool:
    return container.get("args", [""])[0] in ("api", "streamer", "worker", "consumer", "migrate", "healthcheck", "config")


def environment(container: dict) -> dict[str, str]:
    names = [entry["name"] for entry in container.get("env", [])]
    check(len(names) == len(set(names)), f"{container['name']} has a variable twice")
    literals = {entry["name"]: entry["value"] for entry in container.get("env", []) if "value" in entry}
    check(set(names) - literals.keys() <= {"OTEL_EXPORTER_OTLP_HEADERS"}, f"{container['name']} has a secret in its environment")
    return literals


def look_at_security(name: str, pod: dict) -> None:
    spec = pod["spec"]
    context = spec["securityContext"]
    check(context.get("runAsNonRoot") is True and context.get("runAsUser", 0) > 0, f"{name} may be root")
    check(context.get("seccompProfile") == {"type": "RuntimeDefault"}, f"{name} has no seccomp profile")
    check(spec.get("automountServiceAccountToken") is False, f"{name} gets a token of Kubernetes")
    for container in containers_of(pod):
        own, label = container["securityContext"], f"{name}, {container['name']}"
        check(own.get("readOnlyRootFilesystem") is True, f"{label}: root file system can be written")
        check(own.get("allowPrivilegeEscalation") is False, f"{label}: may gain privileges")
        check(own.get("capabilities") == {"drop": ["ALL"]}, f"{label}: keeps capabilities")
        check("runAsUser" not in own and "runAsNonRoot" not in own, f"{label}: undoes the pod's user")
        resources = container.get("resources", {})
        check("memory" in resources.get("limits", {}), f"{label}: no limit of memory")
        check({"cpu", "memory"} <= resources.get("requests", {}).keys(), f"{label}: requests nothing")


def look_at_settings(name: str, pod: dict) -> None:
    """Settings are the program's, and every file that they name is mounted."""
    known = sources.settings()
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes", [])}
    for container in containers_of(pod):
        label = f"{name}, {container['name']}"
        mounts = {mount["mountPath"]: mount["name"] for mount in container.get("volumeMounts", [])}
        check(set(mounts.values()) <= volumes.keys(), f"{label}: mounts a volume that is not there")
        if not of_dockline(container):
            continue
        for setting, value in environment(container).items():
            check(setting.removesuffix("_FILE") in known, f"{label}: there is no setting {setting}")
            secret = re.search(r"SECRET_KEY|DATABASE_URL|REDIS_URL|PASSWORD", setting)
            check(not secret or setting.endswith("_FILE"), f"{label}: {setting} is in the environment")
            if setting.endswith("_FILE"):
                folder, _, file = value.rpartition("/")
                volume = volumes.get(mounts.get(folder, ""), {})
                sources_of = volume.get("projected", {}).get("sources") or [{"secret": volume.get("secret", {})}]
                files = {item["path"] for source in sources_of for item in source["secret"].get("items", [])}
                check(file in files, f"{label}: {setting} names {value}, which no Secret is mounted at")


def look_at_probes(name: str, pod: dict) -> None:
    for container in pod["spec"]["containers"]:
        if container.get("args", [""])[0] not in ("api", "streamer", "worker", "consumer"):
            continue
        port = int(environment(container)["DOCKLINE_LISTEN"].rpartition(":")[2])
        check({"name": "http", "containerPort": port} in container["ports"], f"{name}: `http` is not the port it listens on")
        for probe, path in ("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz"):
            check(container.get(probe, {}).get("httpGet") == {"path": path, "port": "http"}, f"{name}: {probe} is not {path}")
            check(path in sources.probe_paths(), f"{name}: the program has no {path}")
        grace = pod["spec"]["terminationGracePeriodSeconds"]
        drain = int(environment(container).get("DOCKLINE_DRAIN_SECONDS", 0))
        check(grace > sources.clean_end_seconds() > drain, f"{name}: {grace} s are too short for a clean end")
        # Only replicas get requests, so only they have to wait until nobody sends any.
        check((drain > 0) == (container["name"] == "api"), f"{name}: drains {drain} s")


def look_at_program(name: str, pod: dict) -> None:
    """What the program says about the settings of a role, in the place of which files of a test stand."""
    for container in pod["spec"]["containers"]:
        role = container.get("args", [""])[0]
        if not PROGRAM or role not in ("api", "streamer", "worker", "consumer"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            values = {
                "DOCKLINE_SECRET_KEY_FILE": base64.b64encode(bytes(range(32))).decode(),
                "DOCKLINE_DATABASE_URL_FILE": "postgres://dockline:hunter2@postgres/dockline",
                "DOCKLINE_REDIS_URL_FILE": "redis://:hunter2@redis:6379",
            }
            env = environment(container)
            for setting in [setting for setting in env if setting.endswith("_FILE")]:
                env[setting] = str(Path(folder) / setting)
                Path(env[setting]).write_text(values.get(setting, "a text\n"))
            told = subprocess.run([PROGRAM, "config", "check", "--role", role], env=env, capture_output=True, text=True)
            check(told.returncode == 0, f"{name}: the program refuses its settings: {told.stderr.strip()}")
            check("hunter2" not in told.stdout + told.stderr, f"{name}: the program shows a secret")


def look_at_pod(name: str, pod: dict) -> None:
    look_at_security(name, pod)
    look_at_settings(name, pod)
    look_at_probes(name, pod)
    look_at_program(name, pod)
