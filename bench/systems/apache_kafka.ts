import { ApacheKafka } from "../../tests/support/apache_kafka.ts";
import { kafkaJars } from "../../tests/support/kafka_jars.ts";
import { LocalSystem } from "./local.ts";
import type { System } from "./system.ts";

/** Apache Kafka as it comes: acknowledged once written to the page cache, synced whenever Linux likes. */
export function apacheKafka(dir: string): System {
  return kafkaSystem(dir, {
    name: "kafka",
    title: "Apache Kafka as it comes: no fsync before an acknowledgement",
    measuresStart: true,
    properties: {},
  });
}

/** Apache Kafka with klite's promise: every batch is synced before it is acknowledged. */
export function apacheKafkaWithSync(dir: string): System {
  return kafkaSystem(dir, {
    name: "kafka-fsync",
    title: "Apache Kafka with log.flush.interval.messages=1: fsync before every acknowledgement, as klite",
    measuresStart: false,
    properties: { "log.flush.interval.messages": "1" },
  });
}

interface KafkaSetup {
  readonly name: string;
  readonly title: string;
  readonly measuresStart: boolean;
  readonly properties: Readonly<Record<string, string>>;
}

function kafkaSystem(dir: string, { name, title, measuresStart, properties }: KafkaSetup): System {
  return {
    name,
    title,
    measuresStart,
    version: async () => (await kafkaJars()).version,
    start: async () => {
      const data = await Deno.makeTempDir({ dir, prefix: `${name}-` });
      return new LocalSystem(await ApacheKafka.start({ dir: data, properties }), data);
    },
  };
}
