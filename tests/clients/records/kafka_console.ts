/**
 * Apache Kafka's console producer and console consumer. The producer takes lines
 * of text and cannot choose a partition, so its topics have one; the consumer
 * prints any bytes and reads one partition a run, for which it needs no group.
 */
import { Buffer } from "node:buffer";
import { type Client, recordCounts, type TopicData } from "./client.ts";
import { assignOffsets, type DataHeader, type DataRecord } from "./data_record.ts";
import { type KafkaJars, kafkaJars } from "../../support/kafka_jars.ts";

const NULL_MARKER = "<~null~>";
const PRODUCER_CLASS = "org.apache.kafka.tools.ConsoleProducer";
const CONSUMER_CLASS = "org.apache.kafka.tools.consumer.ConsoleConsumer";
/** Each run starts a JVM, so of other clients' topics it reads one partition of one codec. */
const FOREIGN_CODEC = "zstd";

/** The client. */
export function kafkaConsole(): Client {
  let jars: KafkaJars | null = null;
  const prepared = (): KafkaJars => {
    if (jars === null) throw new Error("the jars were not gathered");
    return jars;
  };
  return {
    name: "kafka-console",
    prepare: async () => {
      jars = await kafkaJars();
      return jars.version;
    },
    writer: {
      limits: "lines of text, no timestamps, no choice of partition",
      partitions: 1,
      setsTimestamps: false,
      express: (records) => assignOffsets(records.map(asLine)),
      write: (bootstrap, topic) => write(prepared(), bootstrap, topic),
    },
    reader: {
      limits: `of other clients' topics, one partition of ${FOREIGN_CODEC}`,
      partitionsOf: (topic) => topic.writer === "kafka-console" || topic.codec === FOREIGN_CODEC ? [0] : [],
      read: async (bootstrap, targets) => {
        for (const { topic, outputFile } of targets) {
          await Deno.writeFile(outputFile, await read(prepared(), bootstrap, topic));
        }
      },
      render,
    },
  };
}

async function write(jars: KafkaJars, bootstrap: string, topic: TopicData): Promise<void> {
  const reading = [
    "parse.key=true",
    "parse.headers=true",
    `null.marker=${NULL_MARKER}`,
    "headers.separator=;",
    "headers.key.separator==",
  ].flatMap((property) => ["--reader-property", property]);
  const args = ["--bootstrap-server", bootstrap, "--topic", topic.name, "--compression-codec", topic.codec];
  const idempotence = ["--command-property", "enable.idempotence=true"];
  const { stderr } = await jars.run(PRODUCER_CLASS, [...args, ...idempotence, ...reading], {
    stdin: Buffer.from(topic.records.map(lineOf).join("")),
  });
  // It exits with 0 even when records could not be delivered.
  if (/ ERROR /.test(stderr)) throw new Error(stderr.trimEnd());
}

async function read(jars: KafkaJars, bootstrap: string, topic: TopicData): Promise<Uint8Array> {
  const printing = [
    "print.partition=true",
    "print.offset=true",
    `print.timestamp=${topic.timestampsKnown}`,
    "print.headers=true",
    "print.key=true",
    "headers.separator=;",
    `null.literal=${NULL_MARKER}`,
  ].flatMap((property) => ["--formatter-property", property]);
  const count = String(recordCounts(topic)[0] ?? 0);
  const where = ["--topic", topic.name, "--partition", "0", "--offset", "earliest"];
  const until = ["--max-messages", count, "--timeout-ms", "30000"];
  const args = ["--bootstrap-server", bootstrap, ...where, ...until, ...printing];
  return (await jars.run(CONSUMER_CLASS, args)).stdout;
}

function render(record: DataRecord, topic: TopicData): Uint8Array {
  const parts: (string | Uint8Array)[] = [
    topic.timestampsKnown ? `CreateTime:${record.timestampMs}\t` : "",
    `Partition:${record.partition}\tOffset:${record.offset}\t`,
    record.headers.length === 0 ? "NO_HEADERS" : "",
    ...record.headers.flatMap((
      { name, value },
      i,
    ) => [`${i === 0 ? "" : ";"}${name}:`, value ?? NULL_MARKER]),
    "\t",
    record.key ?? NULL_MARKER,
    "\t",
    record.value ?? NULL_MARKER,
    "\n",
  ];
  return Buffer.concat(parts.map((part) => typeof part === "string" ? Buffer.from(part) : part));
}

function lineOf({ key, value, headers }: DataRecord): string {
  const decoder = new TextDecoder();
  const text = (bytes: Uint8Array | null) => bytes === null ? NULL_MARKER : decoder.decode(bytes);
  const list = headers.length === 0
    ? NULL_MARKER
    : headers.map((header) => `${header.name}=${text(header.value)}`).join(";");
  return `${list}\t${text(key)}\t${text(value)}\n`;
}

function asLine(record: DataRecord): DataRecord {
  return {
    ...record,
    partition: 0,
    key: asText(record.key),
    value: asText(record.value),
    headers: record.headers.map(({ name, value }): DataHeader => ({ name, value: asText(value) })),
  };
}

/** The bytes as text without the characters that end a field or a line; what is no text becomes base64. */
function asText(bytes: Uint8Array | null): Uint8Array | null {
  if (bytes === null) return null;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const isText = Buffer.from(text).equals(bytes);
  return Buffer.from(isText ? text.replaceAll(/[\t\r\n;=]/g, "_") : Buffer.from(bytes).toString("base64url"));
}
