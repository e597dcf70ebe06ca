/**
 * Proves our codecs against Kafka's own message classes, both ways:
 *
 *     deno task wire [SEED [COUNT]]
 *
 * Kafka writes COUNT random instances of every message at every version; we decode them, compare the values with
 * Kafka's JSON of them, encode them again and want the same bytes. Then we write as many, and Kafka reads them and
 * writes them again. Every instance is decided by the seed, which is printed. Exits 1 on any difference.
 */
import { readMessages } from "../../codegen/generate.ts";
import { sourceFileName } from "../../codegen/import_specs.ts";
import { int64Forms } from "../../codegen/int64_forms.ts";
import type { Message } from "../../codegen/model.ts";
import { versionsOf } from "../../codegen/version_range.ts";
import type { DataCodec } from "../../src/protocol/codec.ts";
import { allMessages } from "../../src/protocol/generated/all_messages.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { differenceFromJson } from "./compare_json.ts";
import { randomMessage } from "./random_message.ts";
import { SeededRandom } from "./seeded_random.ts";

const project = "tests/wire";
const scratch = `${project}/target`;
const specsDirectory = "kafka-message-specs";
const planFile = `${scratch}/plan.txt`;
const shownDifferences = 20;

interface Outcome {
  readonly instances: number;
  readonly differences: number;
}

interface Subject {
  readonly message: Message;
  readonly codec: DataCodec<unknown>;
}

const seed = Number(Deno.args[0] ?? 1);
const count = Number(Deno.args[1] ?? 20);
if (!Number.isInteger(seed) || !Number.isInteger(count) || count < 1) {
  console.error("usage: wire_proof.ts [SEED [COUNT]]");
  Deno.exit(2);
}

const kafkaVersion = await checkVersions();
await run("mvn", ["--batch-mode", "--quiet", `--file=${project}/pom.xml`, "process-classes"], [0]);
const subjects = await findSubjects();
await Deno.writeTextFile(planFile, planOf(subjects));
const theirs = await readTheirs(subjects);
const ours = await writeOurs(subjects);

const versions = subjects.reduce((sum, { message }) => sum + versionsOf(message.versions).length, 0);
const differences = theirs.differences + ours.differences;
const instances = theirs.instances + ours.instances;
if (instances !== versions * 2 * count) {
  throw new Error(`${instances} instances are not all that were wanted`);
}
console.log(
  `Kafka ${kafkaVersion}, seed ${seed}: ${subjects.length} messages, ${
    versions * 2
  } (message, version, direction) ` +
    `triples, ${instances} instances, ${differences} differences`,
);
if (differences > 0) Deno.exit(1);

/** The Java side must be of the release that the specs are of. */
async function checkVersions(): Promise<string> {
  const source: { kafkaVersion: string } = JSON.parse(
    await Deno.readTextFile(`${specsDirectory}/${sourceFileName}`),
  );
  const pom = await Deno.readTextFile(`${project}/pom.xml`);
  const pinned = /<kafka\.version>(.*?)<\/kafka\.version>/.exec(pom)?.[1];
  if (pinned !== source.kafkaVersion) {
    throw new Error(`${project}/pom.xml is for Kafka ${pinned}, the specs are of ${source.kafkaVersion}`);
  }
  return source.kafkaVersion;
}

async function findSubjects(): Promise<Subject[]> {
  const messages = await readMessages(specsDirectory);
  return messages.map((message) => {
    const codec = allMessages.find((candidate) => candidate.name === message.name);
    if (codec === undefined) throw new Error(`${message.name} has no codec; run "deno task codegen"`);
    return { message, codec };
  });
}

function planOf(subjects: readonly Subject[]): string {
  const messages = subjects.map(({ message: { name, type, versions } }) =>
    `message ${name} ${type} ${versions.min} ${versions.max}`
  );
  const bigints = Object.keys(int64Forms).filter((path) => int64Forms[path] === "bigint");
  return [...messages, ...bigints.map((path) => `bigint ${path}`)].join("\n") + "\n";
}

async function readTheirs(subjects: readonly Subject[]): Promise<Outcome> {
  const file = `${scratch}/theirs.bin`;
  await runJava(["generate", planFile, file, String(seed), String(count)], [0]);
  const bytes = await Deno.readFile(file);
  const frames = new Reader().reset(bytes);
  let instances = 0;
  let differences = 0;
  while (frames.remaining > 0) {
    const subject = subjects[frames.int16()];
    const version = frames.int16();
    const json: unknown = JSON.parse(new TextDecoder().decode(frames.bytes(false)));
    const message = new Uint8Array(frames.bytes(false));
    if (subject === undefined) throw new Error("a frame is not of the plan");
    instances++;
    const difference = checkTheirs(subject.codec, version, json, message);
    if (difference === null) continue;
    differences++;
    if (differences <= shownDifferences) {
      console.log(`theirs: ${subject.codec.name} v${version}: ${difference}`);
    }
  }
  return { instances, differences };
}

function checkTheirs(
  codec: DataCodec<unknown>,
  version: number,
  json: unknown,
  bytes: Uint8Array<ArrayBuffer>,
): string | null {
  const reader = new Reader().reset(bytes);
  const writer = new Writer();
  try {
    const decoded = codec.decode(reader, version);
    if (reader.remaining > 0) return `${reader.remaining} bytes are left over`;
    const difference = differenceFromJson(json, decoded);
    if (difference !== null) return difference;
    codec.encode(writer, decoded, version);
  } catch (error) {
    return String(error);
  }
  const written = writer.bytes();
  const isSame = written.length === bytes.length && written.every((byte, index) => byte === bytes[index]);
  return isSame ? null : `is written with other bytes: ${written.toHex()} instead of ${bytes.toHex()}`;
}

async function writeOurs(subjects: readonly Subject[]): Promise<Outcome> {
  const file = `${scratch}/ours.bin`;
  const random = new SeededRandom(seed);
  const frames = new Writer();
  const writer = new Writer();
  subjects.forEach(({ message, codec }, index) => {
    for (const version of versionsOf(message.versions)) {
      for (let left = count; left > 0; left--) {
        codec.encode(writer.reset(), randomMessage(message, version, random), version);
        frames.int16(index);
        frames.int16(version);
        frames.bytesField(writer.bytes(), false);
      }
    }
  });
  await Deno.writeFile(file, frames.bytes());
  const output = await runJava(["verify", planFile, file], [0, 1]);
  const lines = output.trimEnd().split("\n");
  for (const line of lines.slice(0, -1).slice(0, shownDifferences)) console.log(`ours: ${line}`);
  const [word, instances, differences] = (lines.at(-1) ?? "").split(" ");
  if (word !== "verified") throw new Error(`the Java side did not finish: ${lines.at(-1)}`);
  return { instances: Number(instances), differences: Number(differences) };
}

async function runJava(args: readonly string[], accepted: readonly number[]): Promise<string> {
  const classPath = `${scratch}/classes:${scratch}/lib/*`;
  return await run("java", ["-cp", classPath, "wire.Main", ...args], accepted);
}

async function run(
  command: string,
  args: readonly string[],
  accepted: readonly number[] = [0],
): Promise<string> {
  const child = new Deno.Command(command, { args: [...args], stdout: "piped", stderr: "piped" });
  const { code, stdout, stderr } = await child.output();
  const output = new TextDecoder().decode(stdout);
  if (!accepted.includes(code)) {
    throw new Error(`${command} ended with ${code}:\n${output}${new TextDecoder().decode(stderr)}`);
  }
  return output;
}
