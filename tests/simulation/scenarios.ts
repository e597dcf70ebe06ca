import { compaction } from "../model/compaction_scenario.ts";
import { coordination } from "../model/scenario.ts";
import { brokerScenarios } from "./broker_scenarios.ts";
import { compactedLives } from "./compaction_life.ts";
import { deletionScenarios } from "./deletion_scenarios.ts";
import { flushedLives } from "./flush_life.ts";
import type { Scenario } from "./runner.ts";
import { tier } from "./tier_scenarios.ts";
import { walScenarios } from "./wal_scenarios.ts";

/** All that can be simulated. */
export const scenarios: readonly Scenario[] = [
  ...brokerScenarios,
  ...walScenarios,
  ...deletionScenarios,
  tier,
  flushedLives,
  compactedLives,
  coordination,
  compaction,
];
