"""librdkafka on secured listeners; jobs and answers as in secure_client.ts."""

import json
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

LIMIT_S = 30.0
REFUSALS = (
    KafkaError._AUTHENTICATION,
    KafkaError._SSL,
    KafkaError.SASL_AUTHENTICATION_FAILED,
)


class Refused(Exception):
    pass


def make_config(job, errors):
    config = {
        "bootstrap.servers": job["bootstrap"],
        "security.protocol": "SASL_SSL" if job.get("mechanism") else "SSL",
        "ssl.ca.location": job["ca"],
        "error_cb": lambda error: errors.append(error),
        "log_level": 0,
    }
    if job.get("certificate"):
        config["ssl.certificate.location"] = job["certificate"]
        config["ssl.key.location"] = job["key"]
    mechanism = job.get("mechanism")
    if mechanism:
        config["sasl.mechanism"] = mechanism
    if mechanism == "OAUTHBEARER":
        with open(job["tokenFile"], encoding="utf-8") as file:
            token = file.read()
        # Whether it has expired is the broker's to say.
        config["oauth_cb"] = lambda _: (token, time.time() + 3600)
    elif mechanism:
        config["sasl.username"] = job["user"]
        config["sasl.password"] = job["password"]
    return config


def check(errors):
    for error in errors:
        if error.code() in REFUSALS or "SSL routines" in error.str():
            raise Refused(str(error))


def write_and_read(job):
    errors = []
    config = make_config(job, errors)
    producer = Producer({**config, "enable.idempotence": True, "linger.ms": 0, "message.timeout.ms": 8000})
    consumer = Consumer({**config, "group.id": job["group"], "auto.offset.reset": "earliest"})
    lasts_until = time.monotonic() + job["lastsMs"] / 1000
    written = 0
    try:
        while True:
            values = [f"{job['mark']}{written + i}" for i in range(job["records"])]
            written += len(values)
            write(producer, job["topic"], values, errors)
            if written == len(values):
                consumer.subscribe([job["topic"]])
            read(consumer, set(values), errors)
            if time.monotonic() >= lasts_until:
                return
    finally:
        consumer.close()


def write(producer, topic, values, errors):
    failures = []
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: error and failures.append(error))
    give_up_at = time.monotonic() + LIMIT_S
    while producer.flush(0.1) > 0:
        check(errors)
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"nothing is written: {errors}")
    check(errors)
    if failures:
        raise RuntimeError(f"{failures[0]}: {errors}")


def read(consumer, missing, errors):
    give_up_at = time.monotonic() + LIMIT_S
    while missing:
        message = consumer.poll(0.2)
        check(errors)
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"{len(missing)} records are missing: {errors}")
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        missing.discard(message.value().decode())


def answer(job):
    try:
        write_and_read(job)
        return {"outcome": "read", "detail": ""}
    except Refused as error:
        return {"outcome": "refused", "detail": str(error)}
    except (KafkaException, RuntimeError) as error:
        return {"outcome": "failed", "detail": str(error)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
