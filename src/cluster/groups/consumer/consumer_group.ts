import { assert } from "../../../base/assert.ts";
import { ErrorCode } from "../../../base/error_codes.ts";
import type { Group } from "../group.ts";
import type { GroupChange } from "../records.ts";
import { type Assignment, loadAssignment, NO_ASSIGNMENT, saveAssignment } from "./assignment.ts";
import { type ConsumerMember, loadProgress, newMember, progressed } from "./consumer_member.ts";
import { PartitionOwners } from "./partition_owners.ts";
import type { ConsumerChange, ConsumerGroupSnapshot } from "./records.ts";

/** The protocol type of Kafka's consumers. */
const CONSUMER_PROTOCOL_TYPE = "consumer";

/** What a group takes without its members, about. */
const GROUP_BYTES = 1500;
/** A member without what it says about itself and what it has. */
const MEMBER_BYTES = 1000;
/** A partition that a member has, and is to have. */
const PARTITION_BYTES = 60;

/** The topics that a pattern stands for, as of a moment. */
export interface ResolvedPattern {
  readonly topics: readonly string[];
  readonly resolvedMs: number;
}

/**
 * A group of the consumer protocol (KIP-848): its members, what each is to have
 * (the target) and what each has (the current assignment).
 *
 * The group's epoch counts changes of members and topics, the assignment's epoch
 * is the last one that a target was made for, and each member comes to that epoch
 * in its own time. A partition is held by one member at most, always.
 */
export class ConsumerGroup implements Group {
  readonly kind = "consumer";
  readonly protocolType = CONSUMER_PROTOCOL_TYPE;
  readonly usesConsumerProtocol = true;
  readonly id: string;
  readonly #members = new Map<string, ConsumerMember>();
  /** Member ids by instance id. */
  readonly #static = new Map<string, string>();
  readonly #targets = new Map<string, Assignment>();
  readonly #patterns = new Map<string, ResolvedPattern>();
  readonly #owners = new PartitionOwners();
  #epoch: number;
  #topicsHash: string;
  #assignmentEpoch = 0;
  #assignedMs = 0;
  #sinceMs: number;
  #heldBytes: number;
  /** What the members read, found when first asked for. */
  #topics: ReadonlySet<string> | undefined;

  constructor(
    id: string,
    created: { readonly epoch: number; readonly topicsHash: string; readonly timeMs: number },
  ) {
    this.id = id;
    this.#heldBytes = GROUP_BYTES + id.length;
    this.#epoch = created.epoch;
    this.#topicsHash = created.topicsHash;
    this.#sinceMs = created.timeMs;
  }

  /** Counts up whenever members, subscriptions or topics change. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The epoch that the targets are made for. */
  get assignmentEpoch(): number {
    return this.#assignmentEpoch;
  }

  /** When the targets were made, wall clock; 0 for never. */
  get assignedMs(): number {
    return this.#assignedMs;
  }

  /** Tells the topics of the epoch, and their partitions, from others. */
  get topicsHash(): string {
    return this.#topicsHash;
  }

  get sinceMs(): number {
    return this.#sinceMs;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  get size(): number {
    return this.#members.size;
  }

