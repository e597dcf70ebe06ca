/**
 * The power of the machine goes, as far as one machine can show that: klite works on a filesystem in a file, and what
 * had reached that file at one moment is all there is afterwards. Whatever the kernel had kept in memory is lost; what
 * a real disk keeps in a cache of its own, and loses although it had promised to write it, is not shown by this.
 */
import { SimRandom } from "../../src/io/sim/random.ts";
import { createTopic } from "../support/requests.ts";
import { WireClient } from "../support/wire_client.ts";
import { DataDir } from "./data_dir.ts";
import { FileSystemInFile } from "./filesystem_in_file.ts";
import { IdempotentWriter } from "./idempotent_writer.ts";
import { checkKept } from "./kept_topics.ts";
import { Mortal } from "./mortal.ts";

const IMAGE_BYTES = 256 * 2 ** 20;
const PARTITIONS = 4;
const LONGEST_LIFE_MS = 1500;

/** What came of it. */
export interface PowerFigures {
  readonly losses: number;
  readonly records: number;
}

/** Loses the power again and again while idempotent producers write; in the end each record is there once, in order. */
export async function powerRun(losses: number, seed: number): Promise<PowerFigures> {
  const random = new SimRandom(seed);
  await using filesystem = await FileSystemInFile.make(IMAGE_BYTES);
  await using dir = DataDir.at(`${filesystem.path}/data`);
  await using mortal = await Mortal.start(dir);
  const topic = await makeTopic(mortal.port);
  const writers = Array.from(
    { length: PARTITIONS },
    (_, partition) => new IdempotentWriter(mortal.port, topic, [partition], random.fork()),
  );
  const working = Promise.all(writers.map((writer) => writer.run()));
  try {
    for (let count = 0; count < losses; count++) {
      await new Promise((resolve) => setTimeout(resolve, random.unit() * LONGEST_LIFE_MS));
      // It acknowledges nothing more; what it has acknowledged has to be in the file.
      Deno.kill(mortal.broker.pid, "SIGSTOP");
      await filesystem.remember();
      await mortal.kill(() => filesystem.goBack());
    }
  } finally {
    for (const writer of writers) writer.stop();
    await working;
  }
  await mortal.kill();
  await using client = await WireClient.connect(mortal.port);
  return { losses, records: await checkKept(client, { topic, kept: "all", writers }) };
}

async function makeTopic(port: number) {
  await using client = await WireClient.connect(port);
  return await createTopic(client, "power", { partitions: PARTITIONS });
}
