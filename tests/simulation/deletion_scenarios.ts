import { DeletionWorld } from "./deletion_world.ts";
import type { Scenario } from "./runner.ts";

const STEPS = 300;

export const deletionScenarios: readonly Scenario[] = [{
  name: "deletion",
  run: (seed) => new DeletionWorld(seed).run(STEPS),
}];
