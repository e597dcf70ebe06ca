/** Members of classic groups as a raw client sees them: one request at a time, nothing done behind the test's back. */
import assert from "node:assert/strict";
import { heartbeatRequest } from "../../src/protocol/generated/heartbeat_request.ts";
import { heartbeatResponse } from "../../src/protocol/generated/heartbeat_response.ts";
import { joinGroupRequest } from "../../src/protocol/generated/join_group_request.ts";
import {
  type JoinGroupResponse,
  joinGroupResponse,
} from "../../src/protocol/generated/join_group_response.ts";
import { leaveGroupRequest } from "../../src/protocol/generated/leave_group_request.ts";
import {
  type LeaveGroupResponse,
  leaveGroupResponse,
} from "../../src/protocol/generated/leave_group_response.ts";
import { syncGroupRequest } from "../../src/protocol/generated/sync_group_request.ts";
import {
  type SyncGroupResponse,
  syncGroupResponse,
} from "../../src/protocol/generated/sync_group_response.ts";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { encodeConsumerProtocolSubscription } from "../../src/protocol/generated/consumer_protocol_subscription.ts";
import { Writer } from "../../src/protocol/mod.ts";
import type { WireClient } from "./wire_client.ts";

const encoder = new TextEncoder();

/** What a join differs in from the usual one. */
export interface JoinOptions {
  readonly version?: number;
  readonly memberId?: string;
  readonly instanceId?: string | null;
  readonly protocolType?: string;
  /** Names, each with a text that is the member's user data there. */
  readonly protocols?: Readonly<Record<string, string>>;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
}

/** What a consumer says about itself when it joins: the topics that it wants, and what its assignor adds. */
export function subscription(topics: readonly string[], userData = ""): Uint8Array {
  const writer = new Writer();
  writer.int16(0);
  encodeConsumerProtocolSubscription(writer, {
    topics,
    userData: encoder.encode(userData),
    ownedPartitions: [],
  }, 0);
  return writer.bytes().slice();
}

/** One JoinGroup, and its answer. */
export function join(
  client: WireClient,
  groupId: string,
  options: JoinOptions = {},
): Promise<JoinGroupResponse> {
  const version = options.version ?? 9;
  return client.send(joinGroupRequest, joinGroupResponse, version, {
    groupId,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 10_000,
    memberId: options.memberId ?? "",
    groupInstanceId: options.instanceId ?? null,
    protocolType: options.protocolType ?? "consumer",
    protocols: Object.entries(options.protocols ?? { range: "subscription" }).map(([name, metadata]) => ({
      name,
      metadata: subscription([], metadata),
    })),
    reason: null,
  });
}

/** Joins as a new member does: asks for an id, if need be, and joins with it. */
export async function joinNew(
  client: WireClient,
  groupId: string,
  options: JoinOptions = {},
): Promise<JoinGroupResponse> {
  const first = await join(client, groupId, options);
  if (first.errorCode !== ErrorCode.MEMBER_ID_REQUIRED) return first;
  return await join(client, groupId, { ...options, memberId: first.memberId });
}

/** Whom a request is from. */
export interface Claim {
  readonly memberId: string;
  readonly generation: number;
  readonly instanceId?: string | null;
}

/** The claim that a join has given. */
export function claimOf(
  { memberId, generationId }: JoinGroupResponse,
  instanceId: string | null = null,
): Claim {
  return { memberId, generation: generationId, instanceId };
}

/** One SyncGroup, with what the leader assigns. */
export function sync(
  client: WireClient,
  groupId: string,
  claim: Claim,
  assignments: Readonly<Record<string, string>> = {},
  options: { readonly version?: number; readonly protocolType?: string; readonly protocol?: string } = {},
): Promise<SyncGroupResponse> {
  return client.send(syncGroupRequest, syncGroupResponse, options.version ?? 5, {
    groupId,
    generationId: claim.generation,
    memberId: claim.memberId,
    groupInstanceId: claim.instanceId ?? null,
    protocolType: options.protocolType ?? "consumer",
    protocolName: options.protocol ?? "range",
    assignments: Object.entries(assignments).map(([memberId, text]) => ({
      memberId,
      assignment: encoder.encode(text),
    })),
  });
}

export async function heartbeat(
  client: WireClient,
  groupId: string,
  claim: Claim,
  version = 4,
): Promise<number> {
  const { errorCode } = await client.send(heartbeatRequest, heartbeatResponse, version, {
    groupId,
    generationId: claim.generation,
    memberId: claim.memberId,
    groupInstanceId: claim.instanceId ?? null,
  });
  return errorCode;
}

/** One LeaveGroup for all of `members`. */
export function leave(
  client: WireClient,
  groupId: string,
  members: readonly { readonly memberId: string; readonly groupInstanceId?: string | null }[],
  version = 5,
): Promise<LeaveGroupResponse> {
  const isBatched = version >= 3;
  return client.send(leaveGroupRequest, leaveGroupResponse, version, {
    groupId,
    memberId: isBatched ? "" : members[0]?.memberId ?? "",
    members: isBatched ? members : [],
  });
}

/** The generation's members by id, as its leader is told. */
export function memberIds(answer: JoinGroupResponse): string[] {
  return answer.members.map(({ memberId }) => memberId).sort();
}

/** Fails unless the answer is a generation. */
export function succeeded(answer: JoinGroupResponse): JoinGroupResponse {
  assert.equal(answer.errorCode, ErrorCode.NONE);
  return answer;
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
