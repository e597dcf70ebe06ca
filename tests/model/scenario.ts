import type { Scenario } from "../simulation/runner.ts";
import { CoordinationWorld } from "./coordination_world.ts";

const STEPS = 1000;
const LIFE_STEPS_MAX = 250;

/** Groups, transactions and offsets together, against a plain model, through the broker's lives. */
export const coordination: Scenario = {
  name: "coordination",
  longRuns: 200,
  async run(seed) {
    const world = new CoordinationWorld(seed);
    await world.start();
    for (let left = STEPS; left > 0;) {
      const steps = Math.min(left, 1 + world.random.below(LIFE_STEPS_MAX));
      await world.steps(steps);
      left -= steps;
      await world.end();
      await world.start();
    }
    await world.settle();
  },
};
