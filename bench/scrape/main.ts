/**
 * What scraping costs the broker: the CPU time of answers to `/metrics` with many topics, partitions and groups, and
 * which share of the event loop that is at the interval at which Prometheus asks. `deno run -A bench/scrape/main.ts`.
 */
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import { freePort } from "../../tests/support/broker_ready.ts";
import { BrokerProcess } from "../../tests/support/broker_process.ts";
import { produce, textBatch } from "../../tests/support/requests.ts";
import { WireClient } from "../../tests/support/wire_client.ts";

const TOPICS = 2000;
const TOPICS_PER_REQUEST = 200;
const PARTITIONS = 5;
const GROUPS = 500;
const SCRAPES = 40;
const PAUSE_MS = 250;
/** Prometheus' own default is a minute; most ask four times as often. */
const INTERVAL_MS = 15_000;
const WARM_UP_SCRAPES = 5;
const SHARE_MAX = 0.01;

async function fill(client: WireClient): Promise<void> {
  const names = Array.from({ length: TOPICS }, (_, index) => `topic-${index}`);
  for (let from = 0; from < TOPICS; from += TOPICS_PER_REQUEST) {
    await client.send(createTopicsRequest, createTopicsResponse, 7, {
      topics: names.slice(from, from + TOPICS_PER_REQUEST).map((name) => {
        return { name, numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs: [] };
      }),
      timeoutMs: 60_000,
    });
  }
  for (const name of names) await produce(client, { name, topicId: "" }, textBatch(["a record"]));
  for (let group = 0; group < GROUPS; group++) {
    await client.send(offsetCommitRequest, offsetCommitResponse, 8, {
      groupId: `group-${group}`,
      memberId: "",
      generationIdOrMemberEpoch: -1,
      topics: names.slice(group, group + 10).map((name) => ({
        name,
        partitions: [{ partitionIndex: 0, committedOffset: 0, committedMetadata: null }],
      })),
    });
  }
}

/** CPU seconds that the broker takes while `each` happens so many times, with a pause behind each. */
async function cpuOf(broker: BrokerProcess, count: number, each: () => Promise<void>): Promise<number> {
  const before = broker.cpuSeconds();
  for (let done = 0; done < count; done++) {
    await each();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return broker.cpuSeconds() - before;
}

const healthPort = freePort();
const broker = await BrokerProcess.start({ flags: ["--health-addr", `127.0.0.1:${healthPort}`] });
try {
  const client = await WireClient.connect(broker.port);
  await fill(client);
  let bytes = 0;
  const scrape = async (): Promise<void> => {
    bytes = (await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text()).length;
  };
  const before = broker.residentBytes();
  for (let done = 0; done < WARM_UP_SCRAPES; done++) await scrape();
  const idle = await cpuOf(broker, SCRAPES, () => Promise.resolve());
  const scraping = await cpuOf(broker, SCRAPES, scrape);
  const scrapeMs = Math.max(0, scraping - idle) / SCRAPES * 1000;
  const share = scrapeMs / INTERVAL_MS;
  console.log(`${TOPICS} topics of ${PARTITIONS} partitions, ${GROUPS} groups: an answer of ${bytes} bytes`);
  console.log(
    `CPU of a scrape: ${scrapeMs.toFixed(1)} ms; every 15 s ${(share * 100).toFixed(2)} % of the loop`,
  );
  console.log(`memory for it: ${((broker.residentBytes() - before) / 2 ** 20).toFixed(1)} MiB`);
  await client[Symbol.asyncDispose]();
  if (share > SHARE_MAX) Deno.exitCode = 1;
} finally {
  await broker.stop();
}
