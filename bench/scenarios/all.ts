/** All that can be measured, as data: one entry is one table of the report. */
import { CLIENTS } from "./clients.ts";
import { CORE } from "./core.ts";
import { LATENCY } from "./latency.ts";
import { SCALE } from "./scale.ts";
import { LINGER_BATCH, produce, type Scenario } from "./scenario.ts";
import { SECURITY } from "./security.ts";

/** Less than what a klite keeps in its log alone, so that it has nothing to copy meanwhile. */
const WARM_UP_BYTES_MAX = 400_000_000;

/** What a broker gets to do before the first scenario of a round; its figures are thrown away. */
export const WARM_UP: Scenario = produce(
  {
    name: "warm-up",
    title: "many batches and many bytes, to run every broker's code once and fill what it uses again",
    group: "core",
  },
  "requests",
  { ...LINGER_BATCH, connections: 4, inFlight: 5, options: { bytesMax: WARM_UP_BYTES_MAX } },
);

/** In the order of the report; those of one group stand together. */
export const SCENARIOS: readonly Scenario[] = [...CORE, ...LATENCY, ...SCALE, ...CLIENTS, ...SECURITY];
