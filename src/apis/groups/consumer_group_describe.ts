/**
 * ConsumerGroupDescribe 0–1: groups of the consumer protocol, with what each member
 * has and is to have. 1 says which protocol a member speaks (KIP-1099).
 */
import { groupsOf } from "../../engine/groups/mod.ts";
import { ErrorCode } from "../../base/error_codes.ts";
import type { Assignment, ConsumerMember } from "../../cluster/mod.ts";
import { ConsumerGroup, electAssignor, partitionsOf } from "../../cluster/groups/mod.ts";
import { consumerGroupDescribeRequest } from "../../protocol/generated/consumer_group_describe_request.ts";
import {
  consumerGroupDescribeResponse,
  type ConsumerGroupDescribeResponseDescribedGroupInput,
  type ConsumerGroupDescribeResponseInput,
  type ConsumerGroupDescribeResponseMemberInput,
} from "../../protocol/generated/consumer_group_describe_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, groupOperations, mayOnGroup, seesTopic } from "../rights.ts";

/** From here on there is a field for what protocol a member speaks. */
const MEMBER_TYPE_FROM = 1;
const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

export const consumerGroupDescribe = defineApi({
  request: consumerGroupDescribeRequest,
  response: consumerGroupDescribeResponse,
  async handle(services, request, call): Promise<ConsumerGroupDescribeResponseInput> {
    await call.client.answerTurn();
    const { groupIds, includeAuthorizedOperations } = request;
    return {
      throttleTimeMs: 0,
      // Each once, or a small request for the same large group over and over would have a boundless answer.
      groups: Array.from(new Set(groupIds), (groupId) => {
        const described = describe(services, groupId, call);
        const isAsked = includeAuthorizedOperations && described.errorCode === ErrorCode.NONE;
        return { ...described, authorizedOperations: groupOperations(services, call, isAsked, groupId) };
      }),
    };
  },
});

function describe(
  services: Services,
  groupId: string,
  call: Call,
): ConsumerGroupDescribeResponseDescribedGroupInput {
  const { engine } = services;
  if (!mayOnGroup(services, call, AclOperation.DESCRIBE, groupId)) {
    return problem(groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED, null);
  }
  if (groupId === "") return problem(groupId, ErrorCode.INVALID_GROUP_ID, null);
  const group = engine.state.groups.get(groupId);
  if (!(group instanceof ConsumerGroup)) {
    const because = group === undefined ? "not found" : "is not a consumer group";
    return problem(groupId, ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} ${because}.`);
  }
  const isHidden = (name: string) => !seesTopic(services, call, name);
  if (!services.authorizer.isOpen && topicsOf(engine, group).some(isHidden)) {
    const message = "The group has topics that the client may not describe.";
    return problem(groupId, ErrorCode.TOPIC_AUTHORIZATION_FAILED, message);
  }
  const { assignors } = groupsOf(engine).consumer.limits;
  const infos = Array.from(group.members(), ({ info }) => info);
  return {
    errorCode: ErrorCode.NONE,
    groupId,
    groupState: group.stateName,
    groupEpoch: group.epoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: electAssignor(infos, assignors)?.name ?? "",
    members: Array.from(group.members(), (member) => ({
      ...described(engine, group, member),
      ...(call.version >= MEMBER_TYPE_FROM && {
        memberType: member.info.classic === null ? CONSUMER_MEMBER : CLASSIC_MEMBER,
      }),
    })),
  };
}

/** The names of all topics that members have or are to have. */
function topicsOf({ state }: Services["engine"], group: ConsumerGroup): readonly string[] {
  const ids = new Set<string>();
  for (const member of group.members()) {
    for (const id of partitionsOf(member.assigned, member.revoking).keys()) ids.add(id);
    for (const id of group.target(member.info.id).keys()) ids.add(id);
  }
  return [...ids].flatMap((id) => state.topicById(id)?.name ?? []);
}

function described(
  { state }: Services["engine"],
  group: ConsumerGroup,
  member: ConsumerMember,
): ConsumerGroupDescribeResponseMemberInput {
  const { info } = member;
  const withNames = (assignment: Assignment) => ({
    topicPartitions: Array.from(assignment).flatMap(([topicId, partitions]) => {
      const topicName = state.topicById(topicId)?.name;
      return topicName === undefined ? [] : [{ topicId, topicName, partitions }];
    }),
  });
  return {
    memberId: info.id,
    instanceId: info.instanceId,
    rackId: info.rackId,
    memberEpoch: member.epoch,
    clientId: info.clientId,
    clientHost: info.clientHost,
    subscribedTopicNames: info.topics,
    subscribedTopicRegex: info.pattern,
    // What it is giving up, it may still have.
    assignment: withNames(partitionsOf(member.assigned, member.revoking)),
    targetAssignment: withNames(group.target(info.id)),
  };
}

function problem(
  groupId: string,
  errorCode: ErrorCode,
  errorMessage: string | null,
): ConsumerGroupDescribeResponseDescribedGroupInput {
  return {
    errorCode,
    errorMessage,
    groupId,
    groupState: "",
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: "",
    members: [],
  };
}
