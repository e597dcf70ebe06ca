/** CreatePartitions 0–3 (KIP-195). Each topic of a request succeeds or fails on its own. */
import { ErrorCode } from "../../base/error_codes.ts";
import { decideCreatePartitions, type Refusal } from "../../cluster/mod.ts";
import { createPartitionsRequest } from "../../protocol/generated/create_partitions_request.ts";
import {
  createPartitionsResponse,
  type CreatePartitionsResponseCreatePartitionsTopicResultInput,
  type CreatePartitionsResponseInput,
} from "../../protocol/generated/create_partitions_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnTopic } from "../rights.ts";
import { Pauses } from "../../engine/mod.ts";
import { paid } from "./paid_changes.ts";
import { repeated } from "./repeated.ts";

/** From here on what is beyond the client's quota is refused (KIP-599). */
const STRICT_FROM = 3;

export const createPartitions = defineApi({
  request: createPartitionsRequest,
  response: createPartitionsResponse,
  async handle(services, request, call): Promise<CreatePartitionsResponseInput> {
    const { engine, settings } = services;
    const twice = repeated(request.topics.map((topic) => topic.name));
    const results: CreatePartitionsResponseCreatePartitionsTopicResultInput[] = [...twice].map((name) => ({
      name,
      errorCode: ErrorCode.INVALID_REQUEST,
      errorMessage: "Duplicate topic in request.",
    }));
    const pauses = new Pauses(engine.clock);
    for (const topic of request.topics) {
      if (twice.has(topic.name)) continue;
      await pauses.next();
      if (!mayOnTopic(services, call, AclOperation.ALTER, topic.name)) {
        results.push({ name: topic.name, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED });
        continue;
      }
      const command = {
        name: topic.name,
        totalCount: topic.count,
        assignments: topic.assignments?.map(({ brokerIds }) => brokerIds) ?? null,
      };
      const decide = paid(
        call,
        STRICT_FROM,
        (state) => decideCreatePartitions(state, command, settings.topicLimits),
      );
      let refusal: Refusal | null;
      if (request.validateOnly) {
        const decision = decide(engine.state);
        refusal = "error" in decision ? decision : null;
      } else {
        refusal = await engine.execute(decide);
      }
      results.push({
        name: topic.name,
        errorCode: refusal?.error ?? ErrorCode.NONE,
        errorMessage: refusal?.message ?? null,
      });
    }
    return { throttleTimeMs: 0, results };
  },
});
