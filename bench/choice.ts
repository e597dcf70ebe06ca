/** What of all there is a run measures, by what its command line names. */
import { chosen, type Options } from "./options.ts";
import { OURS } from "./report/summary.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { askedOf } from "./scenarios/asked.ts";
import { type Group, GROUPS, type Scenario } from "./scenarios/scenario.ts";
import type { System } from "./systems/system.ts";

/** The group whose figures are of another kind than those of scenarios. */
const TIER = "tier";

/** Groups that want more and shorter rounds than others: a run has them when it names them. */
export const ONLY_WHEN_NAMED: readonly Group[] = ["security"];

type Named = Pick<Options, "scenarios" | "groups" | "systems" | "quick">;

/** Those named, or all; of the groups named; when nothing is named and it is to be quick, the main ones. */
export function chosenScenarios({ scenarios, groups, quick }: Named): readonly Scenario[] {
  const named = chosen("scenario", SCENARIOS, scenarios);
  const wanted = chosen("group", [...GROUPS, TIER].map((name) => ({ name })), groups).map(({ name }) => name);
  const isAnyNamed = scenarios.length > 0 || groups.length > 0;
  return named.filter(({ group, isQuick }) => {
    return wanted.includes(group) && (isAnyNamed || !ONLY_WHEN_NAMED.includes(group) && (isQuick || !quick));
  });
}

/** Of the systems that any of the scenarios asks, and klite, those named, or all. */
export function chosenSystems(
  systems: readonly System[],
  scenarios: readonly Scenario[],
  { systems: names }: Named,
): readonly System[] {
  const asked = new Set(scenarios.flatMap(({ asks }) => askedOf(systems, asks)));
  return chosen("system", systems.filter((system) => system.name === OURS || asked.has(system)), names);
}

/** Whether objects are to be measured: when their group is named, or nothing is and it may take its time. */
export function isOfObjects({ scenarios, groups, quick }: Named): boolean {
  return groups.length === 0 ? scenarios.length === 0 && !quick : groups.includes(TIER);
}
