import { buildBatch } from "../../../src/records/compress.ts";
import { ErrorCode } from "../../../src/base/error_codes.ts";
import { fetchInput, produceInput, type TopicRef } from "../../support/requests.ts";
import { type Api, api } from "../api.ts";
import type { Client } from "../client.ts";
import type { Peer } from "../peer.ts";
import { byTopic, type OffsetAt } from "./offsets.ts";

/** When all records are written: Kafka rolls a log whose batches are long before its markers. */
export const WRITTEN_MS = Date.now();
/** What a cluster answers while it is about to be able to answer. */
const NOT_YET: readonly number[] = [
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.NOT_ENOUGH_REPLICAS,
];

/** What a producer may differ in. */
export interface ProducerOptions {
  /** Default: the producer's name. `null` for one that is idempotent only. */
  readonly transactionalId?: string | null;
  /** Which protocol of KIP-890 it speaks. Default: 2. */
  readonly transactions?: 1 | 2;
}

/** What one request says otherwise than the producer would. */
interface Otherwise {
  readonly version?: number;
  readonly transactionalId?: string | null;
  readonly producerId?: number;
  readonly epoch?: number;
}

/** An idempotent or transactional producer, with a connection of its own. */
export class Producer {
  readonly client: Client;
  readonly #transactionalId: string | null;
  readonly #isNew: boolean;
  producerId = -1;
  epoch = -1;
  readonly #sequences = new Map<string, number>();

  constructor(peer: Peer, name: string, { transactionalId = name, transactions = 2 }: ProducerOptions = {}) {
    this.client = peer.client(name);
    this.#transactionalId = transactionalId === null ? null : peer.unique(transactionalId);
    this.#isNew = transactions === 2;
  }

