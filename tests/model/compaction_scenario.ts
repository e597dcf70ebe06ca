import type { Scenario } from "../simulation/runner.ts";
import { CompactionWorld } from "./compaction_world.ts";

const STEPS = 60;

/** Random histories of a partition, compacted again and again while its store fails and its broker dies. */
export const compaction: Scenario = {
  name: "compaction",
  async run(seed) {
    const world = new CompactionWorld(seed);
    for (let step = 0; step < STEPS; step++) {
      await world.step();
      world.check();
    }
  },
};
