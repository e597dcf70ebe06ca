/** Whose configs: a topic's, a group's, those of a subscription to client metrics, this broker's, or all brokers'. */
export type ConfigOwner = "topic" | "group" | "client_metrics" | "broker" | "brokers";

/** Values that somebody has set, and those (`null`) that count no more. Others stay. */
export interface ConfigRecord {
  readonly type: "configs_changed";
  readonly of: ConfigOwner;
  /** The topic's, group's or subscription's; empty for brokers. */
  readonly name: string;
  readonly configs: Readonly<Record<string, string | null>>;
}

/** All that is set, but for topics: those have their configs themselves. */
export type ConfigsSnapshot = readonly {
  readonly of: Exclude<ConfigOwner, "topic">;
  readonly name: string;
  readonly configs: Readonly<Record<string, string>>;
}[];
