import { assert } from "../../../base/assert.ts";
import { ErrorCode } from "../../../base/error_codes.ts";
import type { Group } from "../group.ts";
import type { GroupChange } from "../records.ts";
import {
  type ClassicMember,
  loadMember,
  memberBytes,
  metadataOf,
  NO_ASSIGNMENT,
  saveMember,
} from "./classic_member.ts";
import type { ClassicGroupSnapshot, ClassicPhase } from "./records.ts";
import { subscribedTopics } from "./subscription.ts";

/** What a group takes beside its members, about: the objects, and its timer. Measured without the latter: 940. */
const GROUP_OVERHEAD_BYTES = 1024;
/** The protocol type of Kafka's consumers. */
const CONSUMER_PROTOCOL_TYPE = "consumer";

/**
 * A classic group: who is in it, what they said about themselves, and which
 * generation they make. Who is being waited for is known in the engine only.
 *
 *     Empty -> PreparingRebalance <-> CompletingRebalance -> Stable
 *                   ^ `-> Empty                              |
 *                   `----------------------------------------'
 */
export class ClassicGroup implements Group {
  readonly kind = "classic";
  readonly #members = new Map<string, ClassicMember>();
  /** Member ids by instance id. */
  readonly #static = new Map<string, string>();
  /** How many members know each protocol. */
  readonly #known = new Map<string, number>();
  #heldBytes: number;
  #phase: ClassicPhase = "Empty";
  #generation: number;
  #protocolType: string | null = null;
  #protocol: string | null = null;
  #leaderId: string | null = null;
  #sinceMs: number;
  /** Topics of the members, found when first asked for; `null` when they cannot be known. */
  #topics: ReadonlySet<string> | null | undefined;

  constructor(readonly id: string, options: { readonly generation: number; readonly timeMs: number }) {
    this.#generation = options.generation;
    this.#heldBytes = GROUP_OVERHEAD_BYTES + id.length;
    this.#sinceMs = options.timeMs;
  }

  get phase(): ClassicPhase {
    return this.#phase;
  }

  get stateName(): string {
    return this.#phase;
  }

  /** Counts up with each generation that is made. */
  get generation(): number {
    return this.#generation;
  }

  get protocolType(): string | null {
    return this.#protocolType;
  }

  /** The one that the members of the generation have agreed upon. */
  get protocol(): string | null {
    return this.#protocol;
  }

  get leaderId(): string | null {
    return this.#leaderId;
  }

  get sinceMs(): number {
    return this.#sinceMs;
  }

  get isEmpty(): boolean {
    return this.#phase === "Empty";
  }

  get usesConsumerProtocol(): boolean {
    return this.#protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get size(): number {
    return this.#members.size;
  }

  members(): IterableIterator<ClassicMember> {
    return this.#members.values();
  }

  member(id: string): ClassicMember | undefined {
    return this.#members.get(id);
  }

  /** The static member (KIP-345) of that name. */
  staticMember(instanceId: string): ClassicMember | undefined {
    return this.#members.get(this.#static.get(instanceId) ?? "");
  }

