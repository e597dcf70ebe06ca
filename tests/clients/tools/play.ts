/** Sets the scene on a broker that has no groups yet, and asks Kafka's tools about it. */
import { Kafka, logLevel } from "kafkajs";
import { join } from "node:path";
import { MemberProcess } from "../groups/member_process.ts";
import { History } from "../groups/history.ts";
import { prepareJava } from "../programs.ts";
import { TopicAdmin } from "../topic_admin.ts";
import type { AdminFiles } from "./admin_conversation.ts";
import { toolRuns, type ToolScene } from "./conversation.ts";
import { normalize } from "./normalize.ts";
import { ToolProcess } from "./tool_process.ts";

/** A tool's arguments and what it then printed, without what differs from run to run. */
export interface ToolAnswer {
  readonly title: string;
  readonly lines: readonly string[];
}

const PARTITIONS = 3;
const RECORDS_EACH = 6;
const SETTLE_MS = 120_000;

/** Answers what the tools have printed, in the order of the conversation. */
export async function playTools(bootstrap: string): Promise<ToolAnswer[]> {
  const scratch = await Deno.makeTempDir({ prefix: "klite-tools-" });
  const file = join(scratch, "offsets.csv");
  const deletions = join(scratch, "deletions.json");
  const names = {
    topic: "tools",
    classic: "tools-classic",
    consumer: "tools-consumer",
    empty: "tools-empty",
  };
  const files = await adminFiles(scratch, names.topic);
  const scene: ToolScene = { bootstrap, file, deletions, files, ...names };
  await Deno.writeTextFile(file, `${scene.topic},0,4\n${scene.topic},1,5\n`);
  await Deno.writeTextFile(deletions, deletionsOf(scene));
  await fill(scene);
  const history = new History();
  const members = new MemberProcess(
    await prepareJava("GroupMember"),
    bootstrap,
    (event) => history.add(event),
  );
  try {
    await gather(scene, members, history);
    await using tools = new ToolProcess(await prepareJava("KafkaTools"), bootstrap);
    const answers: ToolAnswer[] = [];
    for (const { title, words } of toolRuns(scene)) {
      const named = (text: string) =>
        text.replaceAll(file, "FILE").replaceAll(deletions, "DELETIONS").replaceAll(scratch, "FILES");
      answers.push({ title: named(title), lines: normalize((await tools.run(words)).map(named)) });
    }
    return answers;
  } finally {
    await members.end();
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Some records of one partition, all of another, and too many of a third. */
function deletionsOf({ topic }: ToolScene): string {
  const partitions = [3, -1, 1000].map((offset, partition) => ({ topic, partition, offset }));
  return JSON.stringify({ version: 1, partitions });
}

/** What tools for partitions read: that partitions stay where they are, go where nobody is, get a leader. */
async function adminFiles(folder: string, topic: string): Promise<AdminFiles> {
  const write = async (name: string, content: unknown) => {
    const file = join(folder, `${name}.json`);
    await Deno.writeTextFile(file, JSON.stringify(content));
    return file;
  };
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition }));
  const to = (replicas: number[]) => ({
    version: 1,
    partitions: partitions.map((place) => ({ ...place, replicas })),
  });
  return {
    topicsToMove: await write("topics", { version: 1, topics: [{ topic }] }),
    reassignment: await write("stay", to([1])),
    strangeReassignment: await write("go", to([2])),
    elections: await write("elect", { partitions }),
  };
}

async function fill({ bootstrap, topic }: ToolScene): Promise<void> {
  const admin = await TopicAdmin.connect(bootstrap);
  await admin.create([{ name: topic, partitions: PARTITIONS }]);
  await admin.close();
  const producer = new Kafka({ clientId: "tools", brokers: [bootstrap], logLevel: logLevel.NOTHING })
    .producer();
  await producer.connect();
  const messages = Array.from(
    { length: PARTITIONS * RECORDS_EACH },
    (_, index) => ({ partition: index % PARTITIONS, key: "key", value: String(index) }),
  );
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

/** Two members of a classic group, one of the consumer protocol, and one that comes, commits and goes. */
async function gather(scene: ToolScene, members: MemberProcess, history: History): Promise<void> {
  const { topic, classic, consumer, empty } = scene;
  members.join({ member: "a", group: classic, topic, mode: "range" });
  members.join({ member: "b", group: classic, topic, mode: "range" });
  members.join({ member: "c", group: consumer, topic, mode: "consumer" });
  members.join({ member: "d", group: empty, topic, mode: "range" });
  const hasCommitted = (names: readonly string[]) => {
    const committed = history.events.filter(({ event, member }) =>
      event === "committed" && names.includes(member)
    );
    const keys = committed.map((event) =>
      event.event === "committed" ? `${event.partition}/${event.offset}` : ""
    );
    return Array.from({ length: PARTITIONS }, (_, partition) => `${partition}/${RECORDS_EACH}`).every((one) =>
      keys.includes(one)
    );
  };
  const isDone = () =>
    [["a", "b"], ["c"], ["d"]].every(hasCommitted) && history.isSettled(["a", "b"], PARTITIONS);
  await until(history, isDone);
  members.leave("d");
  await until(history, () => history.events.some(({ event }) => event === "left"));
}

async function until(history: History, isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + SETTLE_MS;
  while (!isSo()) {
    if (performance.now() > giveUpAt) {
      throw new Error(
        `the groups for the tools did not settle: ${history.describe()} ${history.errors(5).join("; ")}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
