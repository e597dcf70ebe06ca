"""Members of groups on confluent-kafka (librdkafka)."""

import struct
from itertools import groupby

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from group_member import main

ASSIGNORS = {"range": "range", "roundrobin": "roundrobin", "cooperative": "cooperative-sticky"}


def run(bootstrap, order, told, is_leaving):
    config = {
        "bootstrap.servers": bootstrap,
        "client.id": order.member,
        "group.id": order.group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": 100,
        "error_cb": told.error,
    }
    if order.mode == "consumer":
        config["group.protocol"] = "consumer"
    else:
        config["partition.assignment.strategy"] = ASSIGNORS[order.mode]
        config["session.timeout.ms"] = 6000
        config["heartbeat.interval.ms"] = 500
    if order.instance is not None:
        config["group.instance.id"] = order.instance
    consumer = Consumer(config)
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0}) if order.forward else None
    incremental = order.mode in ("cooperative", "consumer")

    def on_assign(consumer, partitions):
        held = consumer.assignment() if incremental else []
        # Done here, and not by the library when this returns, so that what is told is so.
        if incremental:
            consumer.incremental_assign(partitions)
        else:
            consumer.assign(partitions)
        told.owned(generation_of(consumer), {(p.topic, p.partition): p for p in [*held, *partitions]}.values())

    uncommitted = {}

    def on_revoke(consumer, partitions):
        commit(consumer, order, told, uncommitted)
        for partition in partitions:
            uncommitted.pop(partition.partition, None)
        told.gave_up("revoked", partitions)

    def on_lost(_, partitions):
        for partition in partitions:
            uncommitted.pop(partition.partition, None)
        told.gave_up("lost", partitions)

    consumer.subscribe([order.topic], on_assign=on_assign, on_revoke=on_revoke, on_lost=on_lost)
    while not is_leaving():
        messages = consumer.consume(num_messages=200, timeout=0.1)
        failed = [message.error() for message in messages if message.error()]
        for error in failed:
            told.error(error)
        by_partition = sorted((m for m in messages if not m.error()), key=lambda m: (m.partition(), m.offset()))
        for partition, found in groupby(by_partition, key=lambda m: m.partition()):
            uncommitted |= process(consumer, producer, order, told, partition, list(found))
        commit(consumer, order, told, uncommitted)
    consumer.close()
    told.tell("left")


def process(consumer, producer, order, told, partition, messages):
    """Answers what is to be committed: the offset by partition."""
    if partition not in [p.partition for p in consumer.assignment()]:
        return {}
    if producer is not None:
        for message in messages:
            producer.produce(order.forward, message.value(), message.key(), partition=partition)
        producer.flush()
    told.processed(partition, [message.offset() for message in messages])
    return {partition: messages[-1].offset() + 1}


def commit(consumer, order, told, uncommitted):
    if not uncommitted:
        return
    offsets = [TopicPartition(order.topic, partition, offset) for partition, offset in uncommitted.items()]
    try:
        consumer.commit(offsets=offsets, asynchronous=False)
        for partition, offset in uncommitted.items():
            told.tell("committed", partition=partition, offset=offset)
    except KafkaException as error:
        told.error(error)
        if error.args[0].code() in (KafkaError.REBALANCE_IN_PROGRESS, KafkaError.ILLEGAL_GENERATION):
            # Said in the middle of a rebalance. What is still the member's own afterwards it says again then.
            return
        for partition in uncommitted:
            rewind(consumer, order, told, partition)
    uncommitted.clear()


def rewind(consumer, order, told, partition):
    """Back to what is committed: a failed commit must not let the records be passed over."""
    try:
        [committed] = consumer.committed([TopicPartition(order.topic, partition)], timeout=10)
        if committed.offset >= 0:
            consumer.seek(committed)
    except KafkaException as error:
        if error.args[0].code() not in (KafkaError._STATE, KafkaError._TIMED_OUT):
            told.error(error)


def generation_of(consumer):
    """Out of librdkafka's own form of a group's metadata, which has no other way in from Python."""
    return struct.unpack_from("=i", consumer.consumer_group_metadata(), len(b"CGMDv2:"))[0]


main(run)
