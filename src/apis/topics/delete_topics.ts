/**
 * DeleteTopics 1–6. 6 deletes by topic id, too (KIP-516). What a deleted topic
 * held is unreachable at once; its bytes go when their log segment goes.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { decideDeleteTopic } from "../../cluster/mod.ts";
import { zeroUuid } from "../../protocol/mod.ts";
import { deleteTopicsRequest } from "../../protocol/generated/delete_topics_request.ts";
import {
  deleteTopicsResponse,
  type DeleteTopicsResponseDeletableTopicResultInput,
  type DeleteTopicsResponseInput,
} from "../../protocol/generated/delete_topics_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnTopic, mayQuietlyOnCluster } from "../rights.ts";
import { Pauses } from "../../engine/mod.ts";
import { paid } from "./paid_changes.ts";
import { repeated } from "./repeated.ts";

type Result = DeleteTopicsResponseDeletableTopicResultInput;
interface Asked {
  readonly name: string | null;
  readonly topicId: string;
}

/** From here on topics come with a name or an id. */
const BY_ID_FROM = 6;
/** From here on what is beyond the client's quota is refused (KIP-599). */
const STRICT_FROM = 5;

export const deleteTopics = defineApi({
  request: deleteTopicsRequest,
  response: deleteTopicsResponse,
  async handle(services, request, call): Promise<DeleteTopicsResponseInput> {
    const asked: readonly Asked[] = call.version >= BY_ID_FROM
      ? request.topics
      : request.topicNames.map((name) => ({ name, topicId: zeroUuid }));
    // A topic may be asked for by its name and by its id, which is told to those alone who may delete it.
    const { state } = services.engine;
    const mayDeleteAll = mayQuietlyOnCluster(services, call, AclOperation.DELETE);
    const refusals = asked.map((topic) => mayDeleteAll ? null : refuse(services, call, topic));
    const keys = asked.map(({ name, topicId }, index) => {
      const isHidden = refusals[index] !== null;
      return name ?? (isHidden ? topicId : state.topicById(topicId)?.name ?? topicId);
    });
    const twice = repeated(keys);
    const answered = new Set<string>();
    const responses: Result[] = [];
    const pauses = new Pauses(services.engine.clock);
    for (const [index, topic] of asked.entries()) {
      await pauses.next();
      const key = keys[index] ?? "";
      if (answered.has(key)) continue;
      answered.add(key);
      responses.push(
        twice.has(key)
          ? invalid(topic, "Duplicate topic in the request.")
          : refusals[index] ?? await remove(services, topic, call),
      );
    }
    return { responses };
  },
});

/** The answer to somebody who may not delete the topic: by an id they are told its name if they may see it. */
function refuse(services: Services, call: Call, { name, topicId }: Asked): Result | null {
  if ((name === null) === (topicId === zeroUuid)) return null;
  const found = name ?? services.engine.state.topicById(topicId)?.name;
  // That an id is unknown may be known, that a name is may not.
  if (found === undefined) return null;
  const isSeen = mayOnTopic(services, call, AclOperation.DESCRIBE, found);
  if (isSeen && services.engine.state.topic(found) === undefined) return null;
  if (isSeen && mayOnTopic(services, call, AclOperation.DELETE, found)) return null;
  return {
    name: isSeen ? found : name,
    topicId,
    errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    errorMessage: "Topic authorization failed.",
  };
}

async function remove({ engine }: Services, asked: Asked, call: Call): Promise<Result> {
  const { name, topicId } = asked;
  if (name !== null && topicId !== zeroUuid) {
    return invalid(asked, "You may not specify both topic name and topic id.");
  }
  if (name === null && topicId === zeroUuid) {
    return invalid(asked, "Neither topic name nor id were specified.");
  }
  const topic = name === null ? engine.state.topicById(topicId) : engine.state.topic(name);
  const refusal = await engine.execute(
    paid(call, STRICT_FROM, (state) => decideDeleteTopic(state, name === null ? { id: topicId } : { name })),
  );
  return {
    name: topic?.name ?? name,
    topicId: topic?.id ?? topicId,
    errorCode: refusal?.error ?? ErrorCode.NONE,
    errorMessage: refusal?.message ?? null,
  };
}

function invalid({ name, topicId }: Asked, errorMessage: string): Result {
  return { name, topicId, errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}
