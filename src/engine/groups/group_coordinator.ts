import { ErrorCode } from "../../base/error_codes.ts";
import type {
  ClassicLimits,
  ConsumerLimits,
  JoinCommand,
  LeavingMember,
  SyncCommand,
} from "../../cluster/mod.ts";
import { rangeAssignor, uniformAssignor } from "../../cluster/groups/mod.ts";
import type { Engine } from "../engine.ts";
import { type Awaited, ClassicGroups } from "./classic_groups.ts";
import { ConsumerGroups } from "./consumer_groups.ts";
import { type JoinAnswer, joinError, type SyncAnswer } from "./live_group.ts";
import type { Sight } from "./resolve_patterns.ts";

/** What the operator decides about groups. */
export interface GroupSettings {
  readonly classic: ClassicLimits;
  readonly consumer: Omit<ConsumerLimits, "assignors"> & {
    /** Their names; the first is what a group gets that does not care. */
    readonly assignors: "uniform,range" | "range,uniform" | "uniform" | "range";
  };
}

const ASSIGNORS = [uniformAssignor, rangeAssignor];

/**
 * What of all groups is not durable: one coordinator for each kind. Requests of the
 * classic protocol go to the one that has the group, for consumer groups may have
 * members of both protocols.
 */
export class GroupCoordinator {
  readonly consumer: ConsumerGroups;
  readonly #classic: ClassicGroups;
  readonly #limits: ClassicLimits;

  constructor(engine: Engine, settings: GroupSettings) {
    this.#limits = settings.classic;
    this.#classic = new ClassicGroups(engine, settings.classic);
    const assignors = settings.consumer.assignors.split(",").flatMap((name) => {
      return ASSIGNORS.filter((assignor) => assignor.name === name);
    });
    this.consumer = new ConsumerGroups(
      engine,
      { ...settings.consumer, assignors },
      (groupId) => this.#classic.settle(groupId),
    );
  }

  /** Takes the groups over that recovery found. */
  start(): void {
    this.#classic.start();
    this.consumer.start();
  }

  /** Lets those who wait for a group know that somebody else has changed or deleted it. */
  changed(groupId: string): void {
    this.#classic.settle(groupId);
    this.consumer.settle(groupId);
  }

  /** JoinGroup of somebody who `sees` some topics. The answer comes with the next generation, or at once. */
  join(command: JoinCommand, sees: Sight): Awaited<JoinAnswer> {
    const { groupId, memberId, sessionTimeoutMs } = command;
    if (this.consumer.inhabited(groupId) === undefined) return this.#classic.join(command);
    const { promise: answer, resolve } = Promise.withResolvers<JoinAnswer>();
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#limits;
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      resolve(joinError(ErrorCode.INVALID_SESSION_TIMEOUT, memberId));
    } else this.consumer.join(command, sees).then(resolve);
    return { answer, giveUp: () => resolve(joinError(ErrorCode.COORDINATOR_NOT_AVAILABLE, memberId)) };
  }

  /** SyncGroup. The answer comes when the leader has assigned, or at once. */
  sync(command: SyncCommand): Awaited<SyncAnswer> {
    if (this.consumer.inhabited(command.groupId) === undefined) return this.#classic.sync(command);
    return { answer: Promise.resolve(this.consumer.sync(command)), giveUp: () => {} };
  }

  /** Heartbeat: a member of the generation gets a new session. Answers at once, and nothing is written. */
  heartbeat(groupId: string, memberId: string, instanceId: string | null, generation: number): ErrorCode {
    const group = this.consumer.inhabited(groupId);
    return group === undefined
      ? this.#classic.heartbeat(groupId, memberId, instanceId, generation)
      : this.consumer.classicHeartbeat(group, memberId, instanceId, generation);
  }

  /** OffsetCommit: in a classic group it is as good a sign of life as a heartbeat. */
  committed(groupId: string, memberId: string): void {
    this.#classic.touch(groupId, memberId);
  }

  /** LeaveGroup: an error code for each who was to leave, or one for all. */
  leave(groupId: string, leaving: readonly LeavingMember[]): Promise<readonly ErrorCode[] | ErrorCode> {
    const isConsumer = this.consumer.inhabited(groupId) !== undefined;
    return isConsumer ? this.consumer.leave(groupId, leaving) : this.#classic.leave(groupId, leaving);
  }
}
