/** What tests of classic groups have in common: an engine whose time and log are the test's, and its members. */
import { groupsOf } from "./mod.ts";
import assert from "node:assert/strict";
import { ErrorCode } from "../../base/error_codes.ts";
import type { JoinCommand } from "../../cluster/mod.ts";
import { ClassicGroup } from "../../cluster/groups/mod.ts";
import { EngineStage, openEngine } from "../engine_by_hand_test.ts";
import type { JoinAnswer, SyncAnswer } from "./live_group.ts";

/** What an answer was, or that there is none yet. */
export interface Asked<Answer> {
  value: Answer | null;
  readonly giveUp: () => void;
}

/** An engine with groups. What it writes is kept as records; the log itself holds nothing. */
export class Stage extends EngineStage {
  #lastId = 0;

  /** `initialRebalanceDelayMs` is 0 unless told. */
  static async open(classic: { readonly initialRebalanceDelayMs?: number; readonly maxSize?: number } = {}) {
    return new Stage(await openEngine({ classic }));
  }

  group(id = "g"): ClassicGroup {
    const group = this.engine.state.groups.get(id);
    assert.ok(group instanceof ClassicGroup);
    return group;
  }

  join(memberId: string, changes: Partial<JoinCommand> = {}): Asked<JoinAnswer> {
    return asked(
      groupsOf(this.engine).join({
        groupId: "g",
        memberId,
        newMemberId: `${changes.instanceId ?? "m"}-${++this.#lastId}`,
        instanceId: null,
        clientId: "client",
        clientHost: "/127.0.0.1",
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 30_000,
        protocolType: "consumer",
        protocols: [{ name: "range", metadata: new Uint8Array([0, 0, 0, 0, 0, 0]) }],
        requiresKnownMemberId: false,
        canSkipAssignment: true,
        ...changes,
      }, () => true),
    );
  }

  sync(
    memberId: string,
    assignments: Readonly<Record<string, number>> = {},
    groupId = "g",
  ): Asked<SyncAnswer> {
    return asked(
      groupsOf(this.engine).sync({
        groupId,
        memberId,
        instanceId: null,
        generation: this.group(groupId).generation,
        protocolType: "consumer",
        protocol: null,
        assignments: Object.entries(assignments).map(([id, byte]) => ({
          memberId: id,
          assignment: new Uint8Array([byte]),
        })),
      }),
    );
  }

  heartbeat(memberId: string, groupId = "g"): ErrorCode {
    return groupsOf(this.engine).heartbeat(groupId, memberId, null, this.group(groupId).generation);
  }

  /** Lets whatever needs no time happen, and what has no delay. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
    await this.clock.advance(1);
  }

  /** So many members, in a stable generation; the first leads. */
  async stable(count: number, changes: Partial<JoinCommand> = {}): Promise<string[]> {
    const joins = Array.from({ length: count }, () => this.join("", changes));
    await this.settle();
    const ids = joins.map((join) => answerOf(join).memberId);
    for (const id of ids) this.sync(id);
    await this.settle();
    assert.equal(this.group(changes.groupId).phase, "Stable");
    return ids;
  }
}

/** The answer, which must be there. */
export function answerOf<Answer>({ value }: Asked<Answer>): Answer {
  assert.ok(value !== null, "there is an answer");
  return value;
}

function asked<Answer>(
  { answer, giveUp }: { readonly answer: Promise<Answer>; readonly giveUp: () => void },
): Asked<Answer> {
  const waiting: Asked<Answer> = { value: null, giveUp };
  answer.then((value) => waiting.value = value);
  return waiting;
}
