import type { ConsumerGroupHeartbeatResponse } from "../../../src/protocol/generated/consumer_group_heartbeat_response.ts";
import { api } from "../api.ts";
import type { Client } from "../client.ts";
import type { Peer } from "../peer.ts";
import { commitInput, type OffsetAt } from "./offsets.ts";

/** What a heartbeat says, beside who it is from. What is left out has not changed. */
export interface Says {
  readonly version?: number;
  readonly group?: string;
  readonly memberId?: string;
  readonly epoch?: number;
  readonly instanceId?: string | null;
  readonly rackId?: string | null;
  readonly rebalanceTimeoutMs?: number;
  readonly reads?: readonly string[] | null;
  readonly pattern?: string | null;
  readonly assignor?: string | null;
  /** Topic ids with partitions. */
  readonly owns?: readonly (readonly [string, readonly number[]])[] | null;
}

export interface ConsumerOptions {
  readonly group?: string;
  readonly instanceId?: string;
  /** Who it is. Default: a client of its own. */
  readonly client?: Client;
}

/** A member of a consumer group (KIP-848), with a connection of its own. */
export class Consumer {
  readonly client: Client;
  readonly group: string;
  readonly instanceId: string | null;
  memberId: string;
  epoch = 0;
  #owns: readonly (readonly [string, readonly number[]])[] = [];

  constructor(peer: Peer, name: string, options: ConsumerOptions = {}) {
    this.client = options.client ?? peer.client(name);
    this.group = peer.unique(options.group ?? "group");
    this.instanceId = options.instanceId ?? null;
    this.memberId = peer.unique(`member ${name}`);
  }

  /** Joins as one who owns nothing. */
  async joins(says: Says = {}): Promise<void> {
    this.epoch = 0;
    this.#owns = [];
    await this.heartbeats({ rebalanceTimeoutMs: 30_000, owns: [], reads: [], ...says });
  }

  /** Joins, waits until it is assigned the topic, and leaves; no word of it is kept. */
  async finds(topic: string): Promise<void> {
    const says = { rebalanceTimeoutMs: 30_000, owns: [], reads: [topic] };
    await this.client.until(async () => {
      this.#take(await this.client.send(api.consumerGroupHeartbeat, 1, this.#input({ ...says, epoch: 0 })));
      return count(this.#owns);
    }, (found) => found > 0);
    await this.client.send(api.consumerGroupHeartbeat, 1, this.#input({ epoch: -1 }));
  }

  async heartbeats(says: Says = {}): Promise<void> {
    this.#take(
      await this.client.ask("heartbeats", api.consumerGroupHeartbeat, says.version ?? 1, this.#input(says)),
    );
  }

  /** Heartbeats, giving up and taking over what it is told, until it owns so many partitions, in that epoch if one is given. */
  async settles(partitions: number, epoch?: number): Promise<void> {
    const goesOn = async () => {
      const answer = await this.client.send(api.consumerGroupHeartbeat, 1, this.#input({ owns: this.#owns }));
      this.#take(answer);
      return answer;
    };
    await this.client.keeps("settles", async () => {
      const { errorCode } = await this.client.until(
        goesOn,
        ({ errorCode, memberEpoch }) =>
          errorCode !== 0 || (count(this.#owns) === partitions && (epoch ?? memberEpoch) === memberEpoch),
      );
      // Once more, so that the broker knows.
      await goesOn();
      const owns = this.#owns.map(([topicId, partitions]) => ({ topicId, partitions }));
      return { errorCode, memberEpoch: this.epoch, owns };
    });
  }

  /** Heartbeats until it is answered `errorCode`, and keeps that answer. */
  async heartbeatsUntil(errorCode: number): Promise<void> {
    const input = this.#input({ owns: this.#owns });
    const right = (answer: ConsumerGroupHeartbeatResponse) => answer.errorCode === errorCode;
    await this.client.askUntil("heartbeats", api.consumerGroupHeartbeat, 1, input, right);
  }

  async leaves(epoch = -1): Promise<void> {
    await this.heartbeats({ epoch });
  }

  async commits(
    offsets: readonly OffsetAt[],
    says: { readonly version?: number; readonly epoch?: number; readonly memberId?: string } = {},
  ): Promise<void> {
    const { version = 9, epoch = this.epoch, memberId = this.memberId } = says;
    await this.client.ask("commits", api.offsetCommit, version, {
      ...commitInput(this.group, offsets, { version }),
      memberId,
      generationIdOrMemberEpoch: epoch,
    });
  }

  #input(says: Says) {
    const version = says.version ?? 1;
    const owns = says.owns ?? null;
    return {
      groupId: says.group ?? this.group,
      memberId: says.memberId ?? this.memberId,
      memberEpoch: says.epoch ?? this.epoch,
      instanceId: says.instanceId === undefined ? this.instanceId : says.instanceId,
      rackId: says.rackId ?? null,
      rebalanceTimeoutMs: says.rebalanceTimeoutMs ?? -1,
      subscribedTopicNames: says.reads ?? null,
      ...(version >= 1 && { subscribedTopicRegex: says.pattern ?? null }),
      serverAssignor: says.assignor ?? null,
      topicPartitions: owns?.map(([topicId, partitions]) => ({ topicId, partitions })) ?? null,
    };
  }

  #take(answer: ConsumerGroupHeartbeatResponse | null): void {
    if (answer === null || answer.errorCode !== 0) return;
    if (answer.memberId !== null && answer.memberId !== "") this.memberId = answer.memberId;
    if (answer.memberEpoch >= 0) this.epoch = answer.memberEpoch;
    const { assignment } = answer;
    if (assignment === null) return;
    this.#owns = assignment.topicPartitions.map(({ topicId, partitions }) => [topicId, partitions] as const);
  }
}

function count(owned: readonly (readonly [string, readonly number[]])[]): number {
  return owned.reduce((sum, [, partitions]) => sum + partitions.length, 0);
}

/** Describes consumer groups, named by the words that scenarios have for them. */
export async function describesConsumers(
  peer: Peer,
  groups: readonly string[] = ["group"],
  version = 1,
): Promise<void> {
  await peer.ask("describes consumers", api.consumerGroupDescribe, version, {
    groupIds: groups.map((group) => group === "" ? "" : peer.unique(group)),
    includeAuthorizedOperations: false,
  });
}
