"""schema.py CHART: the schema is strict and refuses what is out of range, with the value's path. Prints what is wrong; status 1 if
anything is."""

import subprocess
import sys
from pathlib import Path

import yaml

CHART = Path(sys.argv[1])

# What is set, the path that must be named, and a word of the reason.
BAD = [
    ("api.replicas=0", "/api/replicas", "minimum"),
    ("api.replicas=three", "/api/replicas", "integer"),
    ("streamer.replicas=-1", "/streamer/replicas", "minimum"),
    ("api.replica=3", "/api", "replica"),
    ("colour=blue", "", "colour"),
    ("api=null", "", "missing property 'api'"),
    ("api.terminationGracePeriodSeconds=25", "/api/terminationGracePeriodSeconds", "minimum"),
    ("api.maxUnavailable=0", "/api/maxUnavailable", "minimum"),
    ("api.maxUnavailable=most", "/api/maxUnavailable", "pattern"),
    ("api.resources.limits.memory=plenty", "/api/resources/limits/memory", "pattern"),
    ("api.podLabels.app\\.kubernetes\\.io/instance=other", "/api/podLabels/app.kubernetes.io~1instance", "false schema"),
    ("api.autoscaling.enabled=true,api.resources.requests.cpu=null", "/api/resources/requests", "cpu"),
    ("api.autoscaling.cpu=0", "/api/autoscaling/cpu", "minimum"),
    ("settings.drainSeconds=11", "/settings/drainSeconds", "maximum"),
    ("settings.eventHistoryDays=3651", "/settings/eventHistoryDays", "maximum"),
    ("settings.statsHistory=some", "/settings/statsHistory", "watched"),
    ("settings.recordTerminals=some", "/settings/recordTerminals", "labelled"),
    ("backups.claim=Backups", "/backups/claim", "pattern"),
    ("settings.traceSampleRatio=2", "/settings/traceSampleRatio", "maximum"),
    ("settings.otlpEndpoint=collector:4318", "/settings/otlpEndpoint", "pattern"),
    ("settings.logFormat=xml", "/settings/logFormat", "json"),
    ("settings.socketsPerUser=0", "/settings/socketsPerUser", "minimum"),
    ("settings.trustedProxies[0]=10.0.0.1", "/settings/trustedProxies/0", "pattern"),
    ("settings.hosts[0].name=Edge,settings.hosts[0].address=tcp://a:1", "/settings/hosts/0/name", "pattern"),
    ("settings.hosts[0].name=edge,settings.hosts[0].address=tcp://a", "/settings/hosts/0/address", "pattern"),
    ("settings.hosts[0].name=test,settings.hosts[0].address=tcp://a:1", "/settings/hosts/0/name", "not"),
    ("publicUrl=https://docker.example.org/path", "/publicUrl", "pattern"),
    ("image.digest=latest", "/image/digest", "pattern"),
    ("image.pullPolicy=Sometimes", "/image/pullPolicy", "Always"),
    ("secrets.secretKey.value=c2VjcmV0", "/secrets/secretKey", "value"),
    ("kafka.brokers[0]=kafka", "/kafka/brokers/0", "pattern"),
    ("kafka.ca.name=authority", "/kafka/tls", "true"),
    ("redis.ports[0]=65536", "/redis/ports/0", "maximum"),
    ("service.port=0", "/service/port", "minimum"),
    ("topologySpread.zone=perhaps", "/topologySpread/zone", "DoNotSchedule"),
    ("ingressRoute.rate.average=0", "/ingressRoute/rate/average", "minimum"),
    ("networkPolicy.egress.engines.cidrs[0]=everywhere", "/networkPolicy/egress/engines/cidrs/0", "pattern"),
    ("networkPolicy.from[0].pods=all", "/networkPolicy/from/0", "pods"),
    ("monitoring.serviceMonitor.interval=soon", "/monitoring/serviceMonitor/interval", "pattern"),
    ("trial.enabled=true,kafka.brokers[0]=kafka:9092", "/kafka/brokers", "maxItems"),
    ("trial.enabled=true,redis.ca.name=authority", "/redis/ca/name", "''"),
    # What a schema cannot say the templates do.
    ("api.autoscaling.enabled=true,api.autoscaling.minReplicas=20", "api.autoscaling.minReplicas", "maxReplicas"),
    ("ingress.enabled=true", "publicUrl", "https://"),
]

wrong = []
for values, path, reason in BAD:
    told = subprocess.run(["helm", "template", "dockline", CHART, "--set", values], capture_output=True, text=True)
    named = f"at '{path}'" if path.startswith("/") or not path else path
    lines = [line for line in told.stderr.splitlines() if named in line]
    if told.returncode == 0:
        wrong.append(f"{values} passes")
    elif not any(reason in line.replace(path, "", 1) for line in lines):
        wrong.append(f"{values}: the error does not name {path or 'the whole'} and {reason}: {told.stderr.strip()}")


def objects(schema: object, path: str = ""):
    """Every schema of an object with named properties."""
    if isinstance(schema, dict):
        # Conditions name some properties of an object that is described elsewhere.
        if "properties" in schema and schema.get("type") == "object":
            yield path, schema
        for key, part in schema.items():
            yield from objects(part, f"{path}/{key}")


def compare(path: str, schema: dict, values: dict, whole: dict) -> None:
    """The schema describes the values that there are, each of which is required, so that null is refused too."""
    schema = whole["definitions"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    properties = set(schema.get("properties", {})) - {"global"}
    if "required" in schema:
        if not properties == set(schema["required"]) == set(values):
            wrong.append(f"{path or 'values'}: values and schema differ: {properties ^ set(values) | properties ^ set(schema['required'])}")
        for key, value in values.items():
            if isinstance(value, dict) and key in properties:
                compare(f"{path}.{key}".lstrip("."), schema["properties"][key], value, whole)


whole = yaml.safe_load((CHART / "values.schema.json").read_text())
# Parts of Kubernetes' own objects are Kubernetes' to judge.
foreign = ("/definitions/volumes/", "/definitions/volumeMounts/", "/definitions/peers/items/properties/")
for path, schema in objects(whole):
    if schema.get("additionalProperties") is not False and not path.startswith(foreign):
        wrong.append(f"{path}: takes names that there are not")
compare("", whole, yaml.safe_load((CHART / "values.yaml").read_text()), whole)

print("\n".join(wrong) or f"{len(BAD)} bad values are refused by their paths")
sys.exit(bool(wrong))
