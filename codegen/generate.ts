import { emitMessage } from "./emit_message.ts";
import { emitAllMessages, emitApiKeys } from "./emit_table.ts";
import { sourceFileName } from "./import_specs.ts";
import { int64Forms } from "./int64_forms.ts";
import type { Message } from "./model.ts";
import { snakeCase } from "./names.ts";
import { parseSpec } from "./parse_spec.ts";

/** Parses every spec of a directory, in the order of message names; messages without versions are left out. */
export async function readMessages(specsDirectory: string): Promise<Message[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(specsDirectory)) {
    if (entry.name.endsWith(".json") && entry.name !== sourceFileName) names.push(entry.name);
  }
  const messages: Message[] = [];
  for (const name of names.sort()) {
    const message = parseSpec(JSON.parse(await Deno.readTextFile(`${specsDirectory}/${name}`)), int64Forms);
    if (message !== null) messages.push(message);
  }
  const known = new Set(messages.map((message) => message.name));
  for (const path of Object.keys(int64Forms)) {
    if (!known.has(path.slice(0, path.indexOf(".")))) {
      throw new Error(`int64_forms.ts: no message has ${path}`);
    }
  }
  return messages;
}

/**
 * Writes the codecs of all messages to `outputDirectory`, formatted, and removes what is not one of them.
 * With `check` nothing there is touched. Returns the number of files, and which differ from what was there.
 */
export async function generate(
  specsDirectory: string,
  outputDirectory: string,
  options: { readonly check: boolean },
): Promise<{ files: number; changed: string[] }> {
  const messages = await readMessages(specsDirectory);
  const files = new Map(messages.map((message) => [`${snakeCase(message.name)}.ts`, emitMessage(message)]));
  files.set("all_messages.ts", emitAllMessages(messages));
  files.set("api_key.ts", emitApiKeys(messages));
  const formatted = await format(files);
  const present = await readFiles(outputDirectory);
  const changed = [...new Set([...formatted.keys(), ...present.keys()])]
    .filter((name) => formatted.get(name) !== present.get(name))
    .sort();
  if (!options.check) {
    await Deno.mkdir(outputDirectory, { recursive: true });
    for (const name of changed) {
      const text = formatted.get(name);
      if (text === undefined) await Deno.remove(`${outputDirectory}/${name}`);
      else await Deno.writeTextFile(`${outputDirectory}/${name}`, text);
    }
  }
  return { files: formatted.size, changed };
}

/** Where generated code waits to be formatted. It is gone afterwards. */
const scratch = "codegen/.scratch";

/** Formats by the project's own rules. */
async function format(files: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  await Deno.mkdir(scratch, { recursive: true });
  try {
    for (const [name, text] of files) await Deno.writeTextFile(`${scratch}/${name}`, text);
    const formatter = new Deno.Command("deno", { args: ["fmt", "--quiet", scratch], stderr: "inherit" });
    const { success } = await formatter.output();
    if (!success) throw new Error("deno fmt did not accept the generated code");
    return await readFiles(scratch);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function readFiles(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  try {
    for await (const entry of Deno.readDir(directory)) {
      files.set(entry.name, await Deno.readTextFile(`${directory}/${entry.name}`));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files;
}
