"""Drives confluent-kafka (librdkafka)."""

import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from record_file import IDLE_LIMIT_S, Record, main


def write(bootstrap, topic, codec, records):
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "compression.codec": codec,
            "linger.ms": 5,
            "message.timeout.ms": 60_000,
        }
    )
    wrong = []

    def on_delivery(expected_offset):
        def check(error, message):
            if error is not None:
                wrong.append(str(error))
            elif message.offset() != expected_offset:
                wrong.append(f"offset {message.offset()} acknowledged, expected {expected_offset}")

        return check

    for record in records:
        while True:
            try:
                producer.produce(
                    topic,
                    value=record.value,
                    key=record.key,
                    partition=record.partition,
                    timestamp=record.timestamp_ms,
                    headers=record.headers,
                    on_delivery=on_delivery(record.offset),
                )
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    left = producer.flush(60)
    if left or wrong:
        raise SystemExit(f"{left} records unacknowledged, {len(wrong)} failed: {wrong[:3]}")


def make_consumer(bootstrap):
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            # The library insists on a name; with assigned partitions and no commits the group is never joined.
            "group.id": "klite-compat-unused",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            # At each partition's end one fetch is left waiting, and the next partition's waits behind it.
            "fetch.wait.max.ms": 20,
            "check.crcs": True,
        }
    )


def read_partition(consumer, topic, partition, count):
    consumer.assign([TopicPartition(topic, partition, 0)])
    seen = 0
    give_up_at = time.monotonic() + IDLE_LIMIT_S
    while seen < count:
        for message in consumer.consume(num_messages=min(1000, count - seen), timeout=1.0):
            if message.error():
                raise KafkaException(message.error())
            seen += 1
            give_up_at = time.monotonic() + IDLE_LIMIT_S
            yield Record(
                message.partition(),
                message.offset(),
                message.timestamp()[1],
                message.key(),
                message.value(),
                message.headers() or [],
            )
        if time.monotonic() > give_up_at:
            raise SystemExit(f"{topic}-{partition}: only {seen} of {count} records")


main(write, make_consumer, read_partition)
