import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import type { Assignment } from "../../src/cluster/mod.ts";
import { ClassicGroup } from "../../src/cluster/groups/mod.ts";
import { decodeAssignment, encodeAssignment } from "../../src/cluster/groups/consumer/embedded_protocol.ts";
import { encodeSubscription } from "../../src/cluster/groups/consumer/testing/embedded_subscription.ts";
import type { Awaited, JoinAnswer, SyncAnswer } from "../../src/engine/mod.ts";
import { groupsOf } from "../../src/engine/groups/mod.ts";
import type { GroupWatch } from "./group_watch.ts";
import type { Committing, Scene } from "./scene.ts";

const TOPICS = ["a", "b"];
const PROTOCOLS = ["range", "sticky", "uniform"];
const MEMBERS_MAX = 6;
const SESSION_MS = 10_000;
const REBALANCE_MS = 30_000;
/** What a full log refuses is tried again so much later. */
const RETRY_MS = 1000;
/** A member that its client may not know of is kept for five minutes; beyond this nobody waits any more. */
const PATIENCE_MS = 400_000;

/** A client as it sees itself. */
interface Client {
  memberId: string;
  readonly instanceId: string | null;
  generation: number;
  isLeading: boolean;
  /** It lives, and does not do what a leader has to. */
  readonly isLazy: boolean;
  knownLsn: number;
}

interface Waiting {
  readonly sinceMs: number;
  giveUp(): void;
}

/** The clients of one group that speak the classic protocol, and other people's ids that they try. */
export class ClassicActor {
  readonly #scene: Scene;
  readonly #watch: GroupWatch;
  readonly #groupId: string;
  #clients: Client[] = [];
  readonly #waiting = new Set<Waiting>();
  #joined = 0;

  constructor(scene: Scene, watch: GroupWatch, groupId: string) {
    this.#scene = scene;
    this.#watch = watch;
    this.#groupId = groupId;
  }

