/**
 * Apache Kafka's producer performance tool: idempotent, acks=all, as fast as it
 * can. Its values are the numbers from 0, so the topic can be checked like any other.
 * Its sister kafka-consumer-perf-test always joins a group and is not run here.
 */
import { Buffer } from "node:buffer";
import type { Client } from "./client.ts";
import { assignOffsets, type DataRecord } from "./data_record.ts";
import { type KafkaJars, kafkaJars } from "../../support/kafka_jars.ts";

/** The client. */
export function kafkaPerf(): Client {
  let jars: KafkaJars | null = null;
  return {
    name: "kafka-producer-perf-test",
    prepare: async () => {
      jars = await kafkaJars();
      return jars.version;
    },
    reader: null,
    writer: {
      limits: "makes its own records: no keys, no headers, values that count up",
      partitions: 1,
      setsTimestamps: false,
      express: (records) => assignOffsets(records.map(numbered)),
      write: async (bootstrap, topic) => {
        if (jars === null) throw new Error("the jars were not gathered");
        const what = ["--topic", topic.name, "--num-records", String(topic.records.length)];
        const how = ["--throughput", "-1", "--payload-monotonic", "--command-property"];
        const properties = ["acks=all", "enable.idempotence=true", `compression.type=${topic.codec}`];
        await jars.run("org.apache.kafka.tools.ProducerPerformance", [
          ...["--bootstrap-server", bootstrap],
          ...what,
          ...how,
          ...properties,
        ]);
      },
    },
  };
}

function numbered(record: DataRecord, index: number): DataRecord {
  return { ...record, partition: 0, key: null, value: Buffer.from(String(index)), headers: [] };
}
