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
import { defineApi, type Services } from "../api.ts";
import { Pauses } from "../../engine/mod.ts";
import { repeated } from "./repeated.ts";

type Result = DeleteTopicsResponseDeletableTopicResultInput;
interface Asked {
  readonly name: string | null;
  readonly topicId: string;
}

/** From here on topics come with a name or an id. */
const BY_ID_FROM = 6;

export const deleteTopics = defineApi({
  request: deleteTopicsRequest,
  response: deleteTopicsResponse,
  async handle(services, request, { version }): Promise<DeleteTopicsResponseInput> {
    const asked: readonly Asked[] = version >= BY_ID_FROM
      ? request.topics
      : request.topicNames.map((name) => ({ name, topicId: zeroUuid }));
    // A topic may be asked for by its name and by its id.
    const { state } = services.engine;
    const keyOf = ({ name, topicId }: Asked) => name ?? state.topicById(topicId)?.name ?? topicId;
    const keys = asked.map(keyOf);
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
        twice.has(key) ? invalid(topic, "Duplicate topic in the request.") : await remove(services, topic),
      );
    }
    return { responses };
  },
});

async function remove({ engine }: Services, asked: Asked): Promise<Result> {
  const { name, topicId } = asked;
  if (name !== null && topicId !== zeroUuid) {
    return invalid(asked, "You may not specify both topic name and topic id.");
  }
  if (name === null && topicId === zeroUuid) {
    return invalid(asked, "Neither topic name nor id were specified.");
  }
  const topic = name === null ? engine.state.topicById(topicId) : engine.state.topic(name);
  const refusal = await engine.execute((state) =>
    decideDeleteTopic(state, name === null ? { id: topicId } : { name })
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
