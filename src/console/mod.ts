/**
 * The console: what klite answers over HTTP.
 *
 * `GET /livez` answers 200 while the event loop turns: a broker that cannot
 * answer it is to be restarted. `GET /readyz` answers 200 while Kafka clients
 * are served, else 503 and what it waits for: traffic is to stay away, but a
 * restart would only begin the wait anew. `GET /metrics` answers with figures
 * in Prometheus' text form.
 *
 * Counting is spread over the broker: whoever does something adds to a plain
 * number, and nothing else happens until somebody scrapes. Then the tables in
 * `metrics/` say which numbers there are, what they are called and what they
 * mean; the page in the docs is made of the same tables. All of that, and
 * Prometheus' client library, is loaded with the first scrape.
 *
 * However many topics and groups there are, few are shown by name (`NAMED_MAX`
 * in `metrics/scrape.ts`); what the others have is summed.
 *
 * The room owns nothing. It reads what others keep, so it can never be the
 * reason why the broker is in a state.
 */
export { counting, EventFigures } from "./event_figures.ts";
export { consoleHandler } from "./health.ts";
export type { Readiness } from "./health.ts";
export type { Observed, ServingBroker } from "./observed.ts";
