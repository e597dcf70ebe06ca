import type { Option, OptionTable, OptionValues } from "./option.ts";
import { variableName, variableOf } from "./option.ts";
import { notYetByFlag } from "./not_yet.ts";

/** Where a value came from. */
export type SettingSource = "flag" | "variable" | "default";

/** One option with what it was set to, in words; secrets are masked. */
export interface PrintedSetting {
  readonly flag: string;
  readonly value: string;
  readonly source: SettingSource;
}

/** The outcome of reading a table's options. */
export interface Settings<Table extends OptionTable> {
  /** Complete only when there are no problems. */
  readonly values: OptionValues<Table>;
  readonly sources: { readonly [Name in keyof Table]: SettingSource };
  readonly printed: readonly PrintedSetting[];
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Gives every option of the table its value: the flag's if it was given, else
 * the variable's if it is set and not empty, else the default.
 */
export function readSettings<Table extends OptionTable>(
  table: Table,
  given: ReadonlyMap<string, readonly string[]>,
  variable: (name: string) => string | undefined,
): Settings<Table> {
  const values: Record<string, unknown> = {};
  const sources: Record<string, SettingSource> = {};
  const printed: PrintedSetting[] = [];
  const problems: string[] = [];
  for (const [name, option] of Object.entries(table)) {
    const { text, source } = textOf(option, given, variable);
    const parsed = option.kind.parse(text);
    if ("problem" in parsed) problems.push(describeProblem(option, text, source, parsed.problem));
    else values[name] = parsed.value;
    sources[name] = source;
    printed.push({
      flag: option.flag,
      value: option.secret === true && text !== "" ? "(secret)" : text,
      source,
    });
  }
  return {
    values: values as OptionValues<Table>,
    sources: sources as Settings<Table>["sources"],
    printed,
    problems,
  };
}

/** A variable that is set for an option which this version does not have, one sentence each. */
export function notYetVariables(variable: (name: string) => string | undefined): string[] {
  return [...notYetByFlag].flatMap(([flag, what]) => {
    const name = variableName(flag);
    return (variable(name) ?? "") === ""
      ? []
      : [`${name}: this version of klite cannot ${what} yet. Unset it.`];
  });
}

function textOf(
  option: Option<unknown>,
  given: ReadonlyMap<string, readonly string[]>,
  variable: (name: string) => string | undefined,
): { readonly text: string; readonly source: SettingSource } {
  const flagTexts = given.get(option.flag);
  if (flagTexts !== undefined) {
    const text = option.repeatable === true ? flagTexts.join(",") : flagTexts.at(-1) ?? "";
    return { text, source: "flag" };
  }
  const name = variableOf(option);
  const fromVariable = name === null ? undefined : variable(name);
  if (fromVariable !== undefined && fromVariable !== "") return { text: fromVariable, source: "variable" };
  return { text: option.default, source: "default" };
}

function describeProblem(
  option: Option<unknown>,
  text: string,
  source: SettingSource,
  problem: string,
): string {
  const where = source === "variable" ? variableOf(option) : `--${option.flag}`;
  const value = option.secret === true ? "the value" : `'${text}'`;
  return `${where}: ${value} is not valid: ${problem}. Valid is ${option.kind.valid}.`;
}
