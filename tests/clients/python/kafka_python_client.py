"""Drives kafka-python, a client in pure Python."""

import time

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from record_file import IDLE_LIMIT_S, Record, main


def write(bootstrap, topic, codec, records):
    producer = KafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type=None if codec == "none" else codec,
        linger_ms=5,
        delivery_timeout_ms=60_000,
    )
    sent = []
    for record in records:
        future = producer.send(
            topic,
            value=record.value,
            key=record.key,
            headers=record.headers,
            partition=record.partition,
            timestamp_ms=record.timestamp_ms,
        )
        sent.append((future, record.offset))
    producer.flush(timeout=120)
    for future, expected_offset in sent:
        offset = future.get(timeout=60).offset
        if offset != expected_offset:
            raise SystemExit(f"offset {offset} acknowledged, expected {expected_offset}")
    producer.close()


def make_consumer(bootstrap):
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        check_crcs=True,
    )


def read_partition(consumer, topic, partition, count):
    assigned = TopicPartition(topic, partition)
    consumer.assign([assigned])
    consumer.seek(assigned, 0)
    seen = 0
    give_up_at = time.monotonic() + IDLE_LIMIT_S
    while seen < count:
        for message in consumer.poll(timeout_ms=1000).get(assigned, []):
            if seen == count:
                break
            seen += 1
            give_up_at = time.monotonic() + IDLE_LIMIT_S
            yield Record(
                message.partition,
                message.offset,
                message.timestamp,
                message.key,
                message.value,
                list(message.headers),
            )
        if time.monotonic() > give_up_at:
            raise SystemExit(f"{topic}-{partition}: only {seen} of {count} records")


main(write, make_consumer, read_partition)
