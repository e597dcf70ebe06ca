import { KLITE_VERSION } from "../../base/version.ts";
import { labelled, type Metric, single } from "./metric.ts";

/** The broker as a process. */
export const PROCESS_METRICS: readonly Metric[] = [
  {
    type: "gauge",
    name: "klite_info",
    help: "Always 1; the labels say which broker this is.",
    *read({ serving }) {
      if (serving === null) return;
      const { clusterId, nodeId } = serving;
      yield { labels: { version: KLITE_VERSION, cluster_id: clusterId, node_id: String(nodeId) }, value: 1 };
    },
  },
  {
    type: "gauge",
    name: "klite_serving",
    help: "1 while clients are served, 0 while the broker starts or stops.",
    read: ({ serving }) => [{ labels: {}, value: serving === null ? 0 : 1 }],
  },
  labelled(
    "counter",
    "process_cpu_seconds_total",
    "Processor time of all threads, by mode.",
    "mode",
    ({ process }) => [["user", process.userCpuSeconds], ["system", process.systemCpuSeconds]],
  ),
  single(
    "gauge",
    "process_resident_memory_bytes",
    "Resident memory.",
    ({ process }) => process.residentBytes,
  ),
  single(
    "gauge",
    "process_start_time_seconds",
    "When the process started, since 1970.",
    ({ process }) => process.startedMs / 1000,
  ),
  labelled(
    "gauge",
    "klite_heap_bytes",
    "JavaScript's memory of the main thread: what is used of its heap, what the heap takes, and buffers beside it.",
    "kind",
    ({ process }) => [
      ["used", process.heapUsedBytes],
      ["total", process.heapBytes],
      ["external", process.externalBytes],
    ],
  ),
  {
    type: "histogram",
    name: "klite_loop_delay_seconds",
    help:
      "How much later than it should a timer of the event loop came, ten times a second while somebody scrapes.",
    read: ({ loopDelay }) => [{ labels: {}, histogram: loopDelay }],
  },
  labelled(
    "counter",
    "klite_events_total",
    "Events, as they are in the log, by type.",
    "event",
    ({ events }) => events.counts,
  ),
];
