/** The permission set `broker` of deno.json and the task that uses it, put where a test may run them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Names as in deno.json. */
export interface PermissionSet {
  readonly net: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly env: readonly string[];
}

/** A kind of permission. */
export type PermissionKind = keyof PermissionSet;

/** What the addresses and folders of deno.json are in a test. */
export type Places = ReadonlyMap<string, string>;

interface Config {
  readonly tasks: Readonly<Record<string, string>>;
  readonly permissions: { readonly broker: PermissionSet };
}

async function readConfig(): Promise<Config> {
  return JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
}

/** The set that is shipped. */
export async function shippedSet(): Promise<PermissionSet> {
  return (await readConfig()).permissions.broker;
}

/** The set with the places of a test; what is left are klite's own files, whose paths are made whole. */
export function placedSet(set: PermissionSet, places: Places): PermissionSet {
  const file = (name: string) => places.get(name) ?? join(ROOT, name);
  return {
    net: set.net.map((name) => places.get(name) ?? name),
    read: set.read.map(file),
    write: set.write.map(file),
    env: set.env,
  };
}

/** The set without one of its permissions. */
export function without(set: PermissionSet, kind: PermissionKind, name: string): PermissionSet {
  return { ...set, [kind]: set[kind].filter((each) => each !== name) };
}

/** How the `broker` task is run. */
export interface TaskCommand {
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** The `broker` task with this set, which is written to a configuration of its own in `folder`. */
export async function taskWith(broker: PermissionSet, places: Places, folder: string): Promise<TaskCommand> {
  const config = await Deno.makeTempFile({ dir: folder, suffix: ".json" });
  await Deno.writeTextFile(config, JSON.stringify({ permissions: { broker } }));
  const task = (await readConfig()).tasks["broker"] ?? "";
  const words = task.split(" ").map((word) => word.split("=", 2));
  const at = words.findIndex(([name]) => name === "deno");
  const [, run, ...rest] = task.split(" ").slice(at);
  if (run !== "run" || !rest.includes("-P=broker")) throw new Error(`the broker task is ${task}`);
  return {
    command: [Deno.execPath(), "run", `--config=${config}`, ...rest],
    variables: Object.fromEntries(
      words.slice(0, at).map(([name, value = ""]) => [name, places.get(value) ?? value]),
    ),
  };
}
