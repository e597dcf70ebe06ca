"""Copies a topic in transactions with confluent-kafka (librdkafka): BOOTSTRAP GROUP FROM TO TRANSACTIONAL-ID.

Each record goes to the partition of the same number. Some transactions are given up on purpose. It ends with its
standard input, or with 1 when it cannot go on: then it is to be started again.
"""

import random
import sys
import threading

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

ABORT_CHANCE = 0.2
BATCH = 100


def main():
    bootstrap, group, source, target, transactional_id = sys.argv[1:]
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500,
            "fetch.wait.max.ms": 100,
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "transactional.id": transactional_id,
            "transaction.timeout.ms": 10_000,
            # Starting over from the bootstrap list when the only broker is gone, the library's default, leaves its
            # offset commits waiting for minutes for a connection that it has given up.
            "metadata.recovery.strategy": "none",
        }
    )
    retry(lambda: producer.init_transactions(10))
    consumer.subscribe([source])
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.is_set():
        messages = [message for message in consumer.consume(BATCH, timeout=0.2) if not message.error()]
        if messages:
            copy(consumer, producer, messages, target)
    consumer.close()


def copy(consumer, producer, messages, target):
    following = {}
    producer.begin_transaction()
    try:
        for message in messages:
            producer.produce(target, message.value(), message.key(), partition=message.partition())
            following[(message.topic(), message.partition())] = message.offset() + 1
        offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in following.items()]
        retry(lambda: producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), 10))
        if random.random() < ABORT_CHANCE:
            retry(lambda: producer.abort_transaction(10))
            rewind(consumer)
        else:
            retry(lambda: producer.commit_transaction(10))
    except KafkaException as error:
        if not error.args[0].txn_requires_abort():
            raise
        print(f"given up: {error}", file=sys.stderr)
        retry(lambda: producer.abort_transaction(10))
        rewind(consumer)


def retry(step):
    while True:
        try:
            return step()
        except KafkaException as error:
            if not error.args[0].retriable():
                raise


def rewind(consumer):
    """Back to where the last transaction that counts has left off."""
    for committed in retry(lambda: consumer.committed(consumer.assignment(), timeout=10)):
        if committed.offset < 0:
            committed.offset = 0
        consumer.seek(committed)


main()
