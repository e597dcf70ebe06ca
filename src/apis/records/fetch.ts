/**
 * Fetch 4–18. 5 adds the log start offset, 7 sessions (KIP-227), 9 leader epochs
 * (KIP-320), 11 racks, 12 is flexible and tells of diverging epochs (KIP-595), 13
 * names topics by id (KIP-516), 15 moves the replica id, 16 names endpoints
 * (KIP-951), 17 and 18 are for replicas.
 *
 * Limits are those of KIP-74: the first batch comes even when it is too large.
 * Only this broker holds the partitions, so a replica that fetches is treated as
 * a consumer: it sees what is durable. It needs another right, though: to act for the cluster.
 * Whoever may not read a topic is not told whether it exists, but by its id.
 */
import type { FetchContext, FetchedPartition, Waiting } from "../../engine/mod.ts";
import { type FetchRequest, fetchRequest } from "../../protocol/generated/fetch_request.ts";
import { fetchResponse, type FetchResponseInput } from "../../protocol/generated/fetch_response.ts";
import { type Call, type Client, defineApi, type Handled, type Services } from "../api.ts";
import { AclOperation, mayOnCluster, mayOnTopic } from "../rights.ts";
import type { ColdReads } from "./cold_reads.ts";
import { type FetchLimits, FetchPlan } from "./fetch_plan.ts";

/** From here on topics are named by id. */
const TOPIC_IDS_FROM = 13;
/** From here on a replica says elsewhere who it is. */
const REPLICA_STATE_FROM = 15;
/**
 * Most bytes of one answer, whatever the client allows: memory for answers is
 * bounded by connections times this, and larger ones are no faster.
 */
const FETCH_BYTES_MAX = 8 * 1024 * 1024;
/** The isolation level of readers that do not want to see what is not committed. */
const READ_COMMITTED = 1;
/** A longer wait is cut short: it is then that a client that went away is noticed. */
const WAIT_MS_MAX = 60_000;

export const fetch = defineApi({
  request: fetchRequest,
  response: fetchResponse,
  handle(services, request, call): Handled<FetchResponseInput> | Promise<Handled<FetchResponseInput>> {
    const { engine } = services;
    const byId = call.version >= TOPIC_IDS_FROM;
    const context = engine.fetchSessions.open(
      sessionRequest(services, request, byId),
      engine.clock.monotonicMs(),
    );
    if (typeof context === "number") return { errorCode: context, responses: [] };

    const mayRead = readableBy(services, request, call);
    const make: MakePlan = (read) => planOf(services, context, request, call, { byId, mayRead }, read);
    const wait: Wait = ({ logs }, missingBytes) =>
      engine.fetchWaiters.wait({
        logs,
        context,
        isReadCommitted: request.isolationLevel === READ_COMMITTED,
        missingBytes,
        maxWaitMs: Math.min(request.maxWaitMs, WAIT_MS_MAX),
      });
    const plan = make();
    if (plan.missingBytes > 0 && request.maxWaitMs > 0) {
      call.client.leaveTurn();
      return answerAfter(wait(plan, plan.missingBytes), call, make, wait);
    }
    if (plan.isCold) return withCold(call, make, wait);
    // Where the answer has to wait for a topic's change, what there is then is another than now.
    const isNow = engine.topicsDurable() === null;
    return () => answered(isNow ? plan : make(), call);
  },
});

type ColdByPartition = Awaited<ReturnType<ColdReads["results"]>>;
type MakePlan = (read?: ColdByPartition) => FetchPlan;
type Wait = (plan: FetchPlan, missingBytes: number) => Waiting;

async function answerAfter(
  waiting: Waiting,
  call: Call,
  make: MakePlan,
  wait: Wait,
): Promise<Handled<FetchResponseInput>> {
  await untilDone(waiting, call.client);
  return make().isCold ? withCold(call, make, wait) : () => answered(make(), call);
}

/** Reads what is not in memory first; the rest is looked up again when the answer is formed. */
async function withCold(call: Call, make: MakePlan, wait: Wait): Promise<Handled<FetchResponseInput>> {
  const { client } = call;
  await client.answerTurn();
  const read = await make().readCold().results();
  const plan = make(read);
  if (plan.isEmpty) {
    // Compaction has left nothing up to the end: the client would ask again at once, and again.
    client.leaveTurn();
    await untilDone(wait(plan, 1), client);
  }
  return () => {
    // The answer is encoded, hence copied, before any microtask runs.
    queueMicrotask(() => read.forEach(({ found }) => found?.free()));
    return answered(make(read), call);
  };
}

/** What the plan says, unless the client's quota is used up: then it has to ask again, later. */
function answered(plan: FetchPlan, { charge }: Call): FetchResponseInput {
  const throttleMs = charge?.fetch(plan.bytes) ?? 0;
  return throttleMs > 0 ? plan.throttled(throttleMs) : plan.answer();
}

async function untilDone(waiting: Waiting, client: Client): Promise<void> {
  client.onEnding(waiting.wake);
  await waiting.done;
  client.offEnding(waiting.wake);
}

/** Which topics may be read, by their names. */
function readableBy(services: Services, request: FetchRequest, call: Call): FetchLimits["mayRead"] {
  const replicaId = call.version >= REPLICA_STATE_FROM ? request.replicaState.replicaId : request.replicaId;
  if (replicaId < 0) {
    return (name) => name === undefined || mayOnTopic(services, call, AclOperation.READ, name);
  }
  const mayReplicate = mayOnCluster(services, call, AclOperation.CLUSTER_ACTION);
  return () => mayReplicate;
}

function planOf(
  services: Services,
  context: FetchContext,
  request: FetchRequest,
  { client, charge }: Call,
  reading: Pick<FetchLimits, "byId" | "mayRead">,
  read: ColdByPartition | undefined,
): FetchPlan {
  const maxBytes = Math.min(
    request.maxBytes,
    FETCH_BYTES_MAX,
    client.answerBytesMax,
    charge?.fetchBytesMax ?? Infinity,
  );
  const limits = {
    maxBytes,
    minBytes: Math.min(request.minBytes, maxBytes),
    isReadCommitted: request.isolationLevel === READ_COMMITTED,
    ...reading,
  };
  return new FetchPlan(services.engine, context, limits, read);
}

function sessionRequest({ engine }: Services, request: FetchRequest, usesTopicIds: boolean) {
  const partitions: FetchedPartition[] = [];
  for (const topic of request.topics) {
    for (const asked of topic.partitions) {
      partitions.push({
        topicName: topic.topic,
        topicId: topic.topicId,
        index: asked.partition,
        fetchOffset: asked.fetchOffset,
        maxBytes: asked.partitionMaxBytes,
        currentLeaderEpoch: asked.currentLeaderEpoch,
        lastFetchedEpoch: asked.lastFetchedEpoch,
      });
    }
  }
  const forgotten = request.forgottenTopicsData.flatMap((topic) =>
    topic.partitions.map((index) => ({ topicName: topic.topic, topicId: topic.topicId, index }))
  );
  return {
    sessionId: request.sessionId,
    sessionEpoch: request.sessionEpoch,
    usesTopicIds,
    isReadCommitted: request.isolationLevel === READ_COMMITTED,
    rightsVersion: engine.state.security.acls.version,
    partitions,
    forgotten,
  };
}
