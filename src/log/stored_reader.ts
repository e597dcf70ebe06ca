import type { FindJob, ReadBatches, ReadJob } from "../objects/contract.ts";

/** Reads what lies in objects; the jobs of the object tier fit. */
export interface StoredReader {
  /** See `ObjectJobs.read`. */
  read(job: ReadJob): Promise<ReadBatches>;
  /** See `ObjectJobs.find`. */
  find(job: FindJob): Promise<Uint8Array<ArrayBuffer> | null>;
}
