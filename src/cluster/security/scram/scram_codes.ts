import type { ScramMechanism } from "./records.ts";

/** Mechanisms by Kafka's numbers (KIP-554). */
const MECHANISMS: ReadonlyMap<number, ScramMechanism> = new Map([[1, "SCRAM-SHA-256"], [2, "SCRAM-SHA-512"]]);

/** `undefined` for a number that stands for none. */
export function scramMechanism(code: number): ScramMechanism | undefined {
  return MECHANISMS.get(code);
}

export function scramMechanismCode(mechanism: ScramMechanism): number {
  return mechanism === "SCRAM-SHA-256" ? 1 : 2;
}
