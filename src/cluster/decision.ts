import type { MetadataRecord } from "./records.ts";

/** A refusal: a Kafka error code and a sentence for the client. */
export interface Refusal {
  readonly error: number;
  readonly message: string;
}

/** What a rule answers: the records that make it so, or why not. */
export type Decision = { readonly records: readonly MetadataRecord[] } | Refusal;

export function refuse(error: number, message: string): Refusal {
  return { error, message };
}
