import { assert } from "../../base/assert.ts";
import { ErrorCode } from "../../base/error_codes.ts";
import {
  type ClassicLimits,
  type Decision,
  type GroupChange,
  groupRecord,
  type JoinCommand,
  type JoinOutcome,
  type LeavingMember,
  type SyncCommand,
} from "../../cluster/mod.ts";
import {
  ClassicGroup,
  decideGeneration,
  decideJoin,
  decideLeave,
  decideSync,
  expel,
  isComplete,
  judgeHeartbeat,
  Presence,
} from "../../cluster/groups/mod.ts";
import type { Engine } from "../engine.ts";
import { RETRY_MS, unwritten } from "./group_bounds.ts";
import { type JoinAnswer, joinError, LiveGroup, type SyncAnswer, syncError } from "./live_group.ts";

/** A member that has just joined, and whose client may not know it, is kept so long without a sign of life. */
const NEW_MEMBER_MS = 5 * 60 * 1000;
/** Memory for ids that clients were given and have not joined with: 50,000 of them, if they are not long. */
const PENDING_BYTES_MAX = 32 * 1024 * 1024;
/** An id of that kind without its text, about: the places where it is held, and its deadline. */
const PENDING_BYTES = 600;

/** An answer that may take long. */
export interface Awaited<Answer> {
  readonly answer: Promise<Answer>;
  /** Ends the wait with an error that clients retry. What was asked for stays so. Idempotent. */
  giveUp(): void;
}

/**
 * The coordinator of classic groups: runs their rules, keeps those who wait for
 * others, and watches the time.
 *
 * A request becomes changes of the durable group. Whatever follows from a change
 * (answers, deadlines, perhaps the next change) follows from the group as it is
 * then, in {@link settle}: after a request, after a deadline, after a restart.
 */
export class ClassicGroups {
  readonly #engine: Engine;
  readonly #limits: ClassicLimits;
  readonly #live = new Map<string, LiveGroup>();
  #pendingBytes = 0;

  constructor(engine: Engine, limits: ClassicLimits) {
    this.#engine = engine;
    this.#limits = limits;
  }

