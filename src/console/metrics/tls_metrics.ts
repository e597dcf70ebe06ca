import { type Metric, single } from "./metric.ts";

/** The TLS listeners; nothing is shown without one. */
export const TLS_METRICS: readonly Metric[] = [
  single(
    "gauge",
    "klite_tls_certificate_expiry_timestamp_seconds",
    "When the certificate of the TLS listeners expires, in seconds since 1970.",
    ({ events: { certificateExpiresMs } }) => isShown(certificateExpiresMs, certificateExpiresMs / 1000),
  ),
  single(
    "counter",
    "klite_tls_handshakes_failed_total",
    "TLS handshakes that have come to nothing, those included that clients gave up.",
    ({ events }) => isShown(events.certificateExpiresMs, events.failedHandshakes),
  ),
];

function isShown(certificateExpiresMs: number, value: number): number | undefined {
  return certificateExpiresMs === 0 ? undefined : value;
}
