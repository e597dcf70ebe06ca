"""Reads a topic as the one member of a group, until its standard input ends.

Arguments: BOOTSTRAP TOPIC GROUP. Prints "PARTITION VALUE OFFSET" for each record, where VALUE ends before the first ":".
"""

import sys
import threading

from confluent_kafka import Consumer

bootstrap, topic, group = sys.argv[1:4]
stopped = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()

consumer = Consumer(
    {
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "auto.commit.interval.ms": 200,
        "session.timeout.ms": 6000,
        "reconnect.backoff.ms": 10,
        "reconnect.backoff.max.ms": 100,
        "log_level": 0,
    }
)
consumer.subscribe([topic])
while not stopped.is_set():
    for message in consumer.consume(num_messages=500, timeout=0.1):
        # While the broker is away there are errors, and then there are none.
        if message.error() is None:
            print(message.partition(), message.value().split(b":")[0].decode(), message.offset())
    sys.stdout.flush()
consumer.close()
