"""Members of groups on aiokafka, each with an event loop on its thread."""

import asyncio

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from group_member import main


class Listener(ConsumerRebalanceListener):
    def __init__(self, consumer, told):
        self._consumer = consumer
        self._told = told

    def on_partitions_assigned(self, assigned):
        # The library has no public way to the generation.
        self._told.owned(self._consumer._coordinator.generation, assigned)

    def on_partitions_revoked(self, revoked):
        self._told.gave_up("revoked", revoked)


async def live(bootstrap, order, told, is_leaving):
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=order.member,
        group_id=order.group,
        group_instance_id=order.instance,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        max_poll_records=200,
        partition_assignment_strategy=[RangePartitionAssignor],
        session_timeout_ms=6000,
        heartbeat_interval_ms=500,
        rebalance_timeout_ms=30000,
    )
    consumer.subscribe([order.topic], listener=Listener(consumer, told))
    await consumer.start()
    while not is_leaving():
        for partition, records in (await consumer.getmany(timeout_ms=100)).items():
            await process(consumer, told, partition, records)
    told.gave_up("revoked", consumer.assignment())
    await consumer.stop()
    told.tell("left")


async def process(consumer, told, partition, records):
    # A rebalance may run between the polls of an event loop.
    if partition not in consumer.assignment():
        return
    told.processed(partition.partition, [record.offset for record in records])
    following = records[-1].offset + 1
    try:
        await consumer.commit({partition: following})
        told.tell("committed", partition=partition.partition, offset=following)
    except KafkaError as error:
        told.error(error)
        await rewind(consumer, told, partition)


async def rewind(consumer, told, partition):
    """Back to what is committed: a failed commit must not let the records be passed over."""
    try:
        if partition in consumer.assignment():
            await consumer.seek_to_committed(partition)
    except KafkaError as error:
        told.error(error)


def run(bootstrap, order, told, is_leaving):
    asyncio.run(live(bootstrap, order, told, is_leaving))


main(run)
