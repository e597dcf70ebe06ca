/**
 * The console: what klite answers over HTTP. For now that is health alone.
 *
 * `GET /livez` answers 200 while the event loop turns: a broker that cannot
 * answer it is to be restarted. `GET /readyz` answers 200 while Kafka clients
 * are served, else 503 and what it waits for: traffic is to stay away, but a
 * restart would only begin the wait anew.
 *
 * The room owns nothing. It reads snapshots that others keep, so it can never
 * be the reason why the broker is in a state.
 */
export { healthHandler } from "./health.ts";
export type { Readiness } from "./health.ts";