  /** Takes the groups over that recovery found: all members are given their time anew. */
  start(): void {
    for (const group of this.#engine.state.groups) this.settle(group.id);
  }

  /** JoinGroup. The answer comes with the next generation, or at once. */
  join(command: JoinCommand): Awaited<JoinAnswer> {
    const { promise: answer, resolve } = Promise.withResolvers<JoinAnswer>();
    const { groupId } = command;
    let outcome: JoinOutcome | undefined;
    const rule = (): Decision => {
      if (this.#isOthers(groupId)) {
        outcome = {
          kind: "refused",
          errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE,
          memberId: command.memberId,
        };
        return { records: [] };
      }
      const decision = decideJoin(command, {
        group: this.#group(groupId),
        presence: this.#presence(groupId),
        limits: this.#limits,
        hasRoomFor: this.#hasRoomFor,
        mayGiveId: this.#pendingBytes + pendingBytes(command.newMemberId) <= PENDING_BYTES_MAX,
        nowMs: this.#engine.clock.nowMs(),
      });
      outcome = decision.outcome;
      return toRecords(groupId, decision.changes);
    };
    const applied = () => {
      if (outcome !== undefined) this.#joined(groupId, command, outcome, resolve);
    };
    this.#engine.execute(rule, applied).then((refusal) => {
      if (refusal !== null) resolve(joinError(unwritten(refusal), command.memberId));
    });
    return {
      answer,
      giveUp: () => resolve(joinError(ErrorCode.COORDINATOR_NOT_AVAILABLE, command.memberId)),
    };
  }

  /** SyncGroup. The answer comes when the leader has assigned, or at once. */
  sync(command: SyncCommand): Awaited<SyncAnswer> {
    const { promise: answer, resolve } = Promise.withResolvers<SyncAnswer>();
    const { groupId, memberId } = command;
    let errorCode: ErrorCode = ErrorCode.NONE;
    const rule = (): Decision => {
      const decision = decideSync(this.#group(groupId), command, {
        hasRoomFor: this.#hasRoomFor,
        nowMs: this.#engine.clock.nowMs(),
      });
      errorCode = decision.errorCode;
      return toRecords(groupId, decision.changes);
    };
    const applied = () => {
      const group = this.#group(groupId);
      const live = this.#live.get(groupId);
      const member = live?.members.get(memberId);
      if (errorCode !== ErrorCode.NONE || group === undefined || live === undefined || member === undefined) {
        return resolve(syncError(errorCode));
      }
      member.answerSync?.(syncError(ErrorCode.REBALANCE_IN_PROGRESS));
      member.answerSync = resolve;
      live.presence.unsynced.delete(memberId);
      this.settle(groupId);
    };
    this.#engine.execute(rule, applied).then((refusal) => {
      if (refusal !== null) resolve(syncError(unwritten(refusal)));
    });
    return { answer, giveUp: () => resolve(syncError(ErrorCode.COORDINATOR_NOT_AVAILABLE)) };
  }

  /** Heartbeat: a member of the generation gets a new session. Answers at once, and nothing is written. */
  heartbeat(groupId: string, memberId: string, instanceId: string | null, generation: number): ErrorCode {
    const errorCode = judgeHeartbeat(this.#group(groupId), memberId, instanceId, generation);
    if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.REBALANCE_IN_PROGRESS) {
      this.touch(groupId, memberId);
    }
    return errorCode;
  }

  /** A sign of life: the member's session begins anew. */
  touch(groupId: string, memberId: string): void {
    const member = this.#group(groupId)?.member(memberId);
    if (member === undefined) return;
    this.#live.get(groupId)?.members.get(memberId)?.session.set(member.sessionTimeoutMs);
  }

  /** LeaveGroup: an error code for each who was to leave, or one for all. */
  async leave(groupId: string, leaving: readonly LeavingMember[]): Promise<readonly ErrorCode[] | ErrorCode> {
    let errorCodes: readonly ErrorCode[] = [];
    const rule = (): Decision => {
      const decision = decideLeave(
        this.#group(groupId),
        this.#presence(groupId),
        leaving,
        this.#engine.clock.nowMs(),
      );
      errorCodes = decision.errorCodes;
      return toRecords(groupId, decision.changes);
    };
    const applied = () => {
      const live = this.#live.get(groupId);
      for (const [index, { memberId }] of leaving.entries()) {
        if (live !== undefined && errorCodes[index] === ErrorCode.NONE) this.#forgetPending(live, memberId);
      }
      this.settle(groupId);
    };
    const refusal = await this.#engine.execute(rule, applied);
    return refusal === null ? errorCodes : unwritten(refusal);
  }

  /**
   * Draws the consequences of what the group is now. To be called after each
   * change that does not come from here: a deletion, a conversion.
   */
  settle(groupId: string): void {
    const group = this.#group(groupId);
    if (group === undefined) return this.#dismiss(groupId);
    const live = this.#liveOf(groupId);
    this.#reconcile(group, live);
    if (live.phase !== group.phase || live.generation !== group.generation) this.#enter(group, live);
    if (group.phase === "Stable") {
      this.#answerSyncs(group, live, (memberId) => syncAnswer(group, memberId));
      if (live.presence.unsynced.size === 0) live.phaseEnd.clear();
    }
    if (group.isEmpty && live.pending.size === 0) this.#dismiss(groupId);
    if (!isComplete(group, live.presence)) return;
    this.#change(
      groupId,
      (group, presence, nowMs) => isComplete(group, presence) ? decideGeneration(group, presence, nowMs) : [],
      () => this.#engine.deadlines.create(() => this.settle(groupId)).set(RETRY_MS),
    );
  }

  readonly #hasRoomFor = (bytes: number): boolean => this.#engine.state.groups.hasRoomFor(bytes);

  #joined(
    groupId: string,
    command: JoinCommand,
    outcome: JoinOutcome,
    resolve: (answer: JoinAnswer) => void,
  ): void {
    const { kind, memberId } = outcome;
    if (kind === "refused") return resolve(joinError(outcome.errorCode, memberId));
    const live = this.#liveOf(groupId);
    if (kind === "id_given") {
      this.#addPending(groupId, live, memberId, command.sessionTimeoutMs);
      return resolve(joinError(ErrorCode.MEMBER_ID_REQUIRED, memberId));
    }
    const group = this.#group(groupId);
    assert(group !== undefined, `group ${groupId} exists, for somebody has joined it`);
    this.#reconcile(group, live);
    if (kind === "as_is") {
      const { leaderId, skipAssignment } = outcome;
      resolve(joinAnswer(group, memberId, leaderId, skipAssignment));
      return this.settle(groupId);
    }
    const member = live.members.get(memberId);
    assert(member !== undefined, `${memberId} is a member, for it has joined`);
    member.answerJoin?.(joinError(ErrorCode.REBALANCE_IN_PROGRESS, memberId));
    member.answerJoin = resolve;
    this.#forgetPending(live, memberId);
    live.presence.joined.add(memberId);
    if (outcome.isNew) {
      member.isNew = true;
      member.session.set(NEW_MEMBER_MS);
      live.hasGathered = live.presence.isGathering;
    }
    if (live.phase === null || live.phase === "Empty") live.presence.isGathering = true;
    this.settle(groupId);
  }

  /** Brings the live members in step with the durable ones. */
  #reconcile(group: ClassicGroup, live: LiveGroup): void {
    for (const [id, { instanceId }] of live.members) {
      if (group.member(id) !== undefined) continue;
      const isReplaced = instanceId !== null && group.staticMember(instanceId) !== undefined;
      live.drop(id, isReplaced ? ErrorCode.FENCED_INSTANCE_ID : ErrorCode.UNKNOWN_MEMBER_ID);
    }
    for (const { id, instanceId, sessionTimeoutMs } of group.members()) {
      if (live.members.has(id)) continue;
      const session = this.#engine.deadlines.create(() => this.#sessionEnds(group.id, id));
      session.set(sessionTimeoutMs);
      live.members.set(id, { instanceId, session, isNew: false, answerJoin: null, answerSync: null });
    }
  }

  #enter(group: ClassicGroup, live: LiveGroup): void {
    const { presence } = live;
    live.phase = group.phase;
    live.generation = group.generation;
    switch (group.phase) {
      case "Empty":
        presence.joined.clear();
        presence.isGathering = false;
        return live.phaseEnd.clear();
      case "PreparingRebalance":
        presence.unsynced.clear();
        this.#answerSyncs(group, live, () => syncError(ErrorCode.REBALANCE_IN_PROGRESS));
        return live.phaseEnd.set(
          presence.isGathering ? this.#beginGathering(group, live) : group.rebalanceTimeoutMs,
        );
      case "CompletingRebalance":
        presence.joined.clear();
        presence.isGathering = false;
        for (const [id, member] of live.members) {
          presence.unsynced.add(id);
          member.isNew = false;
          member.answerJoin?.(joinAnswer(group, id, group.leaderId, false));
          member.answerJoin = null;
          this.touch(group.id, id);
        }
        return live.phaseEnd.set(group.rebalanceTimeoutMs);
    }
  }

  /** Members that come together make one generation: each new one extends the delay, within the rebalance timeout. */
  #beginGathering(group: ClassicGroup, live: LiveGroup): number {
    const delayMs = this.#limits.initialRebalanceDelayMs;
    live.hasGathered = false;
    live.gatherLeftMs = Math.max(group.rebalanceTimeoutMs - delayMs, 0);
    return delayMs;
  }

  #phaseEnds(groupId: string): void {
    const group = this.#group(groupId);
    const live = this.#live.get(groupId);
    if (group === undefined || live === undefined) return;
    const { presence, phaseEnd } = live;
    const retry = () => phaseEnd.set(RETRY_MS);
    if (group.phase !== "PreparingRebalance") {
      return this.#change(groupId, (group, { unsynced }, nowMs) => {
        return unsynced.size === 0 ? [] : expel(group, unsynced, nowMs);
      }, retry);
    }
    if (presence.isGathering && live.hasGathered && live.gatherLeftMs > 0) {
      const delayMs = Math.min(this.#limits.initialRebalanceDelayMs, live.gatherLeftMs);
      live.hasGathered = false;
      live.gatherLeftMs -= delayMs;
      return phaseEnd.set(delayMs);
    }
    presence.isGathering = false;
    // If nobody but absent static members is there, it goes on like this. Clients may say 0.
    phaseEnd.set(Math.max(group.rebalanceTimeoutMs, RETRY_MS));
    this.#change(
      groupId,
      (group, presence, nowMs) =>
        group.phase === "PreparingRebalance" ? decideGeneration(group, presence, nowMs) : [],
      retry,
    );
  }

  #sessionEnds(groupId: string, memberId: string): void {
    const live = this.#live.get(groupId);
    const member = live?.members.get(memberId);
    if (live === undefined || member === undefined) return;
    // Whoever waits for others cannot give a sign of life, and gets a new session with the answer.
    const waits = live.presence.joined.has(memberId) || member.answerSync !== null;
    if (waits && !member.isNew) return;
    this.#change(
      groupId,
      (group, _presence, nowMs) =>
        group.member(memberId) === undefined ? [] : expel(group, [memberId], nowMs),
      () => member.session.set(RETRY_MS),
    );
  }

  /** Gives those who wait for their assignment an answer, and a new session: it may have ended while they waited. */
  #answerSyncs(group: ClassicGroup, live: LiveGroup, answer: (memberId: string) => SyncAnswer): void {
    for (const [id, member] of live.members) {
      if (member.answerSync === null) continue;
      member.answerSync(answer(id));
      member.answerSync = null;
      this.touch(group.id, id);
    }
  }

  /** Changes a group for a reason of the broker's own. */
  #change(
    groupId: string,
    rule: (group: ClassicGroup, presence: Presence, nowMs: number) => GroupChange[],
    refused: () => void,
  ): void {
    const decide = (): Decision => {
      const group = this.#group(groupId);
      const live = this.#live.get(groupId);
      if (group === undefined || live === undefined) return { records: [] };
      return toRecords(groupId, rule(group, live.presence, this.#engine.clock.nowMs()));
    };
    this.#engine.execute(decide, () => this.settle(groupId)).then((refusal) => {
      if (refusal !== null) refused();
    });
  }

  #addPending(groupId: string, live: LiveGroup, memberId: string, timeoutMs: number): void {
    const deadline = this.#engine.deadlines.create(() => {
      this.#forgetPending(live, memberId);
      this.settle(groupId);
    });
    deadline.set(timeoutMs);
    live.pending.set(memberId, deadline);
    live.presence.pending.add(memberId);
    this.#pendingBytes += pendingBytes(memberId);
  }

  #forgetPending(live: LiveGroup, memberId: string): void {
    live.pending.get(memberId)?.clear();
    live.presence.pending.delete(memberId);
    if (live.pending.delete(memberId)) this.#pendingBytes -= pendingBytes(memberId);
  }

  #liveOf(groupId: string): LiveGroup {
    let live = this.#live.get(groupId);
    if (live === undefined) {
      live = new LiveGroup(this.#engine.deadlines.create(() => this.#phaseEnds(groupId)));
      this.#live.set(groupId, live);
    }
    return live;
  }

  /** The group is gone, of another kind now, or nobody is in it. */
  #dismiss(groupId: string): void {
    const live = this.#live.get(groupId);
    if (live === undefined) return;
    // Members of a group that has become one of the consumer protocol go on there when they join again.
    const isConverted = this.#engine.state.groups.get(groupId)?.kind === "consumer";
    const errorCode = isConverted ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.UNKNOWN_MEMBER_ID;
    for (const memberId of live.pending.keys()) this.#forgetPending(live, memberId);
    for (const memberId of live.members.keys()) live.drop(memberId, errorCode);
    live.phaseEnd.clear();
    this.#live.delete(groupId);
  }

  #group(groupId: string): ClassicGroup | undefined {
    const group = this.#engine.state.groups.get(groupId);
    return group instanceof ClassicGroup ? group : undefined;
  }

  /** Whether a group with members speaks the consumer protocol: it may do so since the log has had no room. */
  #isOthers(groupId: string): boolean {
    const group = this.#engine.state.groups.get(groupId);
    return group?.kind === "consumer" && !group.isEmpty;
  }

  #presence(groupId: string): Presence {
    return this.#live.get(groupId)?.presence ?? new Presence();
  }
}

function pendingBytes(memberId: string): number {
  return PENDING_BYTES + memberId.length;
}

function joinAnswer(
  group: ClassicGroup,
  memberId: string,
  leaderId: string | null,
  skipAssignment: boolean,
): JoinAnswer {
  return {
    errorCode: ErrorCode.NONE,
    memberId,
    generation: group.generation,
    protocolType: group.protocolType,
    protocol: group.protocol,
    leaderId: leaderId ?? "",
    skipAssignment,
    members: leaderId === memberId ? Array.from(group.members()) : [],
  };
}

function syncAnswer(group: ClassicGroup, memberId: string): SyncAnswer {
  const { protocolType, protocol } = group;
  const assignment = group.member(memberId)?.assignment ?? new Uint8Array(0);
  return { errorCode: ErrorCode.NONE, protocolType, protocol, assignment };
}

function toRecords(groupId: string, changes: readonly GroupChange[]): Decision {
  return { records: changes.map((change) => groupRecord(groupId, change)) };
}
