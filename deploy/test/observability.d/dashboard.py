"""dashboard.py FILE: checks a dashboard against Grafana's schema and against what its panels owe their readers, and prints its
expressions as Prometheus' rules, so that promtool can check them."""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

# What Grafana puts in their place.
VARIABLES = {"$__rate_interval": "1m", "$__range": "3h"}


def lost(here, back, path="dashboard"):
    """Where `here` says what the schema does not know: it did not come `back`."""
    if isinstance(here, dict) and isinstance(back, dict):
        for key, value in here.items():
            if key in back:
                yield from lost(value, back[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is not in the schema"
    elif isinstance(here, list) and isinstance(back, list) and len(here) == len(back):
        for number, (one, other) in enumerate(zip(here, back)):
            yield from lost(one, other, f"{path}[{number}]")
    elif here != back:
        yield f"{path} is {here!r}, and {back!r} by the schema"


def complaints(dashboard):
    """What is missing in panels and variables."""
    names = {variable["name"] for variable in dashboard["templating"]["list"]}
    taken, ids, titles = {}, set(), set()
    for panel in dashboard["panels"]:
        what = f"the panel {panel['title']!r}"
        if panel["id"] in ids:
            yield f"{what} has the id of another one"
        ids.add(panel["id"])
        place = panel["gridPos"]
        for cell in ((place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])):
            if cell[0] > 23 or cell in taken:
                yield f"{what} stands on {taken.get(cell, 'the edge')}"
                break
            taken[cell] = what
        if panel["type"] == "row":
            titles = set()
            continue
        if panel["title"] in titles:
            yield f"{what} is twice in its row"
        titles.add(panel["title"])
        if not panel["fieldConfig"]["defaults"].get("unit"):
            yield f"{what} has no unit"
        for target in panel["targets"]:
            if not target.get("legendFormat"):
                yield f"{what} has no legend"
    text = json.dumps(dashboard["panels"])
    for name in names:
        if f"${name}" not in text and f"${{{name}}}" not in text and name != "datasource":
            yield f"nothing uses the variable {name}"


def rules(dashboard):
    """Each expression as a recording rule; JSON is YAML."""
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    expressions += [one["expr"] for one in dashboard["annotations"]["list"] if "expr" in one]
    for variable, value in VARIABLES.items():
        expressions = [expression.replace(variable, value) for expression in expressions]
    recorded = [{"record": f"panel:{n}", "expr": expression} for n, expression in enumerate(expressions)]
    return {"groups": [{"name": "dashboard", "rules": recorded}]}


with open(sys.argv[1], encoding="utf-8") as file:
    dashboard = json.load(file)
register_default_plugins()
back = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
wrong = [*lost(dashboard, back), *complaints(dashboard)]
if wrong:
    sys.exit("\n".join(wrong))
json.dump(rules(dashboard), sys.stdout, indent=1)
