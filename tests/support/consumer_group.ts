/** Members of consumer groups (KIP-848) and of classic ones as raw requests, for tests. */
import { encodeConsumerProtocolSubscription } from "../../src/protocol/generated/consumer_protocol_subscription.ts";
import { decodeConsumerProtocolAssignment } from "../../src/protocol/generated/consumer_protocol_assignment.ts";
import { consumerGroupDescribeRequest } from "../../src/protocol/generated/consumer_group_describe_request.ts";
import {
  consumerGroupDescribeResponse,
  type ConsumerGroupDescribeResponseDescribedGroup,
} from "../../src/protocol/generated/consumer_group_describe_response.ts";
import {
  consumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatRequestInput,
} from "../../src/protocol/generated/consumer_group_heartbeat_request.ts";
import {
  type ConsumerGroupHeartbeatResponse,
  consumerGroupHeartbeatResponse,
} from "../../src/protocol/generated/consumer_group_heartbeat_response.ts";
import { heartbeatRequest } from "../../src/protocol/generated/heartbeat_request.ts";
import { heartbeatResponse } from "../../src/protocol/generated/heartbeat_response.ts";
import { joinGroupRequest } from "../../src/protocol/generated/join_group_request.ts";
import {
  type JoinGroupResponse,
  joinGroupResponse,
} from "../../src/protocol/generated/join_group_response.ts";
import { syncGroupRequest } from "../../src/protocol/generated/sync_group_request.ts";
import { syncGroupResponse } from "../../src/protocol/generated/sync_group_response.ts";
import { Reader, Writer } from "../../src/protocol/mod.ts";
import { only } from "./requests.ts";
import type { WireClient } from "./wire_client.ts";

type Said = Partial<ConsumerGroupHeartbeatRequestInput>;

/** A member of the consumer protocol that does what it is told. */
export class ConsumerGroupMember {
  readonly client: WireClient;
  readonly groupId: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  epoch = 0;
  /** Partitions by topic id, as told last. */
  assignment: Record<string, readonly number[]> = {};

  constructor(client: WireClient, groupId: string, memberId: string, instanceId: string | null = null) {
    this.client = client;
    this.groupId = groupId;
    this.memberId = memberId;
    this.instanceId = instanceId;
  }

  join(topics: readonly string[], said: Said = {}): Promise<ConsumerGroupHeartbeatResponse> {
    this.epoch = 0;
    return this.heartbeat({
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: topics,
      topicPartitions: [],
      ...said,
    });
  }

  /** Says that it holds what it was told. */
  confirm(): Promise<ConsumerGroupHeartbeatResponse> {
    const topicPartitions = Object.entries(this.assignment).map(([topicId, partitions]) => ({
      topicId,
      partitions,
    }));
    return this.heartbeat({ topicPartitions });
  }

  /** Leaves; −2 means that it comes back. */
  leave(epoch: -1 | -2 = -1): Promise<ConsumerGroupHeartbeatResponse> {
    return this.heartbeat({ memberEpoch: epoch });
  }

  async heartbeat(said: Said = {}): Promise<ConsumerGroupHeartbeatResponse> {
    const { client, groupId, memberId, instanceId, epoch } = this;
    const answer = await client.send(consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse, 1, {
      groupId,
      memberId,
      instanceId,
      memberEpoch: epoch,
      ...said,
    });
    if (answer.errorCode === 0) {
      this.epoch = answer.memberEpoch;
      if (answer.assignment !== null) {
        this.assignment = Object.fromEntries(
          answer.assignment.topicPartitions.map(({ topicId, partitions }) => [topicId, partitions]),
        );
      }
    }
    return answer;
  }
}

export async function describeConsumerGroup(
  client: WireClient,
  groupId: string,
): Promise<ConsumerGroupDescribeResponseDescribedGroup> {
  const answer = await client.send(consumerGroupDescribeRequest, consumerGroupDescribeResponse, 1, {
    groupIds: [groupId],
    includeAuthorizedOperations: false,
  });
  return only(answer.groups);
}

/** A member of the classic protocol that knows the range assignor, and gives all up before it joins. */
export class ClassicGroupMember {
  readonly client: WireClient;
  readonly groupId: string;
  readonly topics: readonly string[];
  memberId = "";
  generation = -1;

  constructor(client: WireClient, groupId: string, topics: readonly string[]) {
    this.client = client;
    this.groupId = groupId;
    this.topics = topics;
  }

  async join(): Promise<JoinGroupResponse> {
    const answer = await this.client.send(joinGroupRequest, joinGroupResponse, 3, {
      groupId: this.groupId,
      memberId: this.memberId,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: subscription(this.topics) }],
    });
    this.memberId = answer.memberId;
    this.generation = answer.generationId;
    return answer;
  }

  /** The partitions by topic that it gets; who leads gives `assignments` by member id. */
  async sync(assignments: Readonly<Record<string, Uint8Array>> = {}) {
    const answer = await this.client.send(syncGroupRequest, syncGroupResponse, 3, {
      groupId: this.groupId,
      memberId: this.memberId,
      generationId: this.generation,
      assignments: Object.entries(assignments).map(([memberId, assignment]) => ({ memberId, assignment })),
    });
    const { errorCode } = answer;
    if (errorCode !== 0) return { errorCode, partitions: null };
    const reader = new Reader().reset(answer.assignment.slice());
    const { assignedPartitions } = decodeConsumerProtocolAssignment(reader, reader.int16());
    const partitions = Object.fromEntries(
      assignedPartitions.map(({ topic, partitions }) => [topic, partitions]),
    );
    return { errorCode, partitions };
  }

  async heartbeat(): Promise<number> {
    const { errorCode } = await this.client.send(heartbeatRequest, heartbeatResponse, 4, {
      groupId: this.groupId,
      memberId: this.memberId,
      generationId: this.generation,
    });
    return errorCode;
  }
}

function subscription(topics: readonly string[]): Uint8Array {
  const writer = new Writer();
  writer.int16(1);
  encodeConsumerProtocolSubscription(writer, { topics, userData: null, ownedPartitions: [] }, 1);
  return writer.bytes().slice();
}
