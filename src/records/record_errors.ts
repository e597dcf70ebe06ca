import { ErrorCode } from "../base/error_codes.ts";
import type { BatchVerdict, RecordError } from "./verdict.ts";

/** How many records of a batch are named in the answer: it must not outgrow the request. */
const NAMED_RECORDS_MAX = 100;

/** How many of them the summary quotes, as in Kafka. */
const QUOTED_RECORDS = 3;

const WRONG_TYPE =
  "Invalid timestamp type in message. Producer should not set timestamp type to LogAppendTime.";

/** Gathers the records for which a batch is refused, in Kafka's words. */
export class RecordErrors {
  readonly #errors: RecordError[] = [];
  readonly #suffix: string;
  #count = 0;
  #isTimestamp = false;

  constructor(partitionName: string) {
    this.#suffix = partitionName === "" ? "" : ` in topic partition ${partitionName}`;
  }

  /** A record without a key, in a compacted topic. */
  addNullKey(batchIndex: number): void {
    this.#add(batchIndex, `Compacted topic cannot accept message without key${this.#suffix}`);
  }

  /** A record in a batch that says that its times are the broker's. */
  addTimestampType(batchIndex: number): void {
    this.#isTimestamp = true;
    this.#add(batchIndex, WRONG_TYPE);
  }

  /** A record from before or after what the topic allows. */
  addTimestamp(batchIndex: number, timestampMs: number, oldestMs: number, newestMs: number): void {
    this.#isTimestamp = true;
    this.#add(
      batchIndex,
      `Timestamp ${timestampMs} of message with offset ${batchIndex} is out of range. ` +
        `The timestamp should be within [${oldestMs}, ${newestMs}]`,
    );
  }

  /** The refusal. One wrong timestamp makes it INVALID_TIMESTAMP, whatever else is wrong. */
  verdict(): BatchVerdict {
    if (this.#isTimestamp) return invalidTimestamp(this.#errors);
    const quoted = this.#errors.slice(0, QUOTED_RECORDS).map((error) =>
      `RecordError(batchIndex=${error.batchIndex}, message='${error.batchIndexErrorMessage}')`
    );
    return {
      errorCode: ErrorCode.INVALID_RECORD,
      errorMessage: `One or more records have been rejected due to ${this.#count} record errors in total, ` +
        `and only showing the first three errors at most: [${quoted.join(", ")}]`,
      recordErrors: this.#errors,
    };
  }

  /** The refusal of a compressed batch that says that its times are the broker's. */
  static wrongTimestampType(): BatchVerdict {
    return invalidTimestamp([{ batchIndex: 0, batchIndexErrorMessage: WRONG_TYPE }]);
  }

  #add(batchIndex: number, batchIndexErrorMessage: string): void {
    this.#count++;
    if (this.#errors.length < NAMED_RECORDS_MAX) this.#errors.push({ batchIndex, batchIndexErrorMessage });
  }
}

function invalidTimestamp(recordErrors: readonly RecordError[]): BatchVerdict {
  return {
    errorCode: ErrorCode.INVALID_TIMESTAMP,
    errorMessage: "One or more records have been rejected due to invalid timestamp",
    recordErrors,
  };
}
