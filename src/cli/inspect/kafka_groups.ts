import { ErrorCode } from "../../base/error_codes.ts";
import { byTopic, memberBytes, subscriptionOf } from "../../broker/inspect/member_bytes.ts";
import type { CommittedFacts, GroupFacts, GroupSummary, MemberFacts } from "../../broker/inspect/mod.ts";
import { consumerGroupDescribeRequest } from "../../protocol/generated/consumer_group_describe_request.ts";
import { consumerGroupDescribeResponse } from "../../protocol/generated/consumer_group_describe_response.ts";
import { describeGroupsRequest } from "../../protocol/generated/describe_groups_request.ts";
import { describeGroupsResponse } from "../../protocol/generated/describe_groups_response.ts";
import { listGroupsRequest } from "../../protocol/generated/list_groups_request.ts";
import { listGroupsResponse } from "../../protocol/generated/list_groups_response.ts";
import { offsetFetchRequest } from "../../protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../protocol/generated/offset_fetch_response.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { refuseError } from "./kafka_errors.ts";

const LIST_GROUPS_VERSION = 5;
const DESCRIBE_GROUPS_VERSION = 5;
const OFFSET_FETCH_VERSION = 8;

/** All groups, in the order of their names. */
export async function brokerGroups(client: KafkaClient): Promise<GroupSummary[]> {
  const answer = await client.send(listGroupsRequest, listGroupsResponse, LIST_GROUPS_VERSION, {
    statesFilter: [],
    typesFilter: [],
  });
  refuseError("groups", answer.errorCode);
  return answer.groups.map(({ groupId: group, protocolType, groupState: state, groupType }) => ({
    group,
    kind: groupType.toLowerCase(),
    state,
    protocolType,
  })).sort((a, b) => a.group < b.group ? -1 : 1);
}

/** A group, its members and offsets; `null` when there is none of that name. */
export async function brokerGroup(client: KafkaClient, id: string): Promise<GroupFacts | null> {
  const summary = (await brokerGroups(client)).find(({ group }) => group === id);
  if (summary === undefined) return null;
  const described = summary.kind === "consumer"
    ? await consumerGroup(client, id)
    : await classicGroup(client, id);
  return { ...summary, ...described, committed: await committed(client, id) };
}

/** What one of the two descriptions tells. */
type Described = Pick<GroupFacts, "state" | "assignor" | "members">;

async function classicGroup(client: KafkaClient, id: string): Promise<Described> {
  const answer = await client.send(describeGroupsRequest, describeGroupsResponse, DESCRIBE_GROUPS_VERSION, {
    groups: [id],
    includeAuthorizedOperations: false,
  });
  const [group] = answer.groups;
  refuseError(`the group '${id}'`, group?.errorCode ?? ErrorCode.GROUP_ID_NOT_FOUND);
  const { groupState: state = "", protocolData: assignor = "", protocolType = "", members = [] } = group ??
    {};
  return {
    state,
    assignor,
    members: members.map((member): MemberFacts => ({
      memberId: member.memberId,
      instanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      epoch: null,
      ...memberBytes(protocolType, member.memberMetadata, member.memberAssignment),
    })),
  };
}

async function consumerGroup(client: KafkaClient, id: string): Promise<Described> {
  const answer = await client.send(consumerGroupDescribeRequest, consumerGroupDescribeResponse, 0, {
    groupIds: [id],
    includeAuthorizedOperations: false,
  });
  const [group] = answer.groups;
  refuseError(`the group '${id}'`, group?.errorCode ?? ErrorCode.GROUP_ID_NOT_FOUND, group?.errorMessage);
  const { groupState: state = "", assignorName: assignor = "", members = [] } = group ?? {};
  return {
    state,
    assignor,
    members: members.map((member): MemberFacts => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      epoch: member.memberEpoch,
      subscription: subscriptionOf(member.subscribedTopicNames, member.subscribedTopicRegex),
      assignment: member.assignment.topicPartitions
        .map(({ topicName: topic, partitions }) => ({ topic, partitions })).sort(byTopic),
    })),
  };
}

async function committed(client: KafkaClient, id: string): Promise<CommittedFacts[]> {
  const answer = await client.send(offsetFetchRequest, offsetFetchResponse, OFFSET_FETCH_VERSION, {
    groupId: "",
    topics: [],
    groups: [{ groupId: id, topics: null }],
  });
  const [group] = answer.groups;
  refuseError(`the offsets of the group '${id}'`, group?.errorCode ?? ErrorCode.NONE);
  return (group?.topics ?? []).flatMap(({ name: topic, partitions }) =>
    partitions.flatMap(
      ({ partitionIndex: partition, committedOffset, committedLeaderEpoch, metadata, errorCode }) => {
        refuseError(`the offset of '${id}' in ${topic}-${partition}`, errorCode);
        const row = {
          topic,
          partition,
          committedOffset,
          leaderEpoch: committedLeaderEpoch,
          metadata: metadata ?? "",
        };
        return committedOffset < 0 ? [] : [row];
      },
    )
  ).sort((a, b) => byTopic(a, b) || a.partition - b.partition);
}
