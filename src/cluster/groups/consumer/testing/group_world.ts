import assert from "node:assert/strict";
import { ErrorCode } from "../../../../base/error_codes.ts";
import { ClusterState } from "../../../cluster_state.ts";
import type { Refusal } from "../../../decision.ts";
import { ClassicGroup } from "../../classic/classic_group.ts";
import { type GroupChange, groupRecord } from "../../records.ts";
import { type Assignment, NO_ASSIGNMENT, partitionsOf } from "../assignment.ts";
import { rangeAssignor } from "../assignors/range.ts";
import { uniformAssignor } from "../assignors/uniform.ts";
import { decideClassicJoin, judgeClassicHeartbeat, judgeClassicSync } from "../classic_members.ts";
import { ConsumerGroup } from "../consumer_group.ts";
import { decideHeartbeat, type HeartbeatCommand, type HeartbeatReply } from "../decide_heartbeat.ts";
import { decideResolved } from "../decide_resolved.ts";
import type { ConsumerLimits } from "../limits.ts";
import { TopicPattern } from "../regex/topic_pattern.ts";
import { removeMembers } from "../remove_members.ts";
import { encodeSubscription } from "./embedded_subscription.ts";
import { heartbeatOf } from "./heartbeat_of.ts";
import { TopicMaker } from "./topic_maker.ts";

const GROUP = "g";
const SESSION_MS = 45_000;

/** What a member of the test believes. */
interface Believer {
  memberId: string;
  readonly instanceId: string | null;
  epoch: number;
  /** What it was told last, and what it has taken up. */
  told: Assignment;
  owned: Assignment;
  isClassic: boolean;
  topics: readonly string[];
}

/** A group, its topics and its members, under the rules and without a broker. Members of odd number are static. */
export class GroupWorld {
  readonly #topics = new TopicMaker();
  readonly #limits: ConsumerLimits;
  readonly #members = new Map<number, Believer>();
  #state = new ClusterState();
  #nowMs = 1_000_000;
  #epochSeen = 0;
  #assignmentSeen = 0;
  #ids = 0;

