import { labelled, type Metric, single } from "./metric.ts";
import type { TopicFigures } from "./scrape.ts";

/** Topics: what goes in and out, and what they take. */
export const TOPIC_METRICS: readonly Metric[] = [
  single(
    "gauge",
    "klite_topics",
    "Topics.",
    ({ serving }) => serving === null ? null : Array.from(serving.engine.state.topics()).length,
  ),
  single("gauge", "klite_partitions", "Partitions.", ({ serving }) => serving?.engine.state.partitionCount),
  byTopic(
    "counter",
    "klite_topic_records_in_total",
    "Records that producers have written, each once; without the ends of transactions.",
    ({ traffic }) => traffic.recordsIn,
  ),
  byTopic(
    "counter",
    "klite_topic_bytes_in_total",
    "Bytes of their batches, as they are kept.",
    ({ traffic }) => traffic.bytesIn,
  ),
  byTopic(
    "counter",
    "klite_topic_records_out_total",
    "Records in the batches that consumers were given. A batch counts whole wherever in it the consumer began; so do ends of transactions.",
    ({ traffic }) => traffic.recordsOut,
  ),
  byTopic(
    "counter",
    "klite_topic_bytes_out_total",
    "Bytes of the batches that consumers were given.",
    ({ traffic }) => traffic.bytesOut,
  ),
  byTopic(
    "gauge",
    "klite_topic_size_bytes",
    "Bytes of all batches that are kept, in the log or in objects, each counted once.",
    ({ sizeBytes }) => sizeBytes,
  ),
  byTopic("gauge", "klite_topic_partitions", "Partitions of the topic.", ({ partitions }) => partitions),
];

function byTopic(
  type: "counter" | "gauge",
  name: string,
  help: string,
  value: (topic: TopicFigures) => number,
): Metric {
  return labelled(
    type,
    name,
    help,
    "topic",
    ({ topics }) => topics.map((topic) => [topic.label, value(topic)] as const),
  );
}
