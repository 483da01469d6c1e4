"""readme.py CHART [--write]: the table of values in the chart's README is what values.yaml says, by the comment above each value.
With --write it is made so."""

import json
import re
import sys
from pathlib import Path

import yaml

CHART = Path(sys.argv[1])
BEGIN, END = "<!-- values -->", "<!-- end of values -->"

# Roles have most values in common, and these are explained at the first.
FIRST, OTHERS = "api", ("streamer", "worker", "consumer")


def comments(text: str) -> dict[str, str]:
    """The comment right above each key, by the key's path. Comments end where a line is empty."""
    found, above, path = {}, [], []
    for line in text.splitlines():
        if match := re.match(r"( *)([A-Za-z]+):", line):
            path = [*path[: len(match[1]) // 2], match[2]]
            found[".".join(path)] = " ".join(above)
        above = [*above, line.strip().removeprefix("# ")] if line.strip().startswith("#") else []
    return found


def meaning(told: dict[str, str], path: str) -> str:
    role, _, rest = path.partition(".")
    as_first = f"as `{FIRST}.{rest}`" if role in OTHERS and told.get(f"{FIRST}.{rest}") else ""
    return told.get(path) or as_first


def has_explained_parts(value: object, told: dict[str, str], path: str) -> bool:
    return isinstance(value, dict) and any(
        meaning(told, f"{path}.{key}") or has_explained_parts(part, told, f"{path}.{key}") for key, part in value.items()
    )


def leaves(values: dict, told: dict[str, str], path: str = ""):
    """Values with a row of their own: those whose parts nothing is said about."""
    for key, value in values.items():
        inner = f"{path}.{key}".lstrip(".")
        if has_explained_parts(value, told, inner):
            yield from leaves(value, told, inner)
        else:
            yield inner, value


def shown(value: object) -> str:
    return f"`{json.dumps(value)}`".replace("|", "\\|")


def table() -> str:
    text = (CHART / "values.yaml").read_text()
    told = comments(text)
    rows = ["| value | default | meaning |", "|---|---|---|"]
    for path, value in leaves(yaml.safe_load(text), told):
        said = meaning(told, path)
        assert said, f"values.yaml does not explain {path}"
        rows.append(f"| `{path}` | {shown(value)} | {said} |")
    return "\n".join(rows)


readme = CHART / "README.md"
before, _, rest = readme.read_text().partition(BEGIN)
now, _, after = rest.partition(END)
assert after, f"{readme} has no {BEGIN} … {END}"
if "--write" in sys.argv:
    readme.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}")
elif now.strip() != table():
    print(f"{readme}: the table of values is not what values.yaml says: run deploy/test/helm --write")
    sys.exit(1)
print("the table of values is that of values.yaml")
