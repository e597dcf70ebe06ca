import { ErrorCode } from "../../base/error_codes.ts";
import type { ClassicMember } from "../../cluster/mod.ts";
import { type ClassicGroup, Presence } from "../../cluster/groups/mod.ts";
import type { Deadline } from "../deadlines.ts";

/** What a member that joins is told. */
export interface JoinAnswer {
  readonly errorCode: ErrorCode;
  readonly memberId: string;
  /** −1 on errors. */
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  /** Empty on errors. */
  readonly leaderId: string;
  readonly skipAssignment: boolean;
  /** For the leader: everyone. */
  readonly members: readonly ClassicMember[];
}

/** What a member that asks for its assignment is told. */
export interface SyncAnswer {
  readonly errorCode: ErrorCode;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignment: Uint8Array;
}

/** A member beside its durable state. */
export interface LiveMember {
  readonly instanceId: string | null;
  /** The end of its session, unless there is a sign of life. */
  readonly session: Deadline;
  /** It has never been in a generation, so the client may not know of it. */
  isNew: boolean;
  answerJoin: ((answer: JoinAnswer) => void) | null;
  answerSync: ((answer: SyncAnswer) => void) | null;
}

/** What is known of a classic group beside its durable state: who waits for what, and for how long. */
export class LiveGroup {
  readonly presence = new Presence();
  readonly members = new Map<string, LiveMember>();
  /** When clients that were given an id are forgotten. */
  readonly pending = new Map<string, Deadline>();
  /** The end of the join phase, and of waiting for members to sync. */
  readonly phaseEnd: Deadline;
  /** The phase and generation that were seen last. */
  phase: ClassicGroup["phase"] | null = null;
  generation = -1;
  /** Of the first generation's delay: what is left of its longest extent, ms, and whether it is to be extended. */
  gatherLeftMs = 0;
  hasGathered = false;

  constructor(phaseEnd: Deadline) {
    this.phaseEnd = phaseEnd;
  }

  /** Takes a member out; whoever waits for an answer gets this error. */
  drop(memberId: string, errorCode: ErrorCode): void {
    const member = this.members.get(memberId);
    member?.session.clear();
    // As Kafka does: a fenced client is told which id is no longer its own, one that joins again which it keeps.
    const toldId = errorCode === ErrorCode.UNKNOWN_MEMBER_ID ? "" : memberId;
    member?.answerJoin?.(joinError(errorCode, toldId));
    member?.answerSync?.(syncError(errorCode));
    this.members.delete(memberId);
    this.presence.forget(memberId);
  }
}

export function joinError(errorCode: ErrorCode, memberId: string): JoinAnswer {
  return {
    errorCode,
    memberId,
    generation: -1,
    protocolType: null,
    protocol: null,
    leaderId: "",
    skipAssignment: false,
    members: [],
  };
}

export function syncError(errorCode: ErrorCode): SyncAnswer {
  return { errorCode, protocolType: null, protocol: null, assignment: new Uint8Array(0) };
}
