import { compaction } from "../model/compaction_scenario.ts";
import { coordination } from "../model/scenario.ts";
import { brokerScenarios } from "./broker_scenarios.ts";
import { deletionScenarios } from "./deletion_scenarios.ts";
import type { Scenario } from "./runner.ts";
import { tier } from "./tier_scenarios.ts";
import { walScenarios } from "./wal_scenarios.ts";

/** All that can be simulated. */
export const scenarios: readonly Scenario[] = [
  ...brokerScenarios,
  ...walScenarios,
  ...deletionScenarios,
  tier,
  coordination,
  compaction,
];
