import type { OffsetFetchRequestInput } from "../../../src/protocol/generated/offset_fetch_request.ts";
import type { TopicRef } from "../../support/requests.ts";
import { api } from "../api.ts";
import type { Client } from "../client.ts";
import type { Peer } from "../peer.ts";
import { commitInput, type CommitOptions, type OffsetAt } from "./offsets.ts";

const SEVERAL_GROUPS_FROM = 8;
const MEMBERS_FROM = 9;

/** What is asked about offsets. */
export interface FetchOffsetsOptions {
  readonly version?: number;
  readonly group?: string;
  /** Topics with partitions; none for all. */
  readonly of?: readonly (readonly [TopicRef, readonly number[]])[];
  readonly requireStable?: boolean;
  readonly memberId?: string | null;
  readonly memberEpoch?: number;
}

/** Somebody who commits and fetches offsets of a group without being in it, as admins do, and consumers that assign themselves. */
export class Committer {
  readonly client: Client;
  readonly group: string;

  constructor(peer: Peer, name: string, options: { readonly group?: string } = {}) {
    this.client = peer.client(name);
    this.group = peer.unique(options.group ?? "group");
  }

  async commits(
    offsets: readonly OffsetAt[],
    options: CommitOptions & {
      readonly group?: string;
      readonly memberId?: string;
      readonly generationId?: number;
      readonly instanceId?: string;
    } = {},
  ): Promise<void> {
    const { version = 9, group = this.group, memberId = "", generationId = -1, instanceId } = options;
    await this.client.ask("commits", api.offsetCommit, version, {
      ...commitInput(group, offsets, { ...options, version }),
      memberId,
      generationIdOrMemberEpoch: generationId,
      ...(instanceId !== undefined && { groupInstanceId: instanceId }),
    });
  }

  async fetches(options: FetchOffsetsOptions = {}): Promise<void> {
    const version = options.version ?? MEMBERS_FROM;
    await this.client.ask(
      "fetches offsets",
      api.offsetFetch,
      version,
      fetchOffsetsInput(this.group, version, options),
    );
  }

  async deletes(
    topics: readonly (readonly [name: string, partitions: readonly number[]])[],
    group = this.group,
  ) {
    await this.client.ask("deletes offsets", api.offsetDelete, 0, {
      groupId: group,
      topics: topics.map(([name, partitions]) => ({
        name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
      })),
    });
  }
}

/** An OffsetFetch of one group, for any version. */
export function fetchOffsetsInput(
  group: string,
  version: number,
  options: FetchOffsetsOptions = {},
): OffsetFetchRequestInput {
  const topics = options.of?.map(([topic, partitionIndexes]) => ({ ...topic, partitionIndexes })) ?? null;
  const groupId = options.group ?? group;
  const requireStable = options.requireStable ?? false;
  if (version < SEVERAL_GROUPS_FROM) {
    return {
      groupId,
      topics: topics ?? (version < 2 ? [] : null),
      groups: [],
      ...(version >= 7 && { requireStable }),
    };
  }
  const { memberId = null, memberEpoch = -1 } = options;
  const member = version >= MEMBERS_FROM ? { memberId, memberEpoch } : {};
  return { groupId: "", topics: [], groups: [{ groupId, topics, ...member }], requireStable };
}