  get stateName(): string {
    if (this.isEmpty) return "Empty";
    if (this.#epoch > this.#assignmentEpoch) return "Assigning";
    for (const { epoch, state } of this.#members.values()) {
      if (epoch !== this.#assignmentEpoch || state !== "stable") return "Reconciling";
    }
    return "Stable";
  }

  members(): IterableIterator<ConsumerMember> {
    return this.#members.values();
  }

  member(id: string): ConsumerMember | undefined {
    return this.#members.get(id);
  }

  /** The static member (KIP-345) of that name. */
  staticMember(instanceId: string | null): ConsumerMember | undefined {
    return instanceId === null ? undefined : this.#members.get(this.#static.get(instanceId) ?? "");
  }

  /** What the member is to have. */
  target(memberId: string): Assignment {
    return this.#targets.get(memberId) ?? NO_ASSIGNMENT;
  }

  /** Whether nobody holds the partition. */
  isFree(topicId: string, partition: number): boolean {
    return this.#owners.of(topicId, partition) === undefined;
  }

  /** What is known of a pattern; `undefined` until it is. */
  pattern(pattern: string): ResolvedPattern | undefined {
    return this.#patterns.get(pattern);
  }

  patterns(): ReadonlyMap<string, ResolvedPattern> {
    return this.#patterns;
  }

  isSubscribedTo(topic: string): boolean {
    if (this.#topics === undefined) {
      const topics = new Set<string>();
      for (const { info } of this.#members.values()) {
        for (const name of info.topics) topics.add(name);
        for (const name of this.#patterns.get(info.pattern)?.topics ?? []) topics.add(name);
      }
      this.#topics = topics;
    }
    return this.#topics.has(topic);
  }

  validateOffsetCommit(
    memberId: string,
    groupInstanceId: string | null,
    memberEpoch: number,
    isTransactional: boolean,
  ): ErrorCode {
    // Admins, and consumers that take no part in groups.
    if (memberEpoch < 0 && this.isEmpty) return ErrorCode.NONE;
    if (isTransactional && memberEpoch === -1 && memberId === "" && groupInstanceId === null) {
      return ErrorCode.NONE;
    }
    const member = this.#members.get(memberId);
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    // An older epoch is judged by partition.
    return memberEpoch <= member.epoch ? ErrorCode.NONE : wrongEpoch(member);
  }

  validatePartitionCommit(
    memberId: string,
    memberEpoch: number,
    topicId: string,
    partition: number,
  ): ErrorCode {
    const member = this.#members.get(memberId);
    if (member === undefined || memberEpoch === member.epoch) return ErrorCode.NONE;
    const since = member.assigned.get(topicId)?.get(partition) ??
      member.revoking.get(topicId)?.get(partition);
    return since !== undefined && since <= memberEpoch ? ErrorCode.NONE : wrongEpoch(member);
  }

  validateOffsetFetch(memberId: string | null, memberEpoch: number): ErrorCode {
    if (memberId === null && memberEpoch < 0) return ErrorCode.NONE;
    const member = this.#members.get(memberId ?? "");
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    return memberEpoch === member.epoch ? ErrorCode.NONE : wrongEpoch(member);
  }

  validateOffsetDelete(): ErrorCode {
    return ErrorCode.NONE;
  }

  validateDelete(): ErrorCode {
    return this.isEmpty ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  retentionStartMs(committedMs: number): number {
    return committedMs;
  }

  apply(change: GroupChange): void {
    this.#topics = undefined;
    switch (change.type) {
      case "consumer_epoch":
        assert(change.epoch > this.#epoch, "group epochs only grow");
        this.#epoch = change.epoch;
        this.#topicsHash = change.topicsHash;
        this.#sinceMs = change.timeMs;
        return;
      case "consumer_member":
        return this.#putInfo(change);
      case "consumer_left":
        this.#sinceMs = change.timeMs;
        return this.#remove(change.memberId);
      case "consumer_target":
        this.#targets.set(change.memberId, loadAssignment(change.partitions));
        return;
      case "consumer_assigned":
        assert(change.epoch >= this.#assignmentEpoch, "assignment epochs only grow");
        this.#assignmentEpoch = change.epoch;
        this.#assignedMs = change.assignedMs;
        return;
      case "consumer_current":
        return this.#putProgress(change);
      case "consumer_pattern_resolved":
        this.#heldBytes += patternBytes(change) - patternBytes(this.#patterns.get(change.pattern));
        this.#patterns.set(change.pattern, { topics: change.topics, resolvedMs: change.resolvedMs });
        return;
      case "consumer_pattern_dropped":
        this.#heldBytes -= patternBytes(this.#patterns.get(change.pattern));
        this.#patterns.delete(change.pattern);
        return;
      default:
        assert(false, `a consumer group knows no change ${change.type}`);
    }
  }

  /** The changes that make an empty group of the same name into this one. */
  snapshot(): ConsumerGroupSnapshot {
    const changes: ConsumerChange[] = [
      { type: "consumer_created", epoch: this.#epoch, topicsHash: this.#topicsHash, timeMs: this.#sinceMs },
      { type: "consumer_assigned", epoch: this.#assignmentEpoch, assignedMs: this.#assignedMs },
    ];
    for (const [pattern, { topics, resolvedMs }] of this.#patterns) {
      changes.push({ type: "consumer_pattern_resolved", pattern, topics, resolvedMs });
    }
    for (const member of this.#members.values()) {
      const { info } = member;
      const partitions = saveAssignment(this.target(info.id));
      changes.push(
        { type: "consumer_member", member: info },
        { type: "consumer_target", memberId: info.id, partitions },
        progressed(info.id, member),
      );
    }
    return { kind: "consumer", id: this.id, changes };
  }

  static restore({ id, changes }: ConsumerGroupSnapshot): ConsumerGroup {
    const [created, ...others] = changes;
    assert(created?.type === "consumer_created", "a group begins with its creation");
    const group = new ConsumerGroup(id, created);
    for (const change of others) group.apply(change);
    return group;
  }

  /** One like this that changes can be tried on. */
  copy(): ConsumerGroup {
    return ConsumerGroup.restore(this.snapshot());
  }

  #putInfo({ member: info }: Extract<ConsumerChange, { type: "consumer_member" }>): void {
    const known = this.#members.get(info.id);
    const before = known?.info.instanceId ?? null;
    if (before !== null && before !== info.instanceId) this.#static.delete(before);
    this.#put(known === undefined ? newMember(info) : { ...known, info });
    if (info.instanceId !== null) this.#static.set(info.instanceId, info.id);
  }

  #putProgress(change: Extract<ConsumerChange, { type: "consumer_current" }>): void {
    const member = this.#existing(change.memberId);
    const next = { info: member.info, ...loadProgress(change) };
    this.#owners.release(change.memberId, member.assigned, member.revoking);
    this.#owners.take(change.memberId, next.assigned, next.revoking);
    this.#put(next);
  }

  #put(member: ConsumerMember): void {
    const before = this.#members.get(member.info.id);
    this.#heldBytes += memberBytes(member) - (before === undefined ? 0 : memberBytes(before));
    this.#members.set(member.info.id, member);
  }

  #remove(id: string): void {
    const member = this.#existing(id);
    this.#owners.release(id, member.assigned, member.revoking);
    this.#heldBytes -= memberBytes(member);
    this.#members.delete(id);
    this.#targets.delete(id);
    const { instanceId } = member.info;
    if (instanceId !== null && this.#static.get(instanceId) === id) this.#static.delete(instanceId);
  }

  #existing(id: string): ConsumerMember {
    const member = this.#members.get(id);
    assert(member !== undefined, `${id} is a member of ${this.id}`);
    return member;
  }
}

/** Memory that a member takes, about. */
export function memberBytes({ info, assigned, revoking }: ConsumerMember): number {
  let bytes = MEMBER_BYTES + info.pattern.length;
  for (const text of [info.id, info.instanceId, info.rackId, info.clientId, info.clientHost]) {
    bytes += text?.length ?? 0;
  }
  for (const topic of info.topics) bytes += 32 + topic.length;
  for (const [name, metadata] of info.classic?.protocols ?? []) bytes += name.length + metadata.length;
  for (const holdings of [assigned, revoking]) {
    for (const epochs of holdings.values()) bytes += PARTITION_BYTES * (1 + epochs.size);
  }
  return bytes;
}

/** Memory that what is known of a pattern takes, about. */
export function patternBytes(resolved: Pick<ResolvedPattern, "topics"> | undefined): number {
  return resolved === undefined ? 0 : 200 + resolved.topics.length * 8;
}

function wrongEpoch({ info }: ConsumerMember): ErrorCode {
  return info.classic === null ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.ILLEGAL_GENERATION;
}