  committers(): Committing[] {
    return this.#clients.map(({ memberId, instanceId, generation }) => (
      { group: this.#groupId, memberId, instanceId, generation }
    ));
  }

  /** Clients that were told what a crash has undone have never been told; all others know what they knew. */
  crashed(endLsn: number): void {
    this.#waiting.clear();
    this.#clients = this.#clients.filter(({ knownLsn }) => knownLsn <= endLsn);
  }

  act(): void {
    const { random } = this.#scene;
    const client = this.#clients.length > 0 ? random.pick(this.#clients) : null;
    switch (random.below(14)) {
      case 0:
        return this.#leave(client);
      case 1:
      case 2:
      case 3:
        return this.heartbeat();
      case 4:
      case 5:
      case 6:
        for (const each of [...this.#clients]) if (random.chance(0.9)) this.#sync(each);
        return;
      case 7:
      case 8:
        for (const each of [...this.#clients]) if (random.chance(0.9)) this.#join(each);
        return;
      case 9:
        for (const waiting of this.#waiting) if (random.chance(0.3)) waiting.giveUp();
        return;
      case 10:
        // Gone without a word; somebody new may come under the same name.
        if (client !== null && random.chance(0.3)) this.#clients.splice(this.#clients.indexOf(client), 1);
        return;
      default:
        if (client !== null && random.chance(0.5)) return this.#join(client);
        if (this.#clients.length < MEMBERS_MAX) this.#join(this.#newClient());
    }
  }

  /** Nearly all give signs of life; who hears that it has to join again does so. */
  heartbeat(): void {
    const { random, engine } = this.#scene;
    for (const client of [...this.#clients]) {
      if (random.chance(0.05)) continue;
      const { memberId, instanceId, generation, isLeading } = client;
      const errorCode = groupsOf(engine).heartbeat(this.#groupId, memberId, instanceId, generation);
      const isOver = this.#isOver(generation);
      if (errorCode === ErrorCode.NONE) assert.ok(!isOver, "a generation that is over is taken for alive");
      if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) this.#join(client);
      else if (errorCode === ErrorCode.NONE && isLeading && random.chance(0.5)) this.#sync(client);
    }
  }

  /** Nobody waits for longer than the longest time that there is, which began at `sinceMs` at the earliest. */
  check(sinceMs: number): void {
    const { nowMs, isFull } = this.#scene;
    if (isFull) return;
    for (const waiting of this.#waiting) {
      assert.ok(nowMs - Math.max(sinceMs, waiting.sinceMs) < PATIENCE_MS, "somebody waits without end");
    }
    const group = this.#group;
    if (group?.phase !== "CompletingRebalance") return;
    const patienceMs = REBALANCE_MS + RETRY_MS;
    assert.ok(
      nowMs - Math.max(sinceMs, group.sinceMs) <= patienceMs,
      "all wait for a leader that does not come",
    );
  }

  get isAnyoneWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  #newClient(): Client {
    const { random } = this.#scene;
    const instanceId = random.pick([null, null, `${this.#groupId}1`, `${this.#groupId}2`]);
    const isLazy = random.chance(0.1);
    return { memberId: "", instanceId, generation: -1, isLeading: false, isLazy, knownLsn: 0 };
  }

  #join(client: Client): void {
    const { random } = this.#scene;
    const names = PROTOCOLS.filter((name) => name === "range" || random.chance(0.2));
    const metadata = encodeSubscription(TOPICS.filter((_, index) => index === 0 || random.chance(0.8)));
    const joining = groupsOf(this.#scene.engine).join({
      groupId: this.#groupId,
      memberId: client.memberId,
      newMemberId: `${client.instanceId ?? "m"}-${this.#scene.engine.newUuid().slice(0, 8)}-${++this
        .#joined}`,
      instanceId: client.instanceId,
      clientId: "client",
      clientHost: "/127.0.0.1",
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocolType: "consumer",
      protocols: names.map((name) => ({ name, metadata })),
      requiresKnownMemberId: random.chance(0.5),
      canSkipAssignment: random.chance(0.5),
    }, () => true);
    this.#await(joining, (answer) => this.#toldOfJoin(client, answer));
  }

  #toldOfJoin(client: Client, answer: JoinAnswer): void {
    const isKnown = this.#clients.includes(client);
    switch (answer.errorCode) {
      case ErrorCode.MEMBER_ID_REQUIRED:
      case ErrorCode.NONE:
        if (client.memberId !== "") assert.equal(answer.memberId, client.memberId);
        client.memberId = answer.memberId;
        client.generation = answer.generation;
        client.isLeading = answer.errorCode === ErrorCode.NONE && answer.leaderId === answer.memberId;
        client.knownLsn = this.#scene.endLsn;
        if (!isKnown) this.#clients.push(client);
        this.#watchVote(answer);
        return;
      case ErrorCode.REBALANCE_IN_PROGRESS:
      case ErrorCode.COORDINATOR_NOT_AVAILABLE:
        return;
      default:
        this.#drop(client);
    }
  }

  /** A generation is given out once: all its members are told the same. */
  #watchVote({ errorCode, generation, protocol }: JoinAnswer): void {
    if (errorCode !== ErrorCode.NONE || this.#group === undefined) return;
    this.#watch.told(this.#groupId, generation, "protocol", protocol ?? "", this.#scene.endLsn);
  }

  #sync(client: Client): void {
    if (client.isLazy && client.isLeading) return;
    const { memberId, instanceId, generation } = client;
    const plan = client.isLeading ? this.#plan() : [];
    const isOver = this.#isOver(generation);
    const syncing = groupsOf(this.#scene.engine).sync({
      groupId: this.#groupId,
      memberId,
      instanceId,
      generation,
      protocolType: "consumer",
      protocol: null,
      assignments: plan,
    });
    this.#await(syncing, (answer) => {
      if (answer.errorCode === ErrorCode.NONE) {
        assert.ok(!isOver, "a generation that is over gets assignments");
        return this.#toldOfSync(client, generation, answer);
      }
      const isLost = answer.errorCode === ErrorCode.UNKNOWN_MEMBER_ID ||
        answer.errorCode === ErrorCode.FENCED_INSTANCE_ID;
      if (isLost && this.#scene.random.chance(0.5)) this.#drop(client);
    });
  }

  #toldOfSync(client: Client, generation: number, { assignment }: SyncAnswer): void {
    const owner = client.instanceId ?? client.memberId;
    client.knownLsn = this.#scene.endLsn;
    const { partitions } = decodeAssignment(assignment)!;
    for (const [topic, indexes] of partitions) {
      for (const index of indexes) {
        this.#watch.told(this.#groupId, generation, `owner of ${topic}-${index}`, owner, this.#scene.endLsn);
      }
    }
  }

  /** What a leader hands out: everything, each time in another way. */
  #plan(): { readonly memberId: string; readonly assignment: Uint8Array }[] {
    const { random, engine } = this.#scene;
    const group = this.#group;
    if (group === undefined || group.size === 0) return [];
    const members = Array.from(group.members(), ({ id }) => ({ id, held: new Map<string, number[]>() }));
    for (const topic of engine.state.topics()) {
      for (const { index } of topic.partitions) {
        const { held } = random.pick(members);
        held.set(topic.id, [...held.get(topic.id) ?? [], index]);
      }
    }
    return members.map(({ id, held }) => ({
      memberId: id,
      assignment: encodeAssignment(held as Assignment, engine.state, 1),
    }));
  }

  #leave(client: Client | null): void {
    if (client === null) return;
    const { memberId, instanceId } = client;
    const isByName = instanceId !== null && this.#scene.random.chance(0.5);
    void groupsOf(this.#scene.engine).leave(this.#groupId, [{
      memberId: isByName ? "" : memberId,
      instanceId,
    }]);
    if (this.#scene.random.chance(0.8)) this.#drop(client);
  }

  #await<Answer>({ answer, giveUp }: Awaited<Answer>, told: (answer: Answer) => void): void {
    const waiting = { sinceMs: this.#scene.nowMs, giveUp };
    this.#waiting.add(waiting);
    this.#scene.later(answer, (value) => {
      this.#waiting.delete(waiting);
      told(value);
    });
  }

  get #group(): ClassicGroup | undefined {
    const group = this.#scene.engine.state.groups.get(this.#groupId);
    return group instanceof ClassicGroup ? group : undefined;
  }

  #isOver(generation: number): boolean {
    return this.#group !== undefined && this.#group.generation !== generation;
  }

  #drop(client: Client): void {
    this.#clients = this.#clients.filter((each) => each !== client);
  }
}