  /** Takes its identity; `producerId` and `epoch` are what it says that it had (KIP-360). */
  async inits(otherwise: Otherwise & { readonly timeoutMs?: number } = {}): Promise<void> {
    const { version = 5, transactionalId = this.#transactionalId, producerId = -1, epoch = -1 } = otherwise;
    const answer = await this.#ask("inits", api.initProducerId, version, {
      transactionalId,
      transactionTimeoutMs: otherwise.timeoutMs ?? 60_000,
      ...(version >= 3 && { producerId, producerEpoch: epoch }),
    });
    if (answer.errorCode === ErrorCode.NONE) this.#become(answer.producerId, answer.producerEpoch);
  }

  /** Adds partitions to its transaction, as clients did before KIP-890. */
  async adds(
    topic: TopicRef,
    partitions: readonly number[] = [0],
    otherwise: Otherwise & { readonly verifyOnly?: boolean } = {},
  ): Promise<void> {
    const { version = 3, transactionalId, producerId, epoch } = this.#who(otherwise);
    const topics = [{ name: topic.name, partitions }];
    const input = version >= 4
      ? {
        transactions: [{
          transactionalId,
          producerId,
          producerEpoch: epoch,
          verifyOnly: otherwise.verifyOnly ?? false,
          topics,
        }],
        ...{
          v3AndBelowTransactionalId: "",
          v3AndBelowProducerId: 0,
          v3AndBelowProducerEpoch: 0,
          v3AndBelowTopics: [],
        },
      }
      : {
        transactions: [],
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: epoch,
        v3AndBelowTopics: topics,
      };
    await this.#ask("adds", api.addPartitionsToTxn, version, input);
  }

  async addsGroup(group: string, otherwise: Otherwise = {}): Promise<void> {
    const { version = 4, transactionalId, producerId, epoch } = this.#who(otherwise);
    await this.#ask("adds the group", api.addOffsetsToTxn, version, {
      transactionalId,
      producerId,
      producerEpoch: epoch,
      groupId: group,
    });
  }

  /** Writes one batch of a record for each value, in its transaction if it has them. */
  async produces(
    topic: TopicRef,
    values: readonly string[],
    otherwise: Otherwise & {
      readonly partition?: number;
      readonly sequence?: number;
      readonly isTransactional?: boolean;
    } = {},
  ): Promise<void> {
    const { version = this.#isNew ? 13 : 11, partition = 0 } = otherwise;
    const { transactionalId = this.#transactionalId } = otherwise;
    const { producerId = this.producerId, epoch: producerEpoch = this.epoch } = otherwise;
    const place = `${topic.name} ${partition}`;
    const baseSequence = otherwise.sequence ?? this.#sequences.get(place) ?? 0;
    const records = values.map((value) => ({
      value: new TextEncoder().encode(value),
      timestampMs: WRITTEN_MS,
    }));
    const isTransactional = otherwise.isTransactional ?? this.#transactionalId !== null;
    const batch = buildBatch(records, { producerId, producerEpoch, baseSequence, isTransactional });
    const answer = await this.#ask(
      `produces ${values.join(" ")}`,
      api.produce,
      version,
      produceInput(topic, batch, { partition, transactionalId }),
    );
    const wasTaken = answer.responses[0]?.partitionResponses[0]?.errorCode === ErrorCode.NONE;
    if (wasTaken && otherwise.sequence === undefined) {
      this.#sequences.set(place, baseSequence + values.length);
    }
  }

  commits(otherwise: Otherwise = {}): Promise<void> {
    return this.#ends(true, otherwise);
  }

  aborts(otherwise: Otherwise = {}): Promise<void> {
    return this.#ends(false, otherwise);
  }

  /** Commits a group's offsets with its transaction. */
  async commitsOffsets(
    group: string,
    offsets: readonly OffsetAt[],
    otherwise: Otherwise & {
      readonly generationId?: number;
      readonly memberId?: string;
      readonly instanceId?: string | null;
    } = {},
  ): Promise<void> {
    const who = this.#who(otherwise);
    const version = who.version ?? (this.#isNew ? 5 : 4);
    const { generationId = -1, memberId = "", instanceId = null } = otherwise;
    await this.#ask("commits offsets", api.txnOffsetCommit, version, {
      transactionalId: who.transactionalId,
      groupId: group,
      producerId: who.producerId,
      producerEpoch: who.epoch,
      ...(version >= 3 && { generationId, memberId, groupInstanceId: instanceId }),
      topics: byTopic(offsets).map(([{ name }, rows]) => ({
        name,
        partitions: rows.map(({ partition = 0, offset, metadata = "", leaderEpoch = -1 }) => ({
          partitionIndex: partition,
          committedOffset: offset,
          committedMetadata: metadata,
          ...(version >= 2 && { committedLeaderEpoch: leaderEpoch }),
        })),
      })),
    });
  }

  async #ends(committed: boolean, otherwise: Otherwise): Promise<void> {
    const { version = this.#isNew ? 5 : 4, transactionalId, producerId, epoch } = this.#who(otherwise);
    const answer = await this.#ask(committed ? "commits" : "aborts", api.endTxn, version, {
      transactionalId,
      producerId,
      producerEpoch: epoch,
      committed,
    });
    if (answer.errorCode === ErrorCode.NONE && version >= 5) {
      this.#become(answer.producerId, answer.producerEpoch);
    }
  }

  #who({ version, transactionalId, producerId, epoch }: Otherwise) {
    return {
      version,
      transactionalId: transactionalId ?? this.#transactionalId ?? "",
      producerId: producerId ?? this.producerId,
      epoch: epoch ?? this.epoch,
    };
  }

  /** A new epoch begins with new sequences. */
  #become(producerId: number, epoch: number): void {
    if (producerId !== this.producerId || epoch !== this.epoch) this.#sequences.clear();
    this.producerId = producerId;
    this.epoch = epoch;
  }

  #ask<Request, Response>(question: string, what: Api<Request, Response>, version: number, input: Request) {
    return this.client.askUntil(question, what, version, input, (answer) => !isNotYet(answer));
  }
}

/** Whether any error code in the answer means "ask again". */
export function isNotYet(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  return Object.entries(answer).some(([field, value]) =>
    field.toLowerCase().endsWith("errorcode") ? NOT_YET.includes(value) : isNotYet(value)
  );
}

/** Reads a partition from `offset` on once its records end at `end`, with and without what is not committed. */
export async function reads(
  peer: Peer,
  topic: TopicRef,
  end: number,
  options: { readonly offset?: number; readonly partition?: number } = {},
): Promise<void> {
  const { offset = 0, partition = 0 } = options;
  for (const isolationLevel of [0, 1]) {
    await peer.askUntil(
      `reads ${isolationLevel === 0 ? "all" : "what is committed"} up to ${end}`,
      api.fetch,
      12,
      fetchInput(topic, offset, { isolationLevel, partition }),
      ({ responses }) => responses[0]?.partitions[0]?.highWatermark === end,
    );
  }
}
