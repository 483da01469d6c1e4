"""What single values do, and what the chart has in common with other files."""

import re

import sources
import yaml
from rendering import CHART, at, check, kinds, one, render


def look_at_choices() -> None:
    """What single values do."""
    at("no Kafka")
    check("Deployment/dockline-consumer" not in kinds(render("dockline")), "consumers without Kafka")
    at("autoscaling")
    for enabled in True, False:
        documents = render("dockline", "--set", f"api.autoscaling.enabled={str(enabled).lower()}")
        check(("replicas" in one(documents, "Deployment", "-api")["spec"]) != enabled, "two decide how many replicas there are")
        check(("HorizontalPodAutoscaler/dockline-api" in kinds(documents)) == enabled, "autoscaler")
    at("rolling")
    before = one(render("dockline"), "Deployment", "-streamer")["spec"]["template"]
    for value in "settings.log=debug", "secrets.revision=2":
        check(one(render("dockline", "--set", value), "Deployment", "-streamer")["spec"]["template"] != before, f"{value} starts no pod anew")
    newer = one(render("dockline", "--set", "api.replicas=4,migration.backoffLimit=1"), "Deployment", "-streamer")
    check(newer["spec"]["template"] == before, "a value that does not concern them starts pods anew")
    at("spread off")
    spec = one(render("dockline", "--set", "topologySpread.zone=off,topologySpread.node=off"), "Deployment", "-api")["spec"]
    check("topologySpreadConstraints" not in spec["template"]["spec"], "spread all the same")
    at("backups")
    for claim in "", "backups":
        documents = render("dockline", "--set", f"backups.claim={claim}")
        for role, fits in ("api", True), ("worker", True), ("streamer", False), ("consumer", False):
            if role == "consumer" and "Deployment/dockline-consumer" not in kinds(documents):
                continue
            spec = one(documents, "Deployment", f"-{role}")["spec"]["template"]["spec"]
            claims = [volume["persistentVolumeClaim"]["claimName"] for volume in spec["volumes"] if "persistentVolumeClaim" in volume]
            mounts = [mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"] if mount["name"] == "backups"]
            folders = [setting["value"] for setting in spec["containers"][0]["env"] if setting["name"] == "DOCKLINE_BACKUP_DIR"]
            check(claims == ([claim] if claim and fits else []), f"{role} claims {claims}")
            check(mounts == folders and len(folders) == len(claims), f"{role} has backups in {folders}, mounted at {mounts}")
    at("uploads")
    for size, mib in ("16Gi", 16320), ("500M", 412), ("2Ti", 1048576), ("64Mi", 1):
        spec = one(render("dockline", "--set", f"uploads.sizeLimit={size}"), "Deployment", "-api")["spec"]["template"]["spec"]
        limits = [volume["emptyDir"]["sizeLimit"] for volume in spec["volumes"] if volume["name"] == "tmp"]
        told = [setting["value"] for setting in spec["containers"][0]["env"] if setting["name"] == "DOCKLINE_UPLOAD_DISK_MIB"]
        check((limits, told) == ([size], [str(mib)]), f"a disk of {size} for uploads: {limits} and {told} MiB")
    at("hardened")
    documents = render("dockline", "--values", str(CHART / "ci/hardened-values.yaml"))
    ports = {rule_port["port"] for rule in one(documents, "NetworkPolicy", "-streamer")["spec"]["egress"] for rule_port in rule["ports"]}
    check(ports == {53, 6379, 9092, 4318, 2376}, f"streamers may go to the ports {sorted(ports)}")
    at("production")
    documents = render("dockline", "--values", str(CHART / "ci/production-values.yaml"))
    ports = {rule_port["port"] for rule in one(documents, "NetworkPolicy", "-api")["spec"]["egress"] for rule_port in rule["ports"]}
    check(ports == {53, 5432, 6380, 9093, 9094, 443, 2376, 22, 2375, 2222}, f"replicas may go to the ports {sorted(ports)}")
    ports = {rule_port["port"] for rule in one(documents, "NetworkPolicy", "-consumer")["spec"]["egress"] for rule_port in rule["ports"]}
    check(ports == {53, 5432, 9093, 9094, 443}, f"consumers may go to the ports {sorted(ports)}")
    ports = {rule_port["port"] for rule in one(documents, "NetworkPolicy", "-worker")["spec"]["egress"] for rule_port in rule["ports"]}
    check(ports == {53, 5432, 443, 2376, 22, 2375, 2222}, f"workers may go to the ports {sorted(ports)}")


def look_at_edge() -> None:
    """What Traefik does with requests is the same as in traefik/dynamic."""
    at("IngressRoute and traefik/dynamic")
    documents = render("dockline", "--set", "ingressRoute.enabled=true,publicUrl=https://docker.example.org")
    middlewares, balancer, routers = sources.edge()
    for name, spec in middlewares.items():
        check(one(documents, "Middleware", f"dockline-{name}")["spec"] == spec, f"the middleware {name} differs")
    routes = one(documents, "IngressRoute")["spec"]["routes"]
    check(len(routes) == len(routers), "another number of ways in")
    base = min(route["priority"] for route in routes) - 1
    by_rule = {re.sub(r"^Host\(`[^`]*`\) && ", "", route["match"]).strip("()"): route for route in routes}
    for name, router in routers.items():
        route = by_rule.get(router["rule"].strip("()"))
        check(route, f"no way in for {router['rule']}")
        if not route:
            continue
        check(route["priority"] - base == router["priority"], f"{name} has another place")
        check([m["name"].removeprefix("dockline-") for m in route["middlewares"]] == router["middlewares"], f"{name} has other middlewares")
        service = route["services"][0]
        check(service["passiveHealthCheck"] == balancer["passiveHealthCheck"], "another passive health check")
        check(service["sticky"]["cookie"] == balancer["sticky"]["cookie"] | {"secure": True}, "another sticky cookie")
    # Behind an authority's path on the same host, before what has no host.
    challenge = len("Host(`docker.example.org`) && PathPrefix(`/.well-known/acme-challenge/`)")
    check(all(len("HostRegexp(`^.+$`)") < route["priority"] < challenge + 43 for route in routes), "priorities")


def look_at_rules() -> None:
    at("files/alerts.yml")
    text = (CHART / "files/alerts.yml").read_text()
    for metric in set(re.findall(r"\bdockline_[a-z_]+\b", text)):
        check(metric in sources.metrics(), f"there is no metric {metric}")
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    tests = (CHART / "files/alerts.test.yml").read_text()
    for rule in rules:
        check(tests.count(rule["alert"]) >= 2, f"{rule['alert']} has no test that it fires and one that it is silent")
    at("PrometheusRule")
    documents = render("rel", "--set", "monitoring.rules.enabled=true")
    own = one(documents, "PrometheusRule")["spec"]["groups"]
    check([group["name"] for group in own] == ["dockline"], "rules about a history without Kafka")
    expressions = "\n".join(rule["expr"] for group in own for rule in group["rules"])
    selectors = re.findall(r"\b(?:up|dockline_[a-z_]+){([^}]*)", expressions)
    check(len(selectors) > 5 and all('namespace="tools",job="rel-dockline"' in own for own in selectors), "rules look at other releases")
