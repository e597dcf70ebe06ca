import type { JoinGroupRequestInput } from "../../../src/protocol/generated/join_group_request.ts";
import type { JoinGroupResponse } from "../../../src/protocol/generated/join_group_response.ts";
import type { SyncGroupResponse } from "../../../src/protocol/generated/sync_group_response.ts";
import { ErrorCode } from "../../../src/base/error_codes.ts";
import { encodeSubscription } from "../subscription.ts";
import { api } from "../api.ts";
import type { Client } from "../client.ts";
import type { Peer } from "../peer.ts";
import { commitInput, type CommitOptions, type OffsetAt } from "./offsets.ts";

const encoder = new TextEncoder();

/** What a member of a classic group may differ in. */
export interface MemberOptions {
  /** Default: `group`. */
  readonly group?: string;
  readonly instanceId?: string;
  readonly protocolType?: string;
  /** Names of the topics that it subscribes to, if it is a consumer. */
  readonly reads?: readonly string[];
  /** By name, the preferred one first: what the member says about itself. */
  readonly protocols?: Readonly<Record<string, string>>;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
}

/** What one request says otherwise than the member would. */
interface Otherwise {
  readonly version?: number;
  readonly group?: string;
  readonly memberId?: string;
  readonly instanceId?: string | null;
  readonly generationId?: number;
}

/** What a request to join says otherwise, too. */
type OtherwiseJoining = Otherwise & Omit<MemberOptions, "group" | "instanceId">;

/** A member of a classic group, with a connection of its own. Its methods say what it does: `await a.joins()`. */
export class Member {
  readonly name: string;
  readonly client: Client;
  readonly group: string;
  readonly instanceId: string | null;
  memberId = "";
  generationId = -1;
  readonly #options: MemberOptions;
  #protocolType: string | null = null;
  #protocolName: string | null = null;

  constructor(peer: Peer, name: string, options: MemberOptions = {}) {
    this.name = name;
    this.client = peer.client(name);
    this.group = peer.unique(options.group ?? "group");
    this.instanceId = options.instanceId ?? null;
    this.#options = options;
  }