  /** So long members may take to join again: as the most patient one says. */
  get rebalanceTimeoutMs(): number {
    let longestMs = 0;
    for (const member of this.#members.values()) longestMs = Math.max(longestMs, member.rebalanceTimeoutMs);
    return longestMs;
  }

  /** Whether whoever knows these protocols fits to the members: one of them at least must be known to all. */
  supports(protocolType: string, protocols: readonly string[]): boolean {
    if (this.isEmpty) return protocolType !== "" && protocols.length > 0;
    return protocolType === this.#protocolType &&
      protocols.some((name) => (this.#known.get(name) ?? 0) === this.#members.size);
  }

  /** Whether this is a member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, or NONE. */
  validateMember(memberId: string, groupInstanceId: string | null): ErrorCode {
    if (groupInstanceId !== null) {
      const holder = this.#static.get(groupInstanceId);
      if (holder === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
      if (holder !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
    }
    return this.#members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }

  validateOffsetCommit(
    memberId: string,
    groupInstanceId: string | null,
    generation: number,
    isTransactional: boolean,
  ): ErrorCode {
    // Admins, and consumers that take no part in groups.
    if (generation < 0 && this.isEmpty) return ErrorCode.NONE;
    if (generation >= 0 || memberId !== "" || groupInstanceId !== null) {
      const errorCode = this.validateMember(memberId, groupInstanceId);
      if (errorCode !== ErrorCode.NONE) return errorCode;
      if (generation !== this.#generation) return ErrorCode.ILLEGAL_GENERATION;
    } else if (!isTransactional && !this.isEmpty) return ErrorCode.UNKNOWN_MEMBER_ID;
    const isUndecided = !isTransactional && this.#phase === "CompletingRebalance";
    return isUndecided ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  validateOffsetFetch(): ErrorCode {
    return ErrorCode.NONE;
  }

  validateOffsetDelete(): ErrorCode {
    return this.isEmpty || this.usesConsumerProtocol ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  validateDelete(): ErrorCode {
    return this.isEmpty ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  isSubscribedTo(topic: string): boolean {
    return this.#topicsNow()?.has(topic) ?? this.usesConsumerProtocol;
  }

  retentionStartMs(committedMs: number): number | null {
    if (this.#protocolType === null) return committedMs;
    if (this.isEmpty) return this.#sinceMs;
    return this.#phase === "Stable" && this.#topicsNow() !== null ? committedMs : null;
  }

  apply(change: GroupChange): void {
    this.#topics = undefined;
    switch (change.type) {
      case "classic_joined":
        if (this.#members.size === 0) this.#protocolType = change.protocolType;
        this.#put(
          loadMember(change.member, this.#members.get(change.member.id)?.assignment ?? NO_ASSIGNMENT),
        );
        this.#leaderId ??= change.member.id;
        return;
      case "classic_replaced": {
        const old = this.#remove(change.oldMemberId);
        this.#put(loadMember(change.member, old.assignment));
        if (this.#leaderId === old.id) this.#leaderId = change.member.id;
        return;
      }
      case "classic_left":
        this.#remove(change.memberId);
        if (this.#leaderId === change.memberId) this.#leaderId = this.#members.keys().next().value ?? null;
        return;
      case "classic_rebalancing":
        // What this generation's members have been given is not known.
        if (this.#phase === "CompletingRebalance") this.#assign([]);
        this.#enter("PreparingRebalance", change.timeMs);
        return;
      case "classic_generation":
        assert(change.generation > this.#generation, "generations only grow");
        this.#generation = change.generation;
        this.#protocol = change.protocol;
        this.#leaderId = change.leaderId;
        this.#enter(this.#members.size === 0 ? "Empty" : "CompletingRebalance", change.timeMs);
        return;
      case "classic_assigned":
        this.#assign(change.assignments);
        this.#enter("Stable", change.timeMs);
        return;
      default:
        assert(false, `a classic group knows no change ${change.type}`);
    }
  }

  snapshot(): ClassicGroupSnapshot {
    return {
      kind: "classic",
      id: this.id,
      phase: this.#phase,
      generation: this.#generation,
      protocolType: this.#protocolType,
      protocol: this.#protocol,
      leaderId: this.#leaderId,
      sinceMs: this.#sinceMs,
      members: Array.from(this.#members.values(), (member) => ({
        member: saveMember(member),
        assignment: member.assignment.toBase64(),
      })),
    };
  }

  static restore(saved: ClassicGroupSnapshot): ClassicGroup {
    const group = new ClassicGroup(saved.id, { generation: saved.generation, timeMs: saved.sinceMs });
    for (const { member, assignment } of saved.members) {
      group.#put(loadMember(member, Uint8Array.fromBase64(assignment)));
    }
    group.#phase = saved.phase;
    group.#protocolType = saved.protocolType;
    group.#protocol = saved.protocol;
    group.#leaderId = saved.leaderId;
    return group;
  }

  #enter(phase: ClassicPhase, timeMs: number): void {
    this.#phase = phase;
    this.#sinceMs = timeMs;
  }

  #assign(assignments: readonly (readonly [memberId: string, assignment: string])[]): void {
    const given = new Map(assignments);
    for (const member of this.#members.values()) {
      this.#put({ ...member, assignment: Uint8Array.fromBase64(given.get(member.id) ?? "") });
    }
  }

  #put(member: ClassicMember): void {
    const before = this.#members.get(member.id);
    if (before !== undefined) this.#count(before, -1);
    this.#count(member, 1);
    this.#members.set(member.id, member);
    if (member.instanceId !== null) this.#static.set(member.instanceId, member.id);
  }

  #remove(id: string): ClassicMember {
    const member = this.#members.get(id);
    assert(member !== undefined, `${id} is a member of ${this.id}`);
    this.#count(member, -1);
    this.#members.delete(id);
    if (member.instanceId !== null) this.#static.delete(member.instanceId);
    return member;
  }

  /** Adds a member to the sums, or takes it out of them. */
  #count(member: ClassicMember, sign: 1 | -1): void {
    this.#heldBytes += sign * (memberBytes(member) + member.assignment.length);
    for (const name of new Set(member.protocols.map((protocol) => protocol.name))) {
      const count = (this.#known.get(name) ?? 0) + sign;
      if (count === 0) this.#known.delete(name);
      else this.#known.set(name, count);
    }
  }

  #topicsNow(): ReadonlySet<string> | null {
    if (this.#topics === undefined) this.#topics = this.usesConsumerProtocol ? this.#findTopics() : null;
    return this.#topics;
  }

  #findTopics(): ReadonlySet<string> | null {
    const topics = new Set<string>();
    for (const member of this.#members.values()) {
      const named = subscribedTopics(metadataOf(member, this.#protocol));
      if (named === null) return null;
      for (const topic of named) topics.add(topic);
    }
    return topics;
  }
}
