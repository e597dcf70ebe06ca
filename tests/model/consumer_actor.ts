import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import type { Assignment, HeartbeatCommand } from "../../src/cluster/mod.ts";
import { ConsumerGroup } from "../../src/cluster/groups/mod.ts";
import { heartbeatOf } from "../../src/cluster/groups/consumer/testing/heartbeat_of.ts";
import { groupsOf } from "../../src/engine/groups/mod.ts";
import type { Committing, Scene } from "./scene.ts";

const NOTHING: Assignment = new Map();
const MEMBERS_MAX = 5;
const PATTERNS = ["", "", "", "[ab]", "nothing"];

/** A client as it sees itself: what it was told to consume, and what it does consume. */
interface Client {
  readonly memberId: string;
  readonly instanceId: string | null;
  epoch: number;
  told: Assignment;
  owned: Assignment;
  knownLsn: number;
}

/** The clients of one group that speak KIP-848's protocol. */
export class ConsumerActor {
  readonly #scene: Scene;
  readonly #groupId: string;
  #clients: Client[] = [];
  #made = 0;

  constructor(scene: Scene, groupId: string) {
    this.#scene = scene;
    this.#groupId = groupId;
  }

  committers(): Committing[] {
    return this.#clients.map(({ memberId, instanceId, epoch }) => (
      { group: this.#groupId, memberId, instanceId, generation: epoch }
    ));
  }

  crashed(endLsn: number): void {
    this.#clients = this.#clients.filter(({ knownLsn }) => knownLsn <= endLsn);
  }

  async act(): Promise<void> {
    const { random } = this.#scene;
    if (this.#clients.length === 0 || (random.chance(0.1) && this.#clients.length < MEMBERS_MAX)) {
      return await this.#join(this.#newClient());
    }
    const client = random.pick(this.#clients);
    switch (random.below(12)) {
      case 0:
        return await this.#leave(client, -1);
      case 1:
        return client.instanceId === null ? this.#drop(client) : await this.#leave(client, -2);
      case 2:
        return await this.#heartbeat(client, { topics: this.#someTopics() });
      case 3:
        // The answer is lost, and the next request says everything.
        await this.#send(client, {});
        return await this.#heartbeat(client, {
          owned: client.owned,
          rebalanceTimeoutMs: 30_000,
          topics: this.#someTopics(),
        });
      case 4:
        return await this.#join(client);
      case 5:
      case 6:
        return await this.#heartbeat(client, {});
      default:
        for (const each of [...this.#clients]) if (random.chance(0.8)) await this.#confirm(each);
    }
  }

  /** Nearly all give signs of life. */
  async heartbeat(): Promise<void> {
    for (const client of [...this.#clients]) if (this.#scene.random.chance(0.95)) await this.#confirm(client);
  }

  /** No two clients consume a partition and may commit what they have done. */
  check(): void {
    const group = this.#scene.engine.state.groups.get(this.#groupId);
    if (!(group instanceof ConsumerGroup)) return;
    const consumed = new Map<string, string>();
    for (const { memberId, owned, epoch } of this.#clients) {
      const member = group.member(memberId);
      // Who was thrown out may not know it yet: what it commits is refused.
      if (member === undefined || epoch < 1 || epoch > member.epoch || epoch < member.previousEpoch) continue;
      for (const [topicId, partitions] of owned) {
        for (const partition of partitions) {
          const errorCode = group.validatePartitionCommit(memberId, epoch, topicId, partition);
          if (errorCode !== ErrorCode.NONE) continue;
          const key = `${topicId}-${partition}`;
          assert.equal(consumed.get(key), undefined, `${key} is consumed by ${memberId} alone`);
          consumed.set(key, memberId);
        }
      }
    }
  }

  #newClient(): Client {
    const { random } = this.#scene;
    const instanceId = random.pick([null, null, `${this.#groupId}1`, `${this.#groupId}3`]);
    const memberId = `${instanceId ?? "c"}-${this.#scene.nowMs}-${this.#made++}`;
    return { memberId, instanceId, epoch: 0, told: NOTHING, owned: NOTHING, knownLsn: 0 };
  }

  async #join(client: Client): Promise<void> {
    const { random } = this.#scene;
    Object.assign(client, { epoch: 0, told: NOTHING, owned: NOTHING });
    if (!this.#clients.includes(client)) this.#clients.push(client);
    await this.#heartbeat(client, {
      memberEpoch: 0,
      rebalanceTimeoutMs: 30_000,
      topics: this.#someTopics(),
      pattern: random.pick(PATTERNS),
      assignor: random.pick([null, "range", "uniform"]),
      owned: NOTHING,
    });
    // Whoever is refused gives up.
    if (client.epoch === 0) this.#drop(client);
  }

  /** Takes up what it was told, and says so. */
  async #confirm(client: Client): Promise<void> {
    client.owned = client.told;
    await this.#heartbeat(client, { owned: client.owned });
  }

  async #leave(client: Client, memberEpoch: number): Promise<void> {
    await this.#send(client, { memberEpoch });
    this.#drop(client);
  }

  async #heartbeat(client: Client, said: Partial<HeartbeatCommand>): Promise<void> {
    const reply = await this.#send(client, said);
    if ("error" in reply) {
      const isLost = reply.error === ErrorCode.FENCED_MEMBER_EPOCH ||
        reply.error === ErrorCode.UNKNOWN_MEMBER_ID || reply.error === ErrorCode.FENCED_INSTANCE_ID ||
        reply.error === ErrorCode.GROUP_ID_NOT_FOUND;
      if (isLost) this.#drop(client);
      return;
    }
    assert.ok(reply.memberEpoch >= client.epoch, "a member's epoch only grows");
    client.epoch = reply.memberEpoch;
    client.knownLsn = this.#scene.endLsn;
    if (reply.assignment === null) return;
    client.told = reply.assignment;
    // Gives up at once what is not its own any more, and takes up the rest later.
    const kept = Array.from(client.owned, ([topicId, partitions]) => {
      const told = client.told.get(topicId) ?? [];
      return [topicId, partitions.filter((partition) => told.includes(partition))] as const;
    });
    client.owned = new Map(kept.filter(([, partitions]) => partitions.length > 0));
  }

  #send(client: Client, said: Partial<HeartbeatCommand>) {
    const command = heartbeatOf(this.#groupId, client, said);
    return this.#scene.ask(
      { what: "nothing" },
      (engine) => groupsOf(engine).consumer.heartbeat(command, () => true),
    );
  }

  #someTopics(): string[] {
    return ["a", "b"].filter(() => this.#scene.random.chance(0.7));
  }

  #drop(client: Client): void {
    this.#clients = this.#clients.filter((each) => each !== client);
  }
}