  /** Joins, with an id that it has asked for before if it needs one (KIP-394). */
  async joins(otherwise: OtherwiseJoining = {}): Promise<JoinGroupResponse> {
    const version = otherwise.version ?? 9;
    const needsId = version >= 4 && this.memberId === "" && this.instanceId === null;
    if (!needsId) return await this.asksToJoin(otherwise);
    const send = () => this.client.send(api.joinGroup, version, this.#joinInput(version, otherwise));
    const join = async () => {
      this.memberId = "";
      this.#take(await send());
      return await send();
    };
    return await this.client.keeps("joins", async () => {
      // Now and then Kafka forgets an empty group, and with it the id that somebody is about to join with.
      const answer = await this.client.until(
        join,
        ({ errorCode }) => errorCode !== ErrorCode.UNKNOWN_MEMBER_ID,
      );
      this.#take(answer);
      return answer;
    });
  }

  /** Joins with one request, whatever comes of it. */
  async asksToJoin(otherwise: OtherwiseJoining = {}): Promise<JoinGroupResponse> {
    const version = otherwise.version ?? 9;
    const answer = await this.client.ask(
      "joins",
      api.joinGroup,
      version,
      this.#joinInput(version, otherwise),
    );
    if (answer === null) throw new Error(`${this.name} was not answered`);
    this.#take(answer);
    return answer;
  }

  /** Asks for its share. The leader hands out all of them. */
  async syncs(
    shares: readonly (readonly [Member, string])[] = [],
    otherwise: Otherwise & { readonly protocolType?: string | null; readonly protocolName?: string | null } =
      {},
  ): Promise<SyncGroupResponse | null> {
    const version = otherwise.version ?? 5;
    return await this.client.ask("syncs", api.syncGroup, version, {
      ...this.#who(version >= 3, otherwise),
      ...(version >= 5 && {
        protocolType: otherwise.protocolType === undefined ? this.#protocolType : otherwise.protocolType,
        protocolName: otherwise.protocolName === undefined ? this.#protocolName : otherwise.protocolName,
      }),
      assignments: shares.map(([{ memberId }, share]) => ({ memberId, assignment: encoder.encode(share) })),
    });
  }

  async heartbeats(otherwise: Otherwise = {}): Promise<void> {
    const version = otherwise.version ?? 4;
    await this.client.ask("heartbeats", api.heartbeat, version, this.#who(version >= 3, otherwise));
  }

  /** Heartbeats until it is answered `errorCode`, and keeps that answer. */
  async heartbeatsUntil(errorCode: number): Promise<void> {
    const input = this.#who(true, {});
    await this.client.askUntil(
      "heartbeats",
      api.heartbeat,
      4,
      input,
      (answer) => answer.errorCode === errorCode,
    );
  }

  async leaves(otherwise: Otherwise = {}): Promise<void> {
    const version = otherwise.version ?? 5;
    const { groupId, memberId, groupInstanceId = null } = this.#who(version >= 3, otherwise);
    const input = version >= 3
      ? { groupId, memberId: "", members: [{ memberId, groupInstanceId }] }
      : { groupId, memberId, members: [] };
    await this.client.ask("leaves", api.leaveGroup, version, input);
  }

  async commits(offsets: readonly OffsetAt[], otherwise: Otherwise & CommitOptions = {}): Promise<void> {
    const version = otherwise.version ?? 9;
    await this.client.ask("commits", api.offsetCommit, version, {
      ...commitInput(this.group, offsets, { version, ...otherwise }),
      memberId: otherwise.memberId ?? this.memberId,
      generationIdOrMemberEpoch: otherwise.generationId ?? this.generationId,
      ...(version >= 7 && {
        groupInstanceId: otherwise.instanceId === undefined ? this.instanceId : otherwise.instanceId,
      }),
    });
  }

  /** Is gone without a word. */
  async vanishes(): Promise<void> {
    await this.client.hangUp();
  }

  #who(hasInstance: boolean, otherwise: Otherwise) {
    const { instanceId = this.instanceId } = otherwise;
    return {
      groupId: otherwise.group ?? this.group,
      generationId: otherwise.generationId ?? this.generationId,
      memberId: otherwise.memberId ?? this.memberId,
      ...(hasInstance && { groupInstanceId: instanceId }),
    };
  }

  #joinInput(version: number, otherwise: OtherwiseJoining): JoinGroupRequestInput {
    const options = { ...this.#options, ...otherwise };
    const { instanceId = this.instanceId } = otherwise;
    const { protocolType = "consumer", protocols = { range: `${this.name} is here` }, reads = [] } = options;
    const metadata = (says: string) =>
      protocolType === "consumer" ? encodeSubscription({ topics: reads, says }) : encoder.encode(says);
    return {
      groupId: otherwise.group ?? this.group,
      memberId: otherwise.memberId ?? this.memberId,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 20_000,
      ...(version >= 1 && { rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 20_000 }),
      ...(version >= 5 && { groupInstanceId: instanceId }),
      protocolType,
      protocols: Object.entries(protocols).map(([name, says]) => ({ name, metadata: metadata(says) })),
    };
  }

  #take(answer: JoinGroupResponse): void {
    if (answer.memberId !== "") this.memberId = answer.memberId;
    this.client.book.normalizer.knowMember(this.name, answer.memberId);
    if (answer.errorCode !== ErrorCode.NONE) return;
    this.generationId = answer.generationId;
    this.#protocolType = answer.protocolType;
    this.#protocolName = answer.protocolName;
  }
}

/** Brings members into one group, one after the other; the first leads, and everybody gets a share. */
export async function together(first: Member, ...others: readonly Member[]): Promise<void> {
  const inside = [first];
  await first.joins();
  for (const other of others) {
    const joining = other.joins();
    await first.heartbeatsUntil(ErrorCode.REBALANCE_IN_PROGRESS);
    await Promise.all([joining, ...inside.map((member) => member.joins())]);
    inside.push(other);
  }
  await sharesOut(first, ...others);
}

/** Everybody syncs; the leader, who comes first, gives each a share. */
export async function sharesOut(leader: Member, ...others: readonly Member[]): Promise<void> {
  const members = [leader, ...others];
  const shares = members.map((member) => [member, `${member.name}'s share`] as const);
  await Promise.all([...others.map((member) => member.syncs()), leader.syncs(shares)]);
}
