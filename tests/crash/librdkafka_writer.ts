import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { preparePython } from "../clients/programs.ts";
import { readAll, type TopicRef } from "../support/requests.ts";
import type { WireClient } from "../support/wire_client.ts";

const PARTITIONS = 2;
const PROGRAM = fileURLToPath(new URL("librdkafka_writer.py", import.meta.url));

/** librdkafka's idempotent producer, driven by a small Python program, as one more writer of a run. */
export class LibrdkafkaWriter {
  static readonly partitions = PARTITIONS;
  readonly #child: Deno.ChildProcess;
  readonly topic: TopicRef;
  #acknowledged = "";
  #stopping: Promise<void> | null = null;

  private constructor(child: Deno.ChildProcess, topic: TopicRef) {
    this.#child = child;
    this.topic = topic;
  }

  /** Makes the program ready and starts it; `topic` has {@link partitions}. */
  static async start(port: number, topic: TopicRef): Promise<LibrdkafkaWriter> {
    const { command: [python = ""] } = await preparePython("confluent_client.py", "confluent-kafka");
    const child = new Deno.Command(python, {
      args: [PROGRAM, `127.0.0.1:${port}`, topic.name, String(PARTITIONS)],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new LibrdkafkaWriter(child, topic);
  }

  /** The program ends when its input does. */
  stop(): void {
    this.#stopping ??= this.#child.stdin.close();
  }

  /** Rejects when a record could not be delivered. */
  async run(): Promise<void> {
    const { success, stdout, stderr } = await this.#child.output();
    await this.#stopping;
    if (!success) throw new Error(`librdkafka failed:\n${new TextDecoder().decode(stderr)}`);
    this.#acknowledged = new TextDecoder().decode(stdout);
  }

  /** Each record that was acknowledged is there, once, in order, at its offset; answers how many there are. */
  async check(client: WireClient): Promise<number> {
    let total = 0;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const records = await readAll(client, this.topic, partition);
      for (const [index, { offset, value }] of records.entries()) {
        assert.equal(offset, index);
        assert.equal(
          value?.split(":")[0],
          `${partition}/${index}`,
          `record ${index} of partition ${partition}`,
        );
      }
      total += records.length;
    }
    const acknowledged = this.#acknowledged.trimEnd().split("\n").filter((line) => line !== "");
    for (const line of acknowledged) {
      const [partition, number, offset] = line.split(" ");
      assert.equal(offset, number, `the offset told for record ${number} of partition ${partition}`);
    }
    assert.equal(acknowledged.length, total, "all that was sent was acknowledged in the end");
    assert.ok(total > 0, "librdkafka has written");
    return total;
  }
}
