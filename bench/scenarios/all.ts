/** All that can be measured, as data: one entry is one table of the report. */
import { CLIENTS } from "./clients.ts";
import { CORE } from "./core.ts";
import { LATENCY } from "./latency.ts";
import { SCALE } from "./scale.ts";
import { produce, RECORD_BYTES, type Scenario } from "./scenario.ts";
import { SECURITY } from "./security.ts";

/** What a broker gets to do before the first scenario of a round; its figures are thrown away. */
export const WARM_UP: Scenario = produce(
  { name: "warm-up", title: "small batches, to run every broker's code once", group: "core" },
  "requests",
  { connections: 4, inFlight: 4, recordsPerBatch: 4, recordBytes: RECORD_BYTES },
);

/** In the order of the report; those of one group stand together. */
export const SCENARIOS: readonly Scenario[] = [...CORE, ...LATENCY, ...SCALE, ...CLIENTS, ...SECURITY];
