import { nearest } from "./nearest.ts";
import { notYetByFlag } from "./not_yet.ts";
import type { Option } from "./option.ts";

/** What was typed behind a command, before any of it has a meaning. */
export interface ReadArguments {
  /** The texts given for each flag, in their order. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  readonly help: boolean;
  readonly version: boolean;
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Reads flags in the forms that Go programs take: `--flag=value`, `--flag value`,
 * the same with one dash, and switches bare or as `--flag=false`.
 *
 * Why not a library: commander was measured. It knows neither the forms with one
 * dash nor `--switch=false`, wants the table in a second form, and the modules
 * that it loads weigh 9 to 14 MB in an idle broker.
 */
export function readArguments(args: readonly string[], options: readonly Option<unknown>[]): ReadArguments {
  const given = new Map<string, string[]>();
  const problems: string[] = [];
  let help = false;
  let version = false;
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? "";
    if (!isFlag(argument)) {
      problems.push(unexpected(argument, args[i - 1], options));
      continue;
    }
    const { name, inline } = splitFlag(argument);
    const option = options.find((each) => each.flag === name || each.letter === name);
    if (option !== undefined) {
      const behind = inline ?? option.kind.bare ?? valueBehind(args[i + 1], options);
      if (behind === undefined) {
        problems.push(`--${option.flag} needs a value: ${option.kind.valid}.`);
        continue;
      }
      if (inline === undefined && option.kind.bare === undefined) i++;
      given.set(option.flag, [...given.get(option.flag) ?? [], behind]);
    } else if (HELP.has(name)) {
      help = true;
    } else if (VERSION.has(name)) {
      version = true;
    } else {
      problems.push(unknownFlag(name, options));
      // What follows is most likely its value: one mistake, one message.
      if (inline === undefined && args[i + 1]?.startsWith("-") === false) i++;
    }
  }
  return { given, help, version, problems };
}

const HELP: ReadonlySet<string> = new Set(["help", "h"]);
const VERSION: ReadonlySet<string> = new Set(["version", "v"]);

function isFlag(argument: string): boolean {
  return /^--?[^-]/.test(argument);
}

function splitFlag(argument: string): { readonly name: string; readonly inline: string | undefined } {
  const text = argument.replace(/^--?/, "");
  const equals = text.indexOf("=");
  return equals < 0
    ? { name: text, inline: undefined }
    : { name: text.slice(0, equals), inline: text.slice(equals + 1) };
}

/** The next argument is the value, also when it begins with a dash, unless it is a flag itself. */
function valueBehind(next: string | undefined, options: readonly Option<unknown>[]): string | undefined {
  if (next === undefined || !isFlag(next)) return next;
  const { name } = splitFlag(next);
  return options.some((each) => each.flag === name) ? undefined : next;
}

function unknownFlag(name: string, options: readonly Option<unknown>[]): string {
  const notYet = notYetByFlag.get(name);
  if (notYet !== undefined) {
    return `--${name}: this version of klite cannot ${notYet} yet. Start it without this flag.`;
  }
  const near = nearest(name, options.map((option) => option.flag));
  return `Unknown flag --${name}.${near === null ? "" : ` Did you mean --${near}?`}`;
}

function unexpected(
  argument: string,
  before: string | undefined,
  options: readonly Option<unknown>[],
): string {
  const flag = before?.replace(/^--?/, "");
  const isSwitch = options.some((option) => option.flag === flag && option.kind.bare !== undefined);
  if (isSwitch) return `Unexpected argument '${argument}'. To set a switch, write --${flag}=${argument}.`;
  return `Unexpected argument '${argument}'. A command comes first and its flags follow.`;
}
