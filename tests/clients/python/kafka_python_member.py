"""Members of groups on kafka-python."""

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import KafkaError

from group_member import main

ASSIGNORS = {"range": RangePartitionAssignor, "cooperative": CooperativeStickyAssignor}


class Listener(ConsumerRebalanceListener):
    def __init__(self, consumer, told):
        self._consumer = consumer
        self._told = told

    def on_partitions_assigned(self, assigned):
        generation = self._consumer.group_metadata().generation_id
        self._told.owned(generation, self._consumer.assignment())

    def on_partitions_revoked(self, revoked):
        self._told.gave_up("revoked", revoked)

    def on_partitions_lost(self, lost):
        self._told.gave_up("lost", lost)


def run(bootstrap, order, told, is_leaving):
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=order.member,
        group_id=order.group,
        group_instance_id=order.instance,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        max_poll_records=200,
        partition_assignment_strategy=[ASSIGNORS[order.mode]],
        session_timeout_ms=6000,
        heartbeat_interval_ms=500,
    )
    consumer.subscribe([order.topic], listener=Listener(consumer, told))
    while not is_leaving():
        for partition, records in consumer.poll(timeout_ms=100).items():
            process(consumer, told, partition, records)
    consumer.close()
    told.tell("left")


def process(consumer, told, partition, records):
    told.processed(partition.partition, [record.offset for record in records])
    following = records[-1].offset + 1
    try:
        consumer.commit({partition: OffsetAndMetadata(following, "", -1)})
        told.tell("committed", partition=partition.partition, offset=following)
    except KafkaError as error:
        told.error(error)
        rewind(consumer, told, partition)


def rewind(consumer, told, partition):
    """Back to what is committed: a failed commit must not let the records be passed over."""
    try:
        committed = consumer.committed(partition)
        if partition not in consumer.assignment():
            return
        if committed is None:
            consumer.seek_to_beginning(partition)
        else:
            consumer.seek(partition, committed)
    except KafkaError as error:
        told.error(error)


main(run)
