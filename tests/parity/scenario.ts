import type { BrokerConfig } from "../../src/broker/mod.ts";
import type { Setting } from "./config.ts";
import type { Peer } from "./peer.ts";

/** A series of questions to a broker, the same to whoever it is. */
export interface Scenario {
  /** A sentence, or the subject of a conversation. */
  readonly name: string;
  play(peer: Peer): Promise<void>;
  /** Whether others at the same time would change what Kafka answers. */
  readonly isAlone?: boolean;
}

/** Scenarios about one subject. Apache Kafka's answers to them are kept in one file. */
export interface Chapter {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
  /** How both brokers are set up; without one they are as they come. */
  readonly setting?: Setting;
  /** What klite does otherwise here than in other chapters. */
  readonly config?: Partial<BrokerConfig>;
}

export function scenario(name: string, play: (peer: Peer) => Promise<void>): Scenario {
  return { name, play };
}

/** One that others at the same time would change. */
export function loneScenario(name: string, play: (peer: Peer) => Promise<void>): Scenario {
  return { name, play, isAlone: true };
}
