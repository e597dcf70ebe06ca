/** A partition's offsets and sizes. */
export interface PartitionFacts {
  readonly partition: number;
  /** The first offset that there is. */
  readonly startOffset: number;
  /** Up to where readers of committed records see: behind the last offset, or where the first open transaction begins. */
  readonly stableOffset: number;
  /** Behind the last record that consumers see. */
  readonly endOffset: number;
  /** Of all batches, each counted once wherever it is; `null` when that is not known. */
  readonly sizeBytes: number | null;
  /** Where these bytes are; `null` over the Kafka protocol, which does not tell. */
  readonly tiers: PartitionTiers | null;
}

/** What is in two tiers is counted in both. */
export interface PartitionTiers {
  readonly logBytes: number;
  readonly objectBytes: number;
  readonly objects: number;
}

export interface TopicFacts {
  readonly name: string;
  readonly id: string;
  readonly partitions: readonly PartitionFacts[];
}

/** A group in a list of them. */
export interface GroupSummary {
  readonly group: string;
  readonly kind: string;
  readonly state: string;
  /** What the members call themselves, such as `consumer`; empty while nobody has said so. */
  readonly protocolType: string;
}

/** Partitions of one topic. */
export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface MemberFacts {
  readonly memberId: string;
  /** Of static members (KIP-345), else `null`. */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** `null` in classic groups. */
  readonly epoch: number | null;
  /** Topics, and the pattern of a consumer group's member; `null` when the member speaks of other things. */
  readonly subscription: readonly string[] | null;
  /** `null` when it is not a consumer's assignment. */
  readonly assignment: readonly TopicPartitions[] | null;
}

/** Where a group has got to in a partition. */
export interface CommittedFacts {
  readonly topic: string;
  readonly partition: number;
  readonly committedOffset: number;
  /** −1 when the client did not say. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

export interface GroupFacts extends GroupSummary {
  /** How partitions are divided: the protocol that the members agreed upon, or the broker's assignor; may be empty. */
  readonly assignor: string;
  readonly members: readonly MemberFacts[];
  readonly committed: readonly CommittedFacts[];
}

export interface TransactionFacts {
  readonly transactionalId: string;
  readonly state: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** When the transaction began that is open or was last; `null` when there is none, or nobody knows. */
  readonly startMs: number | null;
  readonly timeoutMs: number;
  readonly partitions: readonly TopicPartitions[];
}

/** A producer that a partition remembers. */
export interface ProducerFacts {
  readonly partition: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** −1 when it has written nothing in this epoch. */
  readonly lastSequence: number;
  readonly lastTimestampMs: number;
  /** −1 before the first end of a transaction. */
  readonly coordinatorEpoch: number;
  /** Where its open transaction begins here; `null` without one. */
  readonly transactionStartOffset: number | null;
}

/** A user that clients have made for SCRAM, without keys. */
export interface UserFacts {
  readonly user: string;
  readonly credentials: readonly { readonly mechanism: string; readonly iterations: number }[];
}

/** An ACL in Kafka's words, such as TOPIC, LITERAL, READ and ALLOW. */
export interface AclFacts {
  readonly resourceType: string;
  readonly resourceName: string;
  readonly patternType: string;
  readonly principal: string;
  readonly host: string;
  readonly operation: string;
  readonly permission: string;
}

/** What is set for whom; the name of a default is `null`. */
export interface QuotaFacts {
  readonly entity: readonly { readonly type: string; readonly name: string | null }[];
  readonly values: Readonly<Record<string, number>>;
}

/** A delegation token without its secret. */
export interface TokenFacts {
  readonly id: string;
  /** Principals as `type:name`. */
  readonly owner: string;
  readonly requester: string;
  readonly renewers: readonly string[];
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** No renewal goes beyond it. */
  readonly endsAtMs: number;
}

/** A step of reading: a batch, or why the one at an offset cannot be had. */
export type BatchFound =
  | { readonly bytes: Uint8Array }
  | {
    readonly offset: number;
    readonly problem: string;
  };

/**
 * What a cluster can be asked, whoever answers: a running broker, a stopped one's data directory, or a bucket. The
 * answers are the same, but for what the Kafka protocol has no room for.
 */
export interface ClusterView {
  /** Where the answers come from, in words: `broker at localhost:9092`. */
  readonly source: string;
  /** What was found to be wrong so far, a sentence each. */
  readonly problems: readonly string[];
  topicNames(): Promise<readonly string[]>;
  /** The topics of these names that there are; all when `null`. In the order of their names. */
  topics(names: readonly string[] | null): Promise<readonly TopicFacts[]>;
  groups(): Promise<readonly GroupSummary[]>;
  group(id: string): Promise<GroupFacts | null>;
  /** Those that are open, or all whose ids are known. */
  transactions(isAll: boolean): Promise<readonly TransactionFacts[]>;
  producers(topic: string, partitions: readonly number[]): Promise<readonly ProducerFacts[]>;
  users(): Promise<readonly UserFacts[]>;
  acls(): Promise<readonly AclFacts[]>;
  quotas(): Promise<readonly QuotaFacts[]>;
  tokens(): Promise<readonly TokenFacts[]>;
  /** The first offset with a timestamp of at least `timestampMs`; `null` when there is none. */
  offsetAt(topic: string, partition: number, timestampMs: number): Promise<number | null>;
  /** Batches from the one that holds `fromOffset` on, up to `endOffset`; bytes are valid until the next one is asked for. */
  batches(topic: string, partition: number, fromOffset: number, endOffset: number): AsyncIterable<BatchFound>;
  close(): Promise<void>;
}
