"""Moves records through librdkafka as fast as it goes and prints figures as one line of JSON.

    rdkafka_load.py produce BOOTSTRAP TOPIC PARTITIONS WARM_UP_RECORDS RECORDS RECORD_BYTES
    rdkafka_load.py consume BOOTSTRAP TOPIC PARTITIONS WARM_UP_RECORDS RECORDS RECORD_BYTES

Everything is librdkafka's default; the consumer is assigned its partitions and joins no group.
"""

import json
import os
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition, libversion

# Callbacks into Python cost more than the record: latency is taken of one record in so many.
SAMPLED = 64
GIVE_UP_S = 120
FETCHED_AT_ONCE = 1000


def produce(bootstrap, topic, partitions, warm_up, records, record_bytes):
    producer = Producer({"bootstrap.servers": bootstrap})
    value = os.urandom(record_bytes)
    latencies_ms = []

    def sampled(sent_at):
        def on_delivery(error, _message):
            if error is not None:
                raise KafkaException(error)
            latencies_ms.append((time.perf_counter() - sent_at) * 1000)

        return on_delivery

    def send(count, is_measured):
        for index in range(count):
            extra = {"on_delivery": sampled(time.perf_counter())} if is_measured and index % SAMPLED == 0 else {}
            while True:
                try:
                    producer.produce(topic, value, partition=index % partitions, **extra)
                    break
                except BufferError:
                    producer.poll(0.01)
            if index % SAMPLED == 0:
                producer.poll(0)
        if producer.flush(GIVE_UP_S) != 0:
            raise SystemExit("records were left unsent")

    send(warm_up, False)
    began = time.perf_counter()
    send(records, True)
    return records, time.perf_counter() - began, sorted(latencies_ms)


def consume(bootstrap, topic, partitions, warm_up, records, _record_bytes):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(partitions)])
    give_up_at = time.perf_counter() + GIVE_UP_S
    began = None
    seen = 0
    counted_from = 0
    while seen < warm_up + records:
        messages = consumer.consume(FETCHED_AT_ONCE, 0.5)
        for message in messages:
            if message.error() is not None:
                raise KafkaException(message.error())
        seen += len(messages)
        if began is None and seen > warm_up:
            began = time.perf_counter()
            counted_from = seen
        if time.perf_counter() > give_up_at:
            raise SystemExit(f"{seen} of {warm_up + records} records came")
    seconds = time.perf_counter() - began
    consumer.close()
    return seen - counted_from, seconds, []


def main():
    mode, bootstrap, topic, *numbers = sys.argv[1:]
    run = {"produce": produce, "consume": consume}[mode]
    records, seconds, latencies_ms = run(bootstrap, topic, *map(int, numbers))
    figures = {"records": records, "seconds": seconds, "latenciesMs": latencies_ms, "version": libversion()[0]}
    print(json.dumps(figures))


main()
