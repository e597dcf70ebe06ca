"""Writes numbered records with librdkafka's idempotent producer until its standard input ends.

Arguments: BOOTSTRAP TOPIC PARTITIONS [PAUSE_SECONDS]; it pauses behind a record for each partition. Prints "PARTITION NUMBER OFFSET" for each record that was acknowledged.
"""

import os
import sys
import threading
import time

from confluent_kafka import Producer

bootstrap, topic, partitions = sys.argv[1], sys.argv[2], int(sys.argv[3])
pause = float(sys.argv[4]) if len(sys.argv) > 4 else 0
stopped = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()

producer = Producer(
    {
        "bootstrap.servers": bootstrap,
        "enable.idempotence": True,
        "linger.ms": 2,
        # However long a broker is away, it comes back.
        "message.timeout.ms": 0,
        "reconnect.backoff.ms": 10,
        "reconnect.backoff.max.ms": 100,
        "retry.backoff.ms": 10,
        "queue.buffering.max.messages": 1000,
        "log_level": 0,
    }
)


def on_delivery(partition, number):
    def report(error, message):
        if error is not None:
            sys.stderr.write(f"record {number} of partition {partition}: {error}\n")
            sys.stderr.flush()
            os._exit(1)
        print(partition, number, message.offset(), flush=False)

    return report


number = 0
while not stopped.is_set():
    for partition in range(partitions):
        value = f"{partition}/{number}:" + "z" * (number * 31 % 500)
        while True:
            try:
                producer.produce(topic, value, partition=partition, on_delivery=on_delivery(partition, number))
                break
            except BufferError:
                producer.poll(0.05)
    number += 1
    producer.poll(0)
    if pause > 0:
        time.sleep(pause)
while producer.flush(1) > 0:
    pass
sys.stdout.flush()
