import { createHash } from "node:crypto";
import { readJar } from "./jar.ts";

/** Where the committed specs came from: the contents of `source.json`. */
export interface SpecSource {
  /** The Kafka release, for example `4.3.1`. */
  readonly kafkaVersion: string;
  /** The Maven coordinates of the jar. */
  readonly artifact: string;
  /** SHA-256 of the jar, in hex. */
  readonly sha256: string;
}

/** The name of the file that carries a {@link SpecSource}. */
export const sourceFileName = "source.json";

const specPath = /^common\/message\/(\w+)\.json$/;

/** The order in which facts are written. A key in neither list stops the import: it may change the wire format. */
const messageKeys = [
  "apiKey",
  "type",
  "listeners",
  "name",
  "validVersions",
  "latestVersionUnstable",
  "flexibleVersions",
  "commonStructs",
  "fields",
];
const fieldKeys = [
  "name",
  "type",
  "versions",
  "nullableVersions",
  "taggedVersions",
  "tag",
  "flexibleVersions",
  "default",
  "ignorable",
  "entityType",
  "mapKey",
  "zeroCopy",
  "fields",
];
const proseKeys = ["about"];

/**
 * Fetches the `kafka-clients` jar of a Kafka release with the Maven client and writes the facts of every message
 * spec in it to `specsDirectory`: field names, types, versions, defaults; no prose and no licence text, which
 * would be the work of others. Returns the number of messages.
 */
export async function importSpecs(kafkaVersion: string, specsDirectory: string): Promise<number> {
  if (!/^\d+\.\d+\.\d+$/.test(kafkaVersion)) throw new Error(`not a Kafka release: ${kafkaVersion}`);
  const artifact = `org.apache.kafka:kafka-clients:${kafkaVersion}`;
  const downloads = `${specsDirectory}/.download`;
  let jar: Uint8Array;
  try {
    await fetchJar(artifact, downloads);
    jar = await Deno.readFile(`${downloads}/kafka-clients-${kafkaVersion}.jar`);
  } finally {
    await Deno.remove(downloads, { recursive: true });
  }
  const files = factsOfJar(jar);
  const source: SpecSource = {
    kafkaVersion,
    artifact,
    sha256: createHash("sha256").update(jar).digest("hex"),
  };
  files.set(sourceFileName, JSON.stringify(source, null, 2) + "\n");
  await replaceFiles(specsDirectory, files);
  return files.size - 1;
}

async function fetchJar(artifact: string, directory: string): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  const maven = new Deno.Command("mvn", {
    args: [
      "--batch-mode",
      "--quiet",
      "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${directory}`,
    ],
    stdout: "inherit",
    stderr: "inherit",
  });
  const { success, code } = await maven.spawn().status;
  if (!success) throw new Error(`mvn could not fetch ${artifact} (exit code ${code})`);
}

async function replaceFiles(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  for await (const entry of Deno.readDir(directory)) {
    if (entry.name.endsWith(".json") && !files.has(entry.name)) {
      await Deno.remove(`${directory}/${entry.name}`);
    }
  }
  for (const [name, text] of files) await Deno.writeTextFile(`${directory}/${name}`, text);
}

/** The facts of every message spec in a jar, as file contents by file name. */
export function factsOfJar(jar: Uint8Array): Map<string, string> {
  const files = new Map<string, string>();
  for (const [path, text] of readJar(jar, (name) => specPath.test(name))) {
    const fileName = path.slice(path.lastIndexOf("/") + 1);
    try {
      files.set(fileName, factsOf(text));
    } catch (error) {
      throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  if (files.size === 0) throw new Error("the jar holds no message specs");
  return files;
}

/** The facts of one spec file in the form that is committed. */
export function factsOf(text: string): string {
  const spec: unknown = JSON.parse(stripComments(text));
  return writeObject(asObject(spec), messageKeys, 0) + "\n";
}

/** Blanks out `//` comments, which the specs use though JSON has none. Quoted text is left alone. */
export function stripComments(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (part) => part.startsWith('"') ? part : "");
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("expected an object");
  }
  return value as Readonly<Record<string, unknown>>;
}

function writeObject(
  object: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  depth: number,
): string {
  for (const key of Object.keys(object)) {
    if (!keys.includes(key) && !proseKeys.includes(key)) {
      throw new Error(`unknown key ${JSON.stringify(key)}`);
    }
  }
  const inner = "  ".repeat(depth + 1);
  const present = keys.filter((key) => object[key] !== undefined);
  const parts = present.map((key) => `${JSON.stringify(key)}: ${writeValue(key, object[key], depth + 1)}`);
  // A field without fields of its own is one line: a spec then reads as a table.
  if (depth > 0 && object["fields"] === undefined) return `{ ${parts.join(", ")} }`;
  return `{\n${parts.map((part) => inner + part).join(",\n")}\n${"  ".repeat(depth)}}`;
}

function writeValue(key: string, value: unknown, depth: number): string {
  if (key !== "fields" && key !== "commonStructs") return JSON.stringify(value);
  if (!Array.isArray(value)) throw new Error(`${key} is not a list`);
  if (value.length === 0) return "[]";
  const inner = "  ".repeat(depth + 1);
  const items = value.map((item) => inner + writeObject(asObject(item), fieldKeys, depth + 1));
  return `[\n${items.join(",\n")}\n${"  ".repeat(depth)}]`;
}
