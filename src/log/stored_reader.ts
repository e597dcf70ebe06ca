import type { KliteError } from "../base/klite_error.ts";
import type { FindJob, ReadBatches, ReadJob } from "../objects/contract.ts";
import type { PartitionLog } from "./partition_log.ts";

/** Reads what lies in objects; the jobs of the object tier fit. */
export interface StoredReader {
  /** See `ObjectJobs.read`. */
  read(job: ReadJob): Promise<ReadBatches>;
  /** See `ObjectJobs.find`. */
  find(job: FindJob): Promise<Uint8Array<ArrayBuffer> | null>;
  /** To be told that the log's batch at `offset` is damaged, once it is known whether an object has it whole. */
  logDamaged(log: PartitionLog, offset: number, fault: KliteError): void;
}
