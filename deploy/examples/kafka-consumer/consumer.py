#!/usr/bin/env python3
"""Prints what happens at Dockline's hosts, read from Kafka: one JSON object a line.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python consumer.py --brokers localhost:9092

It is a beginning for a program of your own, and shows what such a program has to mind:
 * messages are CloudEvents 1.0 in binary mode: attributes are headers (`ce_id`, `ce_type`, ...), the data is the body;
 * a message may come twice, with the same `ce_id`. A program that writes into a database makes `ce_id` a unique key there;
   this one remembers the last ones;
 * a type ends in its version. What is of a later version, or of a type that is not known, is passed over;
 * `host.gap` says that events are missing here, and that `container.reconciled` events behind it tell what is the case;
 * a message is committed when it has been dealt with, and not before.
"""

import argparse
import collections
import json
import signal
import sys

import confluent_kafka
import jsonschema

TOPIC = "dockline.docker.events.v1"
FAMILY, VERSION = "io.dockline.docker.", ".v1"
REMEMBERED = 100_000


class Seen:
    """The identities of the last events."""

    def __init__(self):
        self._ids = collections.OrderedDict()

    def is_news(self, identity):
        if identity in self._ids:
            return False
        self._ids[identity] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return True


def attributes(message):
    """The CloudEvent's attributes; an empty dictionary for what is none."""
    headers = {name: value.decode("utf-8", "replace") for name, value in message.headers() or [] if value}
    found = {name.removeprefix("ce_"): value for name, value in headers.items() if name.startswith("ce_")}
    return found if found.get("specversion") == "1.0" and "id" in found and "type" in found else {}


def handle(message, seen, validator):
    """Deals with one message. Here is the place for what your program does."""
    event = attributes(message)
    kind = event.get("type", "")
    if not (kind.startswith(FAMILY) and kind.endswith(VERSION)):
        print(f"passed over: {kind or 'no CloudEvent'} at {message.partition()}:{message.offset()}", file=sys.stderr)
        return
    if not seen.is_news(event["id"]):
        return
    data = json.loads(message.value())
    if validator:
        validator.validate(data)
    print(
        json.dumps(
            {
                "id": event["id"],
                "time": event.get("time"),
                "host": data["host"],
                "what": f"{data['kind']} {data['action']}",
                "name": data["actor"]["name"] or data["actor"]["id"],
                "attributes": data.get("attributes", {}),
            }
        ),
        flush=True,
    )


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--brokers", default="localhost:9092", help="some brokers: host:port,host:port")
    options.add_argument("--group", default="dockline-example", help="consumers of one group share the work")
    options.add_argument("--schema", help="check every event against this JSON Schema (DockerEvent.json)")
    options.add_argument("--until-end", action="store_true", help="end when everything that is there has been read")
    given = options.parse_args()

    validator = None
    if given.schema:
        with open(given.schema, encoding="utf-8") as file:
            validator = jsonschema.Draft202012Validator(json.load(file))
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": given.brokers,
            "group.id": given.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    wanted = {"go on": True}
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: wanted.update({"go on": False}))
    ended, seen = set(), Seen()
    consumer.subscribe([TOPIC])
    try:
        while wanted["go on"]:
            message = consumer.poll(1.0)
            if message is None:
                continue
            error = message.error()
            if error is None:
                handle(message, seen, validator)
                consumer.commit(message, asynchronous=False)
            elif error.code() == confluent_kafka.KafkaError._PARTITION_EOF:
                ended.add(message.partition())
                if given.until_end and len(ended) == len(consumer.assignment()):
                    break
            else:
                print(f"Kafka: {error}; trying again", file=sys.stderr)
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
