import { ErrorCode } from "../../base/error_codes.ts";
import {
  type ConsumerLimits,
  type Decision,
  type GroupChange,
  groupRecord,
  type HeartbeatCommand,
  type HeartbeatReply,
  type JoinCommand,
  type LeavingMember,
  type Refusal,
  refuse,
  type SyncCommand,
} from "../../cluster/mod.ts";
import {
  ConsumerGroup,
  decideClassicJoin,
  decideClassicLeave,
  decideHeartbeat,
  decideResolved,
  judgeClassicHeartbeat,
  judgeClassicSync,
  removeMembers,
} from "../../cluster/groups/mod.ts";
import type { Engine } from "../engine.ts";
import { RETRY_MS, unwritten } from "./group_bounds.ts";
import { LiveConsumerGroup } from "./live_consumer_group.ts";
import { type JoinAnswer, joinError, type SyncAnswer, syncError } from "./live_group.ts";
import { inParts, resolvePatterns, type Sight } from "./resolve_patterns.ts";

/**
 * The coordinator of consumer groups (KIP-848): runs their rules and watches the
 * time. A group that nobody speaks to costs nothing but a deadline for each member.
 */
export class ConsumerGroups {
  readonly #engine: Engine;
  readonly #limits: ConsumerLimits;
  /** Called when a group may have become one of another kind. */
  readonly #converted: (groupId: string) => void;
  readonly #live = new Map<string, LiveConsumerGroup>();

  constructor(engine: Engine, limits: ConsumerLimits, converted: (groupId: string) => void) {
    this.#engine = engine;
    this.#limits = limits;
    this.#converted = converted;
  }

  get limits(): ConsumerLimits {
    return this.#limits;
  }

  /** What counts for one group: its own configs, else what was set of the broker, else what the operator gave. */
  limitsOf(groupId: string): ConsumerLimits {
    const { configs } = this.#engine.state;
    const own = configs.of("group", groupId);
    const assignment = own.get("consumer.assignment.interval.ms") ??
      configs.brokerValue("group.consumer.assignment.interval.ms");
    if (own.size === 0 && assignment === undefined) return this.#limits;
    const { sessionTimeoutMs, heartbeatIntervalMs, assignmentIntervalMs } = this.#limits;
    return {
      ...this.#limits,
      sessionTimeoutMs: Number(own.get("consumer.session.timeout.ms") ?? sessionTimeoutMs),
      heartbeatIntervalMs: Number(own.get("consumer.heartbeat.interval.ms") ?? heartbeatIntervalMs),
      assignmentIntervalMs: Number(assignment ?? assignmentIntervalMs),
    };
  }

  /** Takes the groups over that recovery found: all members are given their time anew. */
  start(): void {
    for (const group of this.#engine.state.groups) {
      if (!(group instanceof ConsumerGroup)) continue;
      this.settle(group.id);
      for (const { info } of group.members()) this.#watchRevocation(group.id, info.id);
    }
  }

  /** The group, if it is a consumer group that somebody is in. */
  inhabited(groupId: string): ConsumerGroup | undefined {
    const group = this.#group(groupId);
    return group === undefined || group.isEmpty ? undefined : group;
  }

