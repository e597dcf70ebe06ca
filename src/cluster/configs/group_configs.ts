import { type ConfigDef, valueProblem } from "./config_def.ts";

/** A config of a group of the consumer protocol (KIP-848), and the broker's that counts where it has none. */
export interface GroupConfigDef extends ConfigDef {
  readonly broker: string;
  /** The broker's configs that say how small and how large it may be. */
  readonly bounds: readonly [least: string, most: string];
}

export const GROUP_CONFIGS: readonly GroupConfigDef[] = [
  "session.timeout.ms",
  "heartbeat.interval.ms",
  "assignment.interval.ms",
]
  .map((name, index) => ({
    name: `consumer.${name}`,
    type: "int",
    default: ["45000", "5000", "1000"][index]!,
    broker: `group.consumer.${name}`,
    bounds: [`group.consumer.min.${name}`, `group.consumer.max.${name}`],
  }));

/** What is wrong with the configs of a group; `null` when nothing is. `brokerValue` tells what holds for the broker. */
export function groupConfigsProblem(
  configs: ReadonlyMap<string, string>,
  brokerValue: (name: string) => string,
): string | null {
  for (const [name, value] of configs) {
    const def = GROUP_CONFIGS.find((one) => one.name === name);
    if (def === undefined) return `Unknown group config name: ${name}`;
    const problem = valueProblem({ ...def, min: 0 }, value);
    if (problem !== null) return `Invalid value ${value} for configuration ${name}: ${problem}`;
    const [least, most] = def.bounds;
    if (Number(value) < Number(brokerValue(least))) {
      return `${name} must be at least ${least}, ${brokerValue(least)}`;
    }
    if (Number(value) > Number(brokerValue(most))) {
      return `${name} must be at most ${most}, ${brokerValue(most)}`;
    }
  }
  const [session, heartbeat] = GROUP_CONFIGS.map((def) =>
    Number(configs.get(def.name) ?? brokerValue(def.broker))
  );
  if (session! <= heartbeat!) {
    return "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms";
  }
  return null;
}
