import { groupsOf } from "./mod.ts";
import assert from "node:assert/strict";
import { ErrorCode } from "../../base/error_codes.ts";
import { ClusterState } from "../../cluster/mod.ts";
import { ClassicGroup } from "../../cluster/groups/mod.ts";
import { SimRandom } from "../../io/sim/random.ts";
import { type Asked, Stage } from "./classic_stage_test.ts";
import type { JoinAnswer, SyncAnswer } from "./live_group.ts";

const STEPS = 1000;
const GROUPS = ["g", "h"];
const PROTOCOLS = ["range", "sticky", "uniform"];

/** Does at random what clients, time and a full log do, and looks after each step at what must always hold. */
class Model {
  readonly #stage: Stage;
  readonly #random: SimRandom;
  readonly #waiting = new Set<Asked<JoinAnswer | SyncAnswer>>();
  /** Every id that was ever given out, by group. */
  readonly #ids = new Map<string, Set<string>>(GROUPS.map((id) => [id, new Set([""])]));
  /** The highest generation seen, and what was told of each. */
  readonly #generations = new Map<string, number>();
  readonly #told = new Map<string, string>();

  constructor(stage: Stage, seed: number) {
    this.#stage = stage;
    this.#random = new SimRandom(seed);
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.#act();
      if (this.#random.chance(0.2)) await this.#stage.clock.advance(this.#random.below(5000));
      else await this.#stage.settle();
      this.#check();
    }
    this.#stage.wal.refuses = null;
    await this.#stage.clock.advance(400_000);
    this.#check();
    for (const { value } of this.#waiting) {
      assert.ok(value !== null, "everyone who waits gets an answer in the end");
    }
    for (const id of GROUPS) {
      assert.ok(this.#group(id)?.isEmpty ?? true, "without signs of life nobody stays");
    }
  }

  #act(): void {
    const random = this.#random;
    const groupId = random.pick(GROUPS);
    const memberId = this.#someone(groupId);
    const group = this.#group(groupId);
    switch (random.below(16)) {
      case 0:
        this.#stage.wal.refuses = random.pick([null, null, null, "disk_full"]);
        return;
      case 1:
        return void groupsOf(this.#stage.engine).leave(groupId, [
          { memberId, instanceId: memberId === "" ? random.pick(["s1", "s2"]) : null },
          { memberId: this.#someone(groupId), instanceId: null },
        ]);
      case 2:
      case 3:
        for (const { id } of group?.members() ?? []) {
          if (random.chance(0.8)) this.#stage.heartbeat(id, groupId);
        }
        return;
      case 4:
      case 5:
      case 6:
        for (const { id } of [...group?.members() ?? []]) if (random.chance(0.8)) this.#sync(groupId, id);
        return;
      case 7:
      case 8:
      case 9:
        for (const { id } of [...group?.members() ?? []]) if (random.chance(0.8)) this.#join(groupId, id);
        return;
      case 10:
        return random.pick([...this.#waiting, { giveUp: () => {} }]).giveUp();
      default:
        return this.#join(groupId, memberId);
    }
  }

  /** A member, somebody new, or an id of former times. */
  #someone(groupId: string): string {
    const members = Array.from(this.#group(groupId)?.members() ?? [], ({ id }) => id);
    const once = [...this.#ids.get(groupId) ?? []].slice(-5);
    return this.#random.pick([...members, ...members, "", "", ...once]);
  }

  #join(groupId: string, memberId: string): void {
    const random = this.#random;
    const instanceId = this.#group(groupId)?.member(memberId)?.instanceId ??
      (memberId === "" ? random.pick([null, null, "s1", "s2"]) : null);
    const names = PROTOCOLS.filter((name) => name === "range" || random.chance(0.3));
    const joining = this.#stage.join(memberId, {
      groupId,
      instanceId,
      requiresKnownMemberId: random.chance(0.5),
      canSkipAssignment: random.chance(0.5),
      protocols: (random.chance(0.5) ? names : names.reverse()).map((name) => ({
        name,
        metadata: new Uint8Array(6 + random.below(2)),
      })),
    });
    this.#waiting.add(joining);
  }

  #sync(groupId: string, memberId: string): void {
    const members = Array.from(this.#group(groupId)?.members() ?? [], ({ id }) => [id, 1] as const);
    this.#waiting.add(this.#stage.sync(memberId, Object.fromEntries(members), groupId));
  }

  #check(): void {
    for (const asked of this.#waiting) {
      if (asked.value === null) continue;
      if ("generation" in asked.value) this.#checkJoin(asked.value);
      this.#waiting.delete(asked);
    }
    const replayed = new ClusterState();
    for (const record of this.#stage.records) replayed.apply(record);
    const { groups } = this.#stage.engine.state;
    assert.deepEqual(
      groups.snapshot(),
      replayed.groups.snapshot(),
      "replaying the log gives the same groups",
    );
    assert.equal(groups.heldBytes, replayed.groups.heldBytes);
    for (const id of GROUPS) this.#checkGroup(id);
  }

  #checkJoin(answer: JoinAnswer): void {
    const groupId = GROUPS.find((id) => this.#group(id)?.member(answer.memberId) !== undefined);
    const given = answer.errorCode === ErrorCode.MEMBER_ID_REQUIRED || answer.errorCode === ErrorCode.NONE;
    if (groupId === undefined || !given) return;
    this.#ids.get(groupId)?.add(answer.memberId);
    if (answer.errorCode !== ErrorCode.NONE) return;
    const key = `${groupId} ${answer.generation}`;
    const told = this.#told.get(key) ?? answer.protocol ?? "";
    assert.equal(answer.protocol, told, "a generation is given out once: all its members are told the same");
    this.#told.set(key, told);
  }

  #checkGroup(id: string): void {
    const group = this.#group(id);
    if (group === undefined) return;
    const last = this.#generations.get(id) ?? 0;
    assert.ok(group.generation >= last, "generations only grow");
    this.#generations.set(id, group.generation);
    const members = [...group.members()];
    for (const member of members) this.#ids.get(id)?.add(member.id);
    const instances = members.flatMap(({ instanceId }) => instanceId ?? []);
    assert.equal(new Set(instances).size, instances.length, "an instance is one member");
    assert.equal(group.isEmpty, group.phase === "Empty");
    if (group.phase === "Empty") assert.equal(members.length, 0);
    if (group.phase !== "CompletingRebalance" && group.phase !== "Stable") return;
    assert.ok(
      group.leaderId !== null && group.member(group.leaderId) !== undefined,
      "the leader is a member",
    );
    for (const { protocols } of members) {
      assert.ok(protocols.some(({ name }) => name === group.protocol), "all know what was agreed upon");
    }
  }

  #group(id: string): ClassicGroup | undefined {
    const group = this.#stage.engine.state.groups.get(id);
    return group instanceof ClassicGroup ? group : undefined;
  }
}

for (const seed of [1, 2, 3, 24, 38]) {
  Deno.test(`whatever clients, time and a full log do to groups, their invariants hold (seed ${seed})`, async () => {
    const stage = await Stage.open({ initialRebalanceDelayMs: seed % 2 === 0 ? 0 : 500 });
    await new Model(stage, seed).run(STEPS);
  });
}
