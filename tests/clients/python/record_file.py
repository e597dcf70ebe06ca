"""Files of records in the format that data_record.ts describes, and the arguments of record_program.ts."""

import struct
import sys
from dataclasses import dataclass

IDLE_LIMIT_S = 30.0


@dataclass(slots=True)
class Record:
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


def read_records(path):
    """Yields the records of a file in their order."""
    with open(path, "rb") as file:
        data = file.read()
    position = 0

    def take(length):
        nonlocal position
        position += length
        return data[position - length : position]

    def take_int():
        return struct.unpack(">i", take(4))[0]

    def take_bytes():
        length = take_int()
        return None if length < 0 else take(length)

    while position < len(data):
        _, partition, offset, timestamp_ms = struct.unpack(">IiqQ", take(24))
        key, value = take_bytes(), take_bytes()
        headers = [(take_bytes().decode(), take_bytes()) for _ in range(take_int())]
        yield Record(partition, offset, timestamp_ms, key, value, headers)


def encode(record):
    """The frame of one record."""
    parts = [struct.pack(">iqQ", record.partition, record.offset, record.timestamp_ms)]

    def put(data):
        parts.append(struct.pack(">i", -1 if data is None else len(data)))
        if data is not None:
            parts.append(data)

    put(record.key)
    put(record.value)
    parts.append(struct.pack(">i", len(record.headers)))
    for name, value in record.headers:
        put(name.encode())
        put(value)
    body = b"".join(parts)
    return struct.pack(">I", len(body)) + body


def main(write, make_consumer, read_partition):
    """Runs `write(bootstrap, topic, codec, records)` or, with one consumer for all, for each partition
    of each topic `read_partition(consumer, topic, partition, count)`, which yields records."""
    command, bootstrap, *rest = sys.argv[1:]
    if command == "write":
        topic, codec, path = rest
        write(bootstrap, topic, codec, read_records(path))
        return
    consumer = make_consumer(bootstrap)
    for topic, counts, path in zip(rest[0::3], rest[1::3], rest[2::3]):
        with open(path, "wb") as file:
            for partition, count in enumerate(map(int, counts.split(","))):
                for record in read_partition(consumer, topic, partition, count):
                    file.write(encode(record))
    consumer.close()