  constructor(options: { readonly assignmentIntervalMs: number }) {
    this.#limits = {
      sessionTimeoutMs: SESSION_MS,
      heartbeatIntervalMs: 5000,
      maxSize: 100,
      assignmentIntervalMs: options.assignmentIntervalMs,
      patternRefreshIntervalMs: 600_000,
      assignors: [uniformAssignor, rangeAssignor],
      migration: "upgrade",
      classicMaxSize: 100,
    };
    for (const [name, count] of [["a", 3], ["b", 5], ["d.1", 2]] as const) this.growTopic(name, count);
  }

  get stateName(): string {
    return this.#group?.stateName ?? "Empty";
  }

  get isEmpty(): boolean {
    return this.#group?.isEmpty ?? true;
  }

  /** Joins with this subscription, under a new id if it was none or was classic. */
  join(
    n: number,
    { topics, pattern, assignor }: {
      readonly topics: readonly string[];
      readonly pattern: string;
      readonly assignor: string | null;
    },
  ): void {
    const member = this.#members.get(n) ?? this.#newMember(n);
    if (member.isClassic) member.memberId = this.#newId(n);
    Object.assign(member, { epoch: 0, told: NO_ASSIGNMENT, owned: NO_ASSIGNMENT, isClassic: false, topics });
    const reply = this.#heartbeat(member, {
      rebalanceTimeoutMs: 60_000,
      topics,
      pattern,
      assignor,
      owned: NO_ASSIGNMENT,
    });
    // Whoever is refused gives up; if it was in the group, its session ends.
    if ("error" in reply) this.#members.delete(n);
    else this.#members.set(n, member);
  }

  /** Joins with the classic protocol, if there is a group with members for it to join. */
  joinClassic(n: number, topics: readonly string[], isEager: boolean): void {
    const group = this.#group;
    if (group === undefined || group.isEmpty) return;
    const member = this.#members.get(n) ?? this.#newMember(n);
    const known = group.member(member.memberId);
    // A client does not go over from one protocol to the other under one id.
    if (known !== undefined && known.info.classic === null) return;
    const owned = isEager || !member.isClassic ? NO_ASSIGNMENT : member.told;
    const isNew = known === undefined;
    const decision = decideClassicJoin(group, {
      groupId: GROUP,
      memberId: isNew && member.instanceId !== null ? "" : member.memberId,
      newMemberId: this.#newId(n),
      instanceId: member.instanceId,
      clientId: "classic",
      clientHost: "/h",
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: 60_000,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: encodeSubscription(topics, this.#names(owned)) }],
      requiresKnownMemberId: false,
      canSkipAssignment: true,
    }, this.#context());
    this.#apply(decision.changes);
    if (decision.errorCode !== ErrorCode.NONE) return;
    Object.assign(member, {
      memberId: decision.memberId,
      epoch: decision.generation,
      isClassic: true,
      topics,
    });
    this.#members.set(n, member);
    this.#sync(member);
  }

  heartbeatClassic(n: number): void {
    const member = this.#members.get(n);
    const group = this.#group;
    if (member?.isClassic !== true || group === undefined) return;
    const { memberId, instanceId, epoch } = member;
    const errorCode = judgeClassicHeartbeat(group, memberId, instanceId, epoch);
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS || errorCode === ErrorCode.ILLEGAL_GENERATION) {
      this.joinClassic(n, member.topics, false);
    } else if (errorCode !== ErrorCode.NONE) this.#members.delete(n);
  }

  /** A member says only that it lives. */
  heartbeat(n: number): void {
    const member = this.#members.get(n);
    if (member !== undefined && !member.isClassic) this.#heartbeat(member, {});
  }

  /** A member has taken up what it was told, and says so. */
  confirm(n: number): void {
    const member = this.#members.get(n);
    if (member === undefined || member.isClassic) return;
    member.owned = member.told;
    this.#heartbeat(member, { owned: member.owned });
  }

  subscribe(n: number, topics: readonly string[]): void {
    const member = this.#members.get(n);
    if (member === undefined || member.isClassic) return;
    member.topics = topics;
    this.#heartbeat(member, { topics });
  }

  leave(n: number): void {
    const member = this.#members.get(n);
    if (member === undefined || member.isClassic) return;
    this.#send(member, { memberEpoch: -1 });
    this.#members.delete(n);
  }

  /** A static member leaves for a while; it comes back with another id. */
  goAway(n: number): void {
    const member = this.#members.get(n);
    if (member === undefined || member.isClassic || member.instanceId === null) return;
    this.#send(member, { memberEpoch: -2 });
    this.#members.delete(n);
  }

  /** A member does not get to know what it was told, and repeats what it knew. */
  loseAnswer(n: number): void {
    const member = this.#members.get(n);
    if (member === undefined || member.isClassic) return;
    const reply = this.#send(member, {});
    if ("error" in reply) return;
    this.#heartbeat(member, { owned: member.owned, rebalanceTimeoutMs: 60_000, topics: member.topics });
  }

  /** The member's session ends. It does not know yet. */
  expel(n: number): void {
    const member = this.#members.get(n);
    const group = this.#group;
    if (member === undefined || group?.member(member.memberId) === undefined) return;
    this.#apply(removeMembers(group, new Set([member.memberId]), this.#context()));
  }

  growTopic(name: string, count: number): void {
    for (const record of this.#topics.grow(this.#state, name, count)) this.#state.apply(record);
  }

  deleteTopic(name: string): void {
    const topic = this.#state.topic(name);
    if (topic !== undefined) this.#state.apply({ type: "topic_deleted", id: topic.id });
  }

  wait(ms: number): void {
    this.#nowMs += ms;
  }

  /** The state is what a snapshot holds. */
  restart(): void {
    const restored = ClusterState.restore(JSON.parse(JSON.stringify(this.#state.snapshot())));
    assert.equal(restored.groups.heldBytes, this.#state.groups.heldBytes);
    this.#state = restored;
  }

  /** What must hold after each step. That partitions have one owner, the group asserts as it changes. */
  check(): void {
    const group = this.#group;
    if (group === undefined) return;
    assert.ok(group.epoch >= this.#epochSeen && group.assignmentEpoch >= this.#assignmentSeen);
    assert.ok(group.assignmentEpoch <= group.epoch);
    this.#epochSeen = group.epoch;
    this.#assignmentSeen = group.assignmentEpoch;
    const targeted = new Set<string>();
    for (const member of group.members()) {
      assert.ok(member.epoch <= group.assignmentEpoch);
      for (const [topicId, partitions] of group.target(member.info.id)) {
        for (const partition of partitions) {
          const key = `${topicId}-${partition}`;
          assert.ok(!targeted.has(key), "a partition is one member's target");
          targeted.add(key);
        }
      }
    }
    this.#checkBeliefs(group);
  }

  /** Everyone does what clients do, until nothing changes. */
  settle(): void {
    for (let round = 0; round < 12; round++) {
      this.wait(12_000);
      for (const [n, member] of [...this.#members]) {
        if (member.isClassic) this.heartbeatClassic(n);
        else this.confirm(n);
        this.check();
      }
      this.#expelUnheard();
    }
  }

  /** Whoever subscribes to a topic shares all of it, and nobody else has any of it. */
  checkCover(): void {
    const group = this.#group;
    if (group === undefined) return;
    const held = new Set<string>();
    for (const member of group.members()) {
      assert.deepEqual(
        partitionsOf(member.assigned),
        new Map([...group.target(member.info.id)]),
        "target reached",
      );
      for (const [topicId, epochs] of member.assigned) {
        for (const partition of epochs.keys()) held.add(`${topicId}-${partition}`);
      }
    }
    let expected = 0;
    for (const { name, id, partitions } of this.#state.topics()) {
      if (!group.isSubscribedTo(name)) continue;
      expected += partitions.length;
      for (const index of partitions.keys()) {
        assert.ok(held.has(`${id}-${index}`), `${name}-${index} is held`);
      }
    }
    assert.equal(held.size, expected, "nothing else is held");
  }

  /** No two members consume a partition, as far as they know. */
  #checkBeliefs(group: ConsumerGroup): void {
    const consumed = new Map<string, string>();
    for (const { memberId, owned, epoch, isClassic } of this.#members.values()) {
      const member = group.member(memberId);
      // Whoever has been thrown out may not know it yet: commits with its epoch are refused.
      if (member === undefined || isClassic || epoch > member.epoch || epoch < member.previousEpoch) continue;
      if (epoch === 0) continue;
      for (const [topicId, partitions] of owned) {
        for (const partition of partitions) {
          const key = `${topicId}-${partition}`;
          const commits =
            group.validatePartitionCommit(memberId, epoch, topicId, partition) === ErrorCode.NONE;
          if (!commits) continue;
          assert.equal(consumed.get(key), undefined, `${key} is consumed by ${memberId} alone`);
          consumed.set(key, memberId);
        }
      }
    }
  }

  /** Sessions of members that nobody plays any more end. */
  #expelUnheard(): void {
    const known = new Set(Array.from(this.#members.values(), ({ memberId }) => memberId));
    const group = this.#group;
    if (group === undefined) return;
    const gone = Array.from(group.members(), ({ info }) => info.id).filter((id) => !known.has(id));
    if (gone.length > 0) this.#apply(removeMembers(group, new Set(gone), this.#context()));
  }

  get #group(): ConsumerGroup | undefined {
    const group = this.#state.groups.get(GROUP);
    assert.ok(!(group instanceof ClassicGroup), "no classic group comes of this");
    return group instanceof ConsumerGroup ? group : undefined;
  }

  #newMember(n: number): Believer {
    return {
      memberId: this.#newId(n),
      instanceId: n % 2 === 1 ? `i${n}` : null,
      epoch: 0,
      told: NO_ASSIGNMENT,
      owned: NO_ASSIGNMENT,
      isClassic: false,
      topics: [],
    };
  }

  #newId(n: number): string {
    return `m${n}-${this.#ids++}`;
  }

  #heartbeat(member: Believer, said: Partial<HeartbeatCommand>): HeartbeatReply | Refusal {
    const reply = this.#send(member, said);
    if ("error" in reply) {
      const isLost = reply.error === ErrorCode.FENCED_MEMBER_EPOCH ||
        reply.error === ErrorCode.UNKNOWN_MEMBER_ID || reply.error === ErrorCode.FENCED_INSTANCE_ID;
      if (isLost) { for (const [n, each] of this.#members) if (each === member) this.#members.delete(n); }
      return reply;
    }
    member.epoch = reply.memberEpoch;
    if (reply.assignment !== null) {
      member.told = reply.assignment;
      // Gives up at once what is not its own any more, and takes up the rest later.
      const kept = Array.from(member.owned, ([topicId, partitions]) => {
        const told = reply.assignment?.get(topicId) ?? [];
        return [topicId, partitions.filter((partition) => told.includes(partition))] as const;
      });
      member.owned = new Map(kept.filter(([, partitions]) => partitions.length > 0));
    }
    return reply;
  }

  #send(member: Believer, said: Partial<HeartbeatCommand>): HeartbeatReply | Refusal {
    const command = heartbeatOf(GROUP, member, said);
    const group = this.#state.groups.get(GROUP);
    const decision = decideHeartbeat(command, { ...this.#context(), group, newMemberId: "" });
    this.#apply(decision.changes);
    if (decision.unresolved.length > 0) this.#resolve(decision.unresolved);
    return decision.reply;
  }

  #sync(member: Believer): void {
    const group = this.#group;
    if (group === undefined) return;
    const { memberId, instanceId, epoch } = member;
    const command = {
      groupId: GROUP,
      memberId,
      instanceId,
      generation: epoch,
      protocolType: "consumer",
      protocol: "range",
      assignments: [],
    };
    const { errorCode } = judgeClassicSync(group, command, this.#state);
    if (errorCode !== ErrorCode.NONE) return;
    member.told = partitionsOf(group.member(memberId)?.assigned ?? new Map());
    member.owned = member.told;
  }

  #resolve(patterns: readonly string[]): void {
    const group = this.#group;
    if (group === undefined) return;
    const resolved = new Map(patterns.map((text) => {
      const pattern = TopicPattern.parse(text);
      assert.ok(pattern instanceof TopicPattern);
      const names = Array.from(this.#state.topics(), ({ name }) => name);
      return [text, names.filter((name) => pattern.matches(name)).sort()];
    }));
    this.#apply(
      decideResolved(group, resolved, { catalog: this.#state, nowMs: this.#nowMs, hasRoomFor: () => true }),
    );
  }

  #apply(changes: readonly GroupChange[]): void {
    // As from the log: text, and nothing shared.
    for (const change of changes) {
      this.#state.apply(JSON.parse(JSON.stringify(groupRecord(GROUP, change))));
    }
  }

  #names(assignment: Assignment): Map<string, readonly number[]> {
    return new Map(
      Array.from(assignment).flatMap(([topicId, partitions]) => {
        const name = this.#state.topicById(topicId)?.name;
        return name === undefined ? [] : [[name, partitions] as const];
      }),
    );
  }

  #context() {
    return {
      catalog: this.#state,
      limits: this.#limits,
      nowMs: this.#nowMs,
      mustCheckTopics: true,
      mustCheckPatterns: true,
      hasRoomFor: () => true,
    };
  }
}
