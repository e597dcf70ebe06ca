/**
 * `deno run -A bench/quotas/main.ts [seconds]`: how exactly klite holds a producer to its rate, and what becomes of one
 * beside it that has none. The unlimited one runs all the time; the limited one sends as fast as it is let in the
 * middle. Prints both rates: of the limited one by what the quota counts, which is whole requests, once it has used up
 * what a client may have at first; of the other one with and without the limited one beside it, by the median of its
 * seconds.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { alterClientQuotasRequest } from "../../src/protocol/generated/alter_client_quotas_request.ts";
import { alterClientQuotasResponse } from "../../src/protocol/generated/alter_client_quotas_response.ts";
import { BrokerProcess } from "../../tests/support/broker_process.ts";
import { WireClient } from "../../tests/support/wire_client.ts";
import { type RepeatedBatch, repeatedBatch } from "../load/batches.ts";
import type { Target } from "../load/job.ts";
import { PipelinedProducer } from "../load/producer.ts";
import { createTopic } from "../load/topic.ts";
import { median } from "../measure/statistics.ts";

const LIMIT_BYTES_PER_SECOND = 1_000_000;
const LIMITED = "limited";
const TOPIC = "bench-quotas";
/** Ten windows' worth may come at once at first; it takes as long until the average has settled. */
const SETTLE_MS = 15_000;
/** What a Produce request has beside its batch, within a byte or two. */
const REQUEST_OVERHEAD_BYTES = 70;

const seconds = Number(Deno.args[0] ?? 30);
if (!(seconds > 0)) throw new RangeError("usage: bench/quotas/main.ts [seconds]");

const broker = await BrokerProcess.start({});
try {
  const target = { host: "127.0.0.1", port: broker.port, pids: [broker.pid], dataDir: broker.dir };
  await createTopic(target, TOPIC, 2);
  await setQuota(broker.port);

  const small = repeatedBatch({ recordsPerBatch: 1, recordBytes: 1024, compression: null });
  const free = await begin(target, 0, small);
  await sleep(3000);
  const before = await observe(free, seconds / 2);
  const large = repeatedBatch({ recordsPerBatch: 15, recordBytes: 1024, compression: null });
  const limited = await begin(target, 1, large, LIMITED);
  await sleep(SETTLE_MS);
  const [beside, held] = await Promise.all([observe(free, seconds), limited.rates(seconds)]);
  limited.stop();
  const behind = await observe(free, seconds / 2);
  free.stop();

  const percent = (part: number, whole: number) => `${(100 * part / whole).toFixed(1)} %`;
  const heldRate = held.reduce((sum, rate) => sum + rate, 0) / held.length;
  console.log(
    `limited to ${LIMIT_BYTES_PER_SECOND} bytes a second, over ${seconds} s: ${
      Math.round(heldRate)
    } a second, ` +
      `${percent(heldRate, LIMIT_BYTES_PER_SECOND)} of its limit`,
  );
  const alone = median([...before.rates, ...behind.rates]);
  for (const [when, { rates, cpuMicroseconds }] of Object.entries({ before, beside, behind })) {
    console.log(
      `unlimited, ${when}: ${Math.round(median(rates) / small.bytes.length)} requests of 1 KiB a second ` +
        `(median of its seconds), ${cpuMicroseconds.toFixed(1)} us of the broker's CPU each`,
    );
  }
  console.log(`unlimited beside the limited one: ${percent(median(beside.rates), alone)} of its rate alone`);
} finally {
  await broker.kill();
}
Deno.exit(0);

/** What the broker's CPU time comes to for each request of the unlimited one: it tells more than rates where others run, too. */
async function observe(
  running: Running,
  seconds: number,
): Promise<{ rates: number[]; cpuMicroseconds: number }> {
  const cpuBefore = broker.cpuSeconds();
  const requestsBefore = running.requests();
  const rates = await running.rates(seconds);
  const cpuSeconds = broker.cpuSeconds() - cpuBefore;
  return { rates, cpuMicroseconds: 1e6 * cpuSeconds / (running.requests() - requestsBefore) };
}

interface Running {
  /** Those that were answered. */
  requests(): number;
  /** Bytes of requests in each of the next seconds. */
  rates(seconds: number): Promise<number[]>;
  stop(): void;
}

async function begin(
  target: Target,
  partition: number,
  batch: RepeatedBatch,
  clientId?: string,
): Promise<Running> {
  let requests = 0;
  let isOver = false;
  const producer = await PipelinedProducer.open(target, {
    topic: TOPIC,
    partitions: [partition],
    batch,
    identity: null,
    inFlight: 8,
    ...(clientId !== undefined && { clientId }),
    onAck: () => requests++,
    mayGoOn: () => !isOver,
  });
  await producer.prime();
  const ended = producer.run();
  return {
    requests: () => requests,
    rates: async (seconds) => {
      const rates: number[] = [];
      while (rates.length < seconds) {
        const [first, beganMs] = [requests, performance.now()];
        await Promise.race([sleep(1000), ended]);
        const bytes = (requests - first) * (batch.bytes.length + REQUEST_OVERHEAD_BYTES);
        rates.push(bytes * 1000 / (performance.now() - beganMs));
      }
      return rates;
    },
    stop: () => isOver = true,
  };
}

async function setQuota(port: number): Promise<void> {
  await using client = await WireClient.connect(port);
  const { entries } = await client.send(alterClientQuotasRequest, alterClientQuotasResponse, 1, {
    entries: [{
      entity: [{ entityType: "client-id", entityName: LIMITED }],
      ops: [{ key: "producer_byte_rate", value: LIMIT_BYTES_PER_SECOND, remove: false }],
    }],
    validateOnly: false,
  });
  if (entries.some(({ errorCode }) => errorCode !== 0)) throw new Error("the quota cannot be set");
}
