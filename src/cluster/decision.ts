import type { MetadataRecord } from "./records.ts";
import type { EndMark } from "./transactions/records.ts";

/** A refusal: a Kafka error code and a sentence for the client. */
export interface Refusal {
  readonly error: number;
  readonly message: string;
}

/**
 * What a rule answers: the records that make it so, or why not. Control batches that
 * `marks` asks for become durable in one with the records.
 */
export type Decision =
  | { readonly records: readonly MetadataRecord[]; readonly marks?: readonly EndMark[] }
  | Refusal;

export function refuse(error: number, message: string): Refusal {
  return { error, message };
}