  /** ConsumerGroupHeartbeat. Where it is time to look up the group's patterns, they find what this member sees, as in Kafka. */
  async heartbeat(command: HeartbeatCommand, sees: Sight): Promise<HeartbeatReply | Refusal> {
    const { groupId } = command;
    const newMemberId = command.memberId === "" ? this.#engine.newUuid() : "";
    let reply: HeartbeatReply | Refusal = refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE, "");
    let unresolved: readonly string[] = [];
    let hasCheckedTopics = false;
    const rule = (): GroupChange[] => {
      const decision = decideHeartbeat(command, {
        ...this.#context(groupId),
        group: this.#engine.state.groups.get(groupId),
        newMemberId,
      });
      ({ reply, unresolved, hasCheckedTopics } = decision);
      return [...decision.changes];
    };
    const refusal = await this.#change(groupId, rule, () => {
      if ("error" in reply) return;
      if (hasCheckedTopics) this.#checked(groupId);
      this.#touch(groupId, reply.memberId, this.limitsOf(groupId).sessionTimeoutMs);
      // It may have spoken the classic protocol before.
      this.#stopAwaiting(groupId, reply.memberId);
      this.#resolve(groupId, unresolved, sees);
    });
    return refusal === null ? reply : refuse(unwritten(refusal), refusal.message);
  }

  /** JoinGroup of a member that speaks the classic protocol, to a group that is {@link inhabited}. */
  async join(command: JoinCommand, sees: Sight): Promise<JoinAnswer> {
    const { groupId, memberId } = command;
    let answer = joinError(ErrorCode.COORDINATOR_NOT_AVAILABLE, memberId);
    let unresolved: readonly string[] = [];
    let hasCheckedTopics = false;
    const rule = (): GroupChange[] => {
      const group = this.#group(groupId);
      // It may have gone while the log had no room.
      if (group === undefined) return [];
      const decision = decideClassicJoin(group, command, this.#context(groupId));
      const { errorCode, protocol, generation } = decision;
      const protocolType = errorCode === ErrorCode.NONE ? group.protocolType : null;
      answer = { ...joinError(errorCode, decision.memberId), generation, protocolType, protocol };
      ({ unresolved, hasCheckedTopics } = decision);
      return [...decision.changes];
    };
    const refusal = await this.#change(groupId, rule, () => {
      if (answer.errorCode !== ErrorCode.NONE) return;
      if (hasCheckedTopics) this.#checked(groupId);
      this.#touch(groupId, answer.memberId, command.sessionTimeoutMs);
      this.#await(groupId, answer.memberId, "sync", command.rebalanceTimeoutMs);
      this.#resolve(groupId, unresolved, sees);
    });
    return refusal === null ? answer : joinError(unwritten(refusal), memberId);
  }

  /** SyncGroup of such a member. Answers at once, and nothing is written. */
  sync(command: SyncCommand): SyncAnswer {
    const { groupId, memberId } = command;
    const group = this.#group(groupId);
    if (group === undefined) return syncError(ErrorCode.UNKNOWN_MEMBER_ID);
    const { errorCode, assignment } = judgeClassicSync(group, command, this.#engine.state);
    if (errorCode === ErrorCode.NONE) {
      this.#stopAwaiting(groupId, memberId, "sync");
      this.#touchClassic(group, memberId);
    } else if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) this.#awaitJoin(group, memberId);
    const { protocolType, protocol } = command;
    return errorCode === ErrorCode.NONE
      ? { errorCode, protocolType, protocol, assignment }
      : syncError(errorCode);
  }

  /** Heartbeat of such a member. Answers at once, and nothing is written. */
  classicHeartbeat(
    group: ConsumerGroup,
    memberId: string,
    instanceId: string | null,
    generation: number,
  ): ErrorCode {
    const errorCode = judgeClassicHeartbeat(group, memberId, instanceId, generation);
    const isAlive = errorCode === ErrorCode.NONE || errorCode === ErrorCode.REBALANCE_IN_PROGRESS;
    if (isAlive) this.#touchClassic(group, memberId);
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) this.#awaitJoin(group, memberId);
    return errorCode;
  }

  /** LeaveGroup: an error code for each who was to leave, or one for all. */
  async leave(groupId: string, leaving: readonly LeavingMember[]): Promise<readonly ErrorCode[] | ErrorCode> {
    let errorCodes: readonly ErrorCode[] = leaving.map(() => ErrorCode.UNKNOWN_MEMBER_ID);
    const rule = (): GroupChange[] => {
      const group = this.#group(groupId);
      if (group === undefined) return [];
      const decision = decideClassicLeave(group, leaving, this.#context(groupId));
      ({ errorCodes } = decision);
      return [...decision.changes];
    };
    const refusal = await this.#change(groupId, rule);
    return refusal === null ? errorCodes : unwritten(refusal);
  }

  /** Brings what is not durable in step with the group. To be called after each change that does not come from here. */
  settle(groupId: string): void {
    const group = this.#group(groupId);
    const live = this.#live.get(groupId);
    if (live !== undefined) {
      for (const memberId of live.members.keys()) {
        if (group?.member(memberId) === undefined) live.drop(memberId);
      }
    }
    if (group === undefined || group.isEmpty) {
      this.#live.delete(groupId);
      return;
    }
    const { members } = this.#liveOf(groupId);
    const limits = this.limitsOf(groupId);
    for (const { info } of group.members()) {
      if (members.has(info.id)) continue;
      const session = this.#engine.deadlines.create(() => this.#sessionEnds(groupId, info.id));
      session.set(info.classic?.sessionTimeoutMs ?? limits.sessionTimeoutMs);
      members.set(info.id, { session, rebalance: null, awaited: null });
    }
  }

  /** Runs a rule, makes what it decides so, and draws the consequences. */
  #change(groupId: string, rule: () => GroupChange[], applied?: () => void): Promise<Refusal | null> {
    let changes: GroupChange[] = [];
    const decide = (): Decision => {
      changes = rule();
      return { records: changes.map((change) => groupRecord(groupId, change)) };
    };
    return this.#engine.execute(decide, () => {
      if (changes.length > 0) this.#changed(groupId, changes);
      applied?.();
    });
  }

  #changed(groupId: string, changes: readonly GroupChange[]): void {
    this.settle(groupId);
    for (const change of changes) {
      if (change.type === "consumer_current") this.#watchRevocation(groupId, change.memberId);
      if (change.type === "consumer_created" || change.type === "classic_created") this.#converted(groupId);
    }
  }

  /** A member that has to give partitions up must do so within its rebalance timeout. */
  #watchRevocation(groupId: string, memberId: string): void {
    const member = this.#group(groupId)?.member(memberId);
    const live = this.#live.get(groupId)?.members.get(memberId);
    // Members of the classic protocol have other deadlines.
    if (member === undefined || live === undefined || member.info.classic !== null) return;
    live.rebalance?.clear();
    live.rebalance = null;
    const { epoch, state, info } = member;
    if (state !== "unrevoked_partitions" || epoch < 0) return;
    live.rebalance = this.#engine.deadlines.create(() => {
      if (this.#group(groupId)?.member(memberId)?.epoch === epoch) this.#expel(groupId, memberId);
    });
    live.rebalance.set(info.rebalanceTimeoutMs);
  }

  #await(groupId: string, memberId: string, awaited: "join" | "sync", timeoutMs: number): void {
    const live = this.#live.get(groupId)?.members.get(memberId);
    if (live === undefined) return;
    live.rebalance?.clear();
    live.awaited = awaited;
    live.rebalance = this.#engine.deadlines.create(() => this.#expel(groupId, memberId));
    live.rebalance.set(timeoutMs);
  }

  /** A member that was told to join has so long for it, from the first time that it was told. */
  #awaitJoin(group: ConsumerGroup, memberId: string): void {
    const member = group.member(memberId);
    if (member === undefined || this.#live.get(group.id)?.members.get(memberId)?.awaited === "join") return;
    this.#await(group.id, memberId, "join", member.info.rebalanceTimeoutMs);
  }

  /** What was awaited has come; `only` if it was that. */
  #stopAwaiting(groupId: string, memberId: string, only?: "sync"): void {
    const live = this.#live.get(groupId)?.members.get(memberId);
    if (live === undefined || live.awaited === null || (only ?? live.awaited) !== live.awaited) return;
    live.rebalance?.clear();
    live.rebalance = null;
    live.awaited = null;
  }

  #sessionEnds(groupId: string, memberId: string): void {
    this.#expel(groupId, memberId);
  }

  #expel(groupId: string, memberId: string): void {
    const rule = (): GroupChange[] => {
      const group = this.#group(groupId);
      if (group?.member(memberId) === undefined) return [];
      return removeMembers(group, new Set([memberId]), this.#context(groupId));
    };
    this.#change(groupId, rule).then((refusal) => {
      if (refusal !== null) this.#live.get(groupId)?.members.get(memberId)?.session.set(RETRY_MS);
    });
  }

  #touchClassic(group: ConsumerGroup, memberId: string): void {
    const timeoutMs = group.member(memberId)?.info.classic?.sessionTimeoutMs;
    if (timeoutMs !== undefined) this.#touch(group.id, memberId, timeoutMs);
  }

  #touch(groupId: string, memberId: string, timeoutMs: number): void {
    // A static member that is away has what is left of its session to come back.
    if ((this.#group(groupId)?.member(memberId)?.epoch ?? 0) < 0) return;
    this.#live.get(groupId)?.members.get(memberId)?.session.set(timeoutMs);
  }

  #checked(groupId: string): void {
    const live = this.#live.get(groupId);
    if (live !== undefined) live.checkedTopics = this.#engine.state.topicsVersion;
  }

  /** Looks up the topics of patterns, beside everything else. */
  #resolve(groupId: string, patterns: readonly string[], sees: Sight): void {
    const live = this.#live.get(groupId);
    if (patterns.length === 0 || live === undefined || live.isResolving) return;
    live.isResolving = true;
    const { state, clock } = this.#engine;
    const version = state.topicsVersion;
    resolvePatterns(patterns, state, clock, sees).then(async (resolved) => {
      live.isResolving = false;
      if (this.#engine.isClosing) return;
      for (const part of inParts(resolved)) {
        const refusal = await this.#change(groupId, () => {
          const group = this.#group(groupId);
          return group === undefined ? [] : decideResolved(group, part, this.#context(groupId));
        });
        if (refusal !== null) return;
      }
      live.resolvedTopics = version;
    });
  }

  #context(groupId: string) {
    const { state, clock } = this.#engine;
    const live = this.#live.get(groupId);
    return {
      catalog: state,
      limits: this.limitsOf(groupId),
      nowMs: clock.nowMs(),
      mustCheckTopics: live?.checkedTopics !== state.topicsVersion,
      mustCheckPatterns: live?.resolvedTopics !== state.topicsVersion,
      hasRoomFor: (bytes: number) => state.groups.hasRoomFor(bytes),
    };
  }

  #liveOf(groupId: string): LiveConsumerGroup {
    let live = this.#live.get(groupId);
    if (live === undefined) {
      live = new LiveConsumerGroup();
      this.#live.set(groupId, live);
    }
    return live;
  }

  #group(groupId: string): ConsumerGroup | undefined {
    const group = this.#engine.state.groups.get(groupId);
    return group instanceof ConsumerGroup ? group : undefined;
  }
}
