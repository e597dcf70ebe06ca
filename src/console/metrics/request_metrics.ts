import { ErrorCode } from "../../base/error_codes.ts";
import type { NetworkCounts, RequestCounts } from "../observed.ts";
import { labelled, type Metric, single } from "./metric.ts";
import type { Scrape } from "./scrape.ts";

const ERROR_NAMES = new Map<number, string>(Object.entries(ErrorCode).map(([name, code]) => [code, name]));

/** Requests by API, and the connections that they come over. */
export const REQUEST_METRICS: readonly Metric[] = [
  labelled(
    "counter",
    "klite_requests_total",
    "Requests that were begun, by API.",
    "api",
    (scrape) => requestsOf(scrape).map(({ api, requests }) => [api, requests] as const),
  ),
  {
    type: "counter",
    name: "klite_request_errors_total",
    help: "Kafka's errors in answers, by API and error. Each topic, partition or group with an error counts.",
    *read(scrape) {
      for (const { api, errors } of requestsOf(scrape)) {
        for (const [code, value] of errors) {
          yield { labels: { api, error: ERROR_NAMES.get(code) ?? String(code) }, value };
        }
      }
    },
  },
  {
    type: "histogram",
    name: "klite_request_duration_seconds",
    help:
      "From the beginning of a request to its answer, by API; waiting for records, for other members and for the disk is part of it.",
    read: (scrape) => requestsOf(scrape).map(({ api, seconds }) => ({ labels: { api }, histogram: seconds })),
  },
  network("gauge", "klite_connections", "Connections of clients.", ({ connections }) => connections),
  network(
    "counter",
    "klite_connections_accepted_total",
    "Connections that were taken.",
    ({ accepted }) => accepted,
  ),
  network(
    "counter",
    "klite_connections_refused_total",
    "Connections that were not taken: too many, too fast, or with a certificate that names nobody.",
    ({ refused }) => refused,
  ),
  labelled(
    "counter",
    "klite_connections_closed_total",
    "Connections that klite closed for something that the client did or failed to do, by reason.",
    "reason",
    ({ serving }) => Object.entries(serving?.network().closed ?? {}),
  ),
  network(
    "gauge",
    "klite_connections_unauthenticated",
    "Connections whose clients have yet to authenticate over SASL.",
    ({ unauthenticated }) => unauthenticated,
  ),
  labelled(
    "counter",
    "klite_authentications_total",
    "Authentications over SASL, by result; those of clients that had authenticated before are apart.",
    "result",
    ({ serving }) => {
      const counts = serving?.network().authentications;
      return counts === null || counts === undefined ? [] : [
        ["succeeded", counts.succeeded],
        ["failed", counts.failed],
        ["succeeded_again", counts.repeated],
        ["failed_again", counts.repeatsFailed],
      ];
    },
  ),
  network(
    "counter",
    "klite_received_bytes_total",
    "Bytes received from clients.",
    ({ receivedBytes }) => receivedBytes,
  ),
  network("counter", "klite_sent_bytes_total", "Bytes sent to clients.", ({ sentBytes }) => sentBytes),
  network(
    "gauge",
    "klite_request_memory_bytes",
    "Memory of requests that are being received, beyond small ones.",
    ({ requestMemoryBytes }) => requestMemoryBytes,
  ),
  network(
    "gauge",
    "klite_connections_waiting_for_memory",
    "Connections that are not read for lack of that memory.",
    ({ waitingForMemory }) => waitingForMemory,
  ),
  network(
    "gauge",
    "klite_unsent_bytes",
    "Bytes of answers that clients have not taken yet.",
    ({ unsentBytes }) => unsentBytes,
  ),
  single(
    "gauge",
    "klite_fetches_waiting",
    "Fetches that wait for records.",
    ({ serving }) => serving?.engine.fetchWaiters.size,
  ),
  single(
    "gauge",
    "klite_fetch_sessions",
    "Fetch sessions that are remembered (KIP-227).",
    ({ serving }) => serving?.engine.fetchSessions.size,
  ),
];

function requestsOf({ serving }: Scrape): RequestCounts[] {
  return serving === null ? [] : [...serving.requests()];
}

function network(
  type: "counter" | "gauge",
  name: string,
  help: string,
  value: (counts: NetworkCounts) => number,
): Metric {
  return single(type, name, help, ({ serving }) => serving === null ? null : value(serving.network()));
}
