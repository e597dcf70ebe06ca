/** What can be said on the bench's command line. */
import { parseArgs } from "node:util";
import type { PeerCommand } from "./systems/peer.ts";

/** The command line, checked. */
export interface Options {
  readonly help: boolean;
  readonly list: boolean;
  /** Only these scenarios; all when empty. */
  readonly scenarios: readonly string[];
  /** Only scenarios of these groups; all when empty. */
  readonly groups: readonly string[];
  /** Only these systems; all when empty. */
  readonly systems: readonly string[];
  /** Brokers beside klite and Kafka. */
  readonly peers: readonly PeerCommand[];
  readonly quick: boolean;
  readonly runs: number;
  readonly seconds: number;
  /** Starts of each system, for start-up time and idle memory. */
  readonly starts: number;
  /** Where to write all single figures. */
  readonly json: string | null;
  /** Write the performance page from this file of figures instead of measuring. */
  readonly writeDocs: string | null;
  /** What the soak task printed, for the performance page. */
  readonly soak: string | null;
  /** Figures of objects from another file, for the performance page. */
  readonly tier: string | null;
  /** Figures of more scenarios from other files, for the performance page. */
  readonly more: readonly string[];
  /** Profile klite under the chosen scenarios instead of comparing. */
  readonly profile: boolean;
  /** Where profiles are written. */
  readonly out: string;
  /** Where the brokers' data goes. */
  readonly dir: string | null;
}

export const HELP = `deno task bench [options]

Measures klite and Apache Kafka side by side. The table goes to standard output.

  --list             name the scenarios and systems, and stop
  --scenario A,B     only these scenarios; may be given again
  --group A,B        only these groups of scenarios: core, latency, scale, topics, clients, tier, security; the last
                     is measured only when named (see below)
  --system A,B       only these systems
  --peer COMMAND     another broker, started and stopped by the bench; may be given again (see below)
  --quick            one short run of the main scenarios, or of those named: for a first look, not for figures
  --runs N           runs of every scenario against every system (default 3)
  --seconds N        measured seconds of each run (default 2)
  --starts N         starts of each system for start-up time and idle memory (default 5; 0 leaves them out)
  --json FILE        write every single figure as JSON
  --write-docs FILE  write docs/performance.md and its charts from such a file, measuring nothing
  --soak FILE        with --write-docs: what \`deno task soak\` printed, to be told on the page
  --tier FILE        with --write-docs: the figures of the group tier, when they were taken by themselves
  --more FILE        with --write-docs: scenarios of another run, beside or in place of those; may be given again
  --profile          say where klite's time and memory go under the scenarios named (default: produce-64k)
  --out DIR          where --profile writes its files (default: profiles)
  --dir PATH         where the brokers keep their data (default: the temporary folder); its disk is what is measured

A peer's command goes to a shell, with {host}, {port} and {dir} (a new, empty folder) filled in. The broker must
listen for plain Kafka clients there, and has started when it answers ApiVersions. Put a name in front to call it
something: --peer "other=other-broker --port {port} --data {dir}". Name systems to leave Kafka out: --system klite,other.

The group security tells what ACLs and quotas cost. That is little, so it wants more and shorter rounds than others:
deno task bench --group security --runs 15 --seconds 1.5 --starts 0
`;

/** A command line that makes no sense, said in words for whoever typed it. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

/** Reads the command line. Throws {@link OptionsError} when it makes no sense. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parse(args[0] === "--" ? args.slice(1) : args);
  const quick = values.quick ?? false;
  return {
    help: values.help ?? false,
    list: values.list ?? false,
    scenarios: names(values.scenario),
    groups: names(values.group),
    systems: names(values.system),
    peers: (values.peer ?? []).map(peerCommand),
    quick,
    runs: number("runs", values.runs, quick ? 1 : 3, { min: 1, isWhole: true }),
    seconds: number("seconds", values.seconds, quick ? 0.7 : 2, { min: 0.1, isWhole: false }),
    starts: number("starts", values.starts, quick ? 1 : 5, { min: 0, isWhole: true }),
    json: values.json ?? null,
    writeDocs: values["write-docs"] ?? null,
    soak: values.soak ?? null,
    tier: values.tier ?? null,
    more: values.more ?? [],
    profile: values.profile ?? false,
    out: values.out ?? "profiles",
    dir: values.dir ?? null,
  };
}

/** Names from an option that may be given again and takes several, separated by commas. */
function names(values: readonly string[] = []): string[] {
  return values.flatMap((value) => value.split(",")).map((name) => name.trim()).filter((name) => name !== "");
}

function peerCommand(text: string, index: number): PeerCommand {
  const [, name, command] = /^(?:([a-z][a-z0-9-]*)=)?(.*)$/s.exec(text) ?? [];
  if (command === undefined || !command.includes("{port}")) {
    throw new OptionsError(`a peer's command must say where {port} goes: "${text}"`);
  }
  return { name: name ?? `peer-${index + 1}`, command };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h" },
        list: { type: "boolean" },
        scenario: { type: "string", multiple: true },
        group: { type: "string", multiple: true },
        peer: { type: "string", multiple: true },
        system: { type: "string", multiple: true },
        quick: { type: "boolean" },
        runs: { type: "string" },
        seconds: { type: "string" },
        starts: { type: "string" },
        json: { type: "string" },
        "write-docs": { type: "string" },
        soak: { type: "string" },
        tier: { type: "string" },
        more: { type: "string", multiple: true },
        profile: { type: "boolean" },
        out: { type: "string" },
        dir: { type: "string" },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}

interface Bounds {
  readonly min: number;
  readonly isWhole: boolean;
}

function number(name: string, text: string | undefined, otherwise: number, { min, isWhole }: Bounds): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() === "" || !(value >= min && value <= 1000) || (isWhole && !Number.isInteger(value))) {
    throw new OptionsError(
      `--${name} takes a ${isWhole ? "whole " : ""}number from ${min} to 1000, not "${text}"`,
    );
  }
  return value;
}

/** The items that were asked for by name, in their own order; all when no name was given. */
export function chosen<Item extends { readonly name: string }>(
  what: string,
  items: readonly Item[],
  names: readonly string[],
): readonly Item[] {
  for (const name of names) {
    if (items.some((item) => item.name === name)) continue;
    throw new OptionsError(
      `there is no ${what} "${name}"; there are ${items.map((item) => item.name).join(", ")}`,
    );
  }
  return names.length === 0 ? items : items.filter(({ name }) => names.includes(name));
}
