/** Where klite's answers to Kafka's tools are not Kafka's, and why. */

/** What is compared all the same, of one run. */
export interface Unlike {
  readonly reason: string;
  /** Lines that must be as of Kafka; the others are Kafka's alone. */
  readonly compared: RegExp;
}

/** By the title of the run. */
export const UNLIKE: ReadonlyMap<string, Unlike> = new Map([
  ["features describe", {
    reason: "klite is one node without KRaft, and tells only of features that it has",
    compared: /^Feature: (group|transaction)\.version /,
  }],
]);
