/** Members of groups on kafkajs. */
import { type Consumer, type EachBatchPayload, Kafka, logLevel } from "kafkajs";
import ConsumerGroup from "kafkajs/src/consumer/consumerGroup.js";
import { type JoinOrder, type Member, runMembers, type Told } from "./group_member.ts";

/** The part of kafkajs' inner object of a membership that tells its generation, which no event does. */
interface Membership {
  readonly memberId: string | null;
  readonly generationId: number;
}

const memberships = new Set<Membership>();

function rememberMemberships(): void {
  const { joinAndSync } = ConsumerGroup.prototype;
  ConsumerGroup.prototype.joinAndSync = function (this: Membership): Promise<void> {
    memberships.add(this);
    return joinAndSync.call(this);
  };
}

/** Joins a group and goes on until told to leave. */
async function join(order: JoinOrder, told: Told): Promise<Member> {
  const kafka = new Kafka({
    brokers: [order.bootstrap],
    clientId: order.member,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, retries: 20 },
  });
  const consumer = kafka.consumer({
    groupId: order.group,
    sessionTimeout: 6_000,
    heartbeatInterval: 500,
    rebalanceTimeout: 30_000,
    maxWaitTimeInMs: 100,
  });
  let owned: readonly number[] = [];
  const giveUp = () => {
    told.revoked(owned);
    owned = [];
  };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    owned = payload.memberAssignment[order.topic] ?? [];
    told.owned(generationOf(payload.memberId), owned);
  });
  consumer.on(consumer.events.REBALANCING, giveUp);
  consumer.on(consumer.events.CRASH, ({ payload }) => told.error(payload.error));
  await consumer.connect();
  await consumer.subscribe({ topics: [order.topic], fromBeginning: true });
  const onError = (error: unknown) => {
    told.error(error);
    if (!(error instanceof Error) || !/not aware of this member|generation id is not/.test(error.message)) {
      return;
    }
    // The library tells nobody that it has been thrown out.
    told.lost(owned);
    owned = [];
  };
  await consumer.run({ autoCommit: false, eachBatch: (batch) => process(consumer, batch, told, onError) });
  return {
    leave: async () => {
      await consumer.stop();
      giveUp();
      await consumer.disconnect();
    },
  };
}

function generationOf(memberId: string): number {
  for (const membership of memberships) {
    if (membership.memberId === memberId) return membership.generationId;
  }
  throw new Error(`no membership of ${memberId}`);
}

async function process(
  consumer: Consumer,
  payload: EachBatchPayload,
  told: Told,
  onError: (error: unknown) => void,
): Promise<void> {
  const { topic, partition, messages } = payload.batch;
  if (messages.length === 0 || !payload.isRunning() || payload.isStale()) return;
  const offsets = messages.map(({ offset }) => Number(offset));
  told.processed(partition, offsets);
  const next = (offsets.at(-1) ?? 0) + 1;
  try {
    await consumer.commitOffsets([{ topic, partition, offset: String(next) }]);
    told.committed(partition, next);
  } catch (error) {
    // Thrown on, it would end the consumer; the heartbeat finds out what to do.
    onError(error);
  }
  await payload.heartbeat();
}

rememberMemberships();
await runMembers(join);
