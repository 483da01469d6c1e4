"""render.py CHART: renders the chart with every value set of its folder `ci` and some more, and looks at what comes out as an
operator would. Prints what is wrong; status 1 if anything is."""

import base64
import re
import sys

import sources
import yaml
from choices import look_at_choices, look_at_edge, look_at_rules
from pods import look_at_pod
from rendering import CHART, at, check, pod_of, render, selects, title, wrong

LONG = "a-release-whose-name-is-as-long-as-helm-allows-it-123"
NAME = "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"


def look_at_references(documents: list[dict]) -> None:
    """Whatever names or selects something finds it."""
    pods = {title(document): pod for document in documents if (pod := pod_of(document))}
    workloads = {name: pod for name, pod in pods.items() if name.startswith("Deployment/")}
    names = {title(document) for document in documents}
    check(len(names) == len(documents), "two documents have the same name")
    for document in documents:
        kind, name, spec = document["kind"], title(document), document.get("spec", {})
        check(len(document["metadata"]["name"]) <= 63, f"{name}: the name is too long")
        check(document["metadata"]["namespace"] == "tools", f"{name}: is in another namespace")
        if kind == "Service":
            found = [pod for pod in workloads.values() if selects(spec["selector"], pod)]
            check(len(found) == (0 if name.endswith("-nowhere") else 1), f"{name}: selects {len(found)} Deployments")
            ports = {port["name"] for pod in found for container in pod["spec"]["containers"] for port in container["ports"]}
            check(not found or all(port["targetPort"] in ports for port in spec["ports"]), f"{name}: leads to no port")
        if kind in ("PodDisruptionBudget", "NetworkPolicy"):
            selector = spec["selector" if kind == "PodDisruptionBudget" else "podSelector"]["matchLabels"]
            check(len([pod for pod in pods.values() if selects(selector, pod)]) == 1, f"{name}: selects no pod, or several")
        if kind == "HorizontalPodAutoscaler":
            check(f"Deployment/{spec['scaleTargetRef']['name']}" in names, f"{name}: scales nothing")
        if kind == "Deployment":
            selector = spec["selector"]["matchLabels"]
            check(selects(selector, spec["template"]), f"{name}: does not select its own pods")
            check(set(selector) == set(NAME), f"{name}: selects by labels that may change")
            for spread in spec["template"]["spec"].get("topologySpreadConstraints", []):
                check(spread["labelSelector"]["matchLabels"] == selector, f"{name}: is spread among other pods")
        if kind == "IngressRoute":
            for route in spec["routes"]:
                for middleware in route["middlewares"]:
                    check(f"Middleware/{middleware['name']}" in names, f"{name}: there is no {middleware['name']}")
                check(f"Service/{route['services'][0]['name']}" in names, f"{name}: leads nowhere")
        if kind == "Ingress":
            for path in spec["rules"][0]["http"]["paths"]:
                check(f"Service/{path['backend']['service']['name']}" in names, f"{name}: leads nowhere")
    for name, pod in pods.items():
        account = pod["spec"].get("serviceAccountName")
        made = f"ServiceAccount/{account}" in names
        # A hook comes before anything else is there.
        check(not (name.startswith("Job/") and made), f"{name}: needs an account that the release has yet to make")


def look_at_secrets(documents: list[dict]) -> None:
    """No secret is anywhere but in the one Secret of the stores for trying."""
    trial = [document for document in documents if document["kind"] == "Secret"]
    text = yaml.safe_dump([document for document in documents if document["kind"] != "Secret"])
    check(not re.search(r"://[^/\s@]*:[^/\s@]+@", text), "a URL has a password")
    for secret in trial:
        key = base64.b64decode(base64.b64decode(secret["data"]["secret-key"]))
        check(len(key) == 32, f"a secret key of {len(key)} bytes")
        for key, value in secret["data"].items():
            plain = base64.b64decode(value).decode().strip().removeprefix("requirepass ")
            check(plain not in text and value not in text, f"the secret {key} stands in another document")


def look_at_hooks(documents: list[dict]) -> None:
    for document in documents:
        hook = document["metadata"].get("annotations", {}).get("helm.sh/hook")
        if not hook:
            continue
        check(hook in ("pre-install,pre-upgrade", "test"), f"{title(document)}: is a hook of {hook}")
        policy = document["metadata"]["annotations"]["helm.sh/hook-delete-policy"]
        check(policy == "before-hook-creation,hook-succeeded", f"{title(document)}: stays behind")
    kinds = [(document["kind"], document["metadata"]["annotations"]["helm.sh/hook-weight"]) for document in documents
             if document["metadata"].get("annotations", {}).get("helm.sh/hook") == "pre-install,pre-upgrade"]
    if len(kinds) == 2:
        check(sorted(kinds) == [("Job", "0"), ("NetworkPolicy", "-1")], "the migration comes before it may reach the database")


def look_at(documents: list[dict]) -> None:
    for document in documents:
        if pod := pod_of(document):
            look_at_pod(title(document), pod)
    look_at_references(documents)
    look_at_secrets(documents)
    look_at_hooks(documents)


at("values.schema.json")
schema = yaml.safe_load((CHART / "values.schema.json").read_text())
settings = schema["properties"]["settings"]["properties"]
check(settings["drainSeconds"]["maximum"] == sources.most_drain_seconds(), "another limit of the drain")
check(settings["eventHistoryDays"]["maximum"] == sources.most_event_days(), "another limit of the history")
check(schema["definitions"]["grace"]["minimum"] > sources.clean_end_seconds(), "a grace period that is too short passes")

at("Chart.yaml")
about = yaml.safe_load((CHART / "Chart.yaml").read_text())
check(about["appVersion"] == sources.version(), "appVersion is not the program's version")

sets = sorted((CHART / "ci").glob("*-values.yaml"))
assert len(sets) >= 5, sets
for file in sets:
    at(file.name)
    look_at(render("dockline", "--values", str(file)))
at("a long name")
look_at(render(LONG, "--values", str(CHART / "ci/hardened-values.yaml"), "--set", "ingress.enabled=true"))
look_at(render(LONG, "--set", "trial.enabled=true"))
look_at_choices()
look_at_edge()
look_at_rules()
print("\n".join(wrong) or f"renderings of {len(sets) + 2} value sets are fine")
sys.exit(bool(wrong))
