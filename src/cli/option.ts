import type { OptionKind } from "./kinds.ts";

/** Headings of the help text, in its order. */
export const OPTION_GROUPS = [
  "Network",
  "Security",
  "Storage",
  "Object storage",
  "Cleaning",
  "Topics",
  "Records",
  "Groups",
  "Transactions",
  "Identity",
  "Output",
] as const;
export type OptionGroup = typeof OPTION_GROUPS[number];

/** One row of the option table; everything known about an option is here and nowhere else. */
export interface Option<T> {
  /** The long name, without dashes. */
  readonly flag: string;
  /** One more letter that stands for it, without the dash. */
  readonly letter?: string;
  readonly kind: OptionKind<T>;
  /** As someone would type it. */
  readonly default: string;
  /** Said in place of the default when that is empty or more is to be known. */
  readonly defaultWords?: string;
  readonly group: OptionGroup;
  /** A sentence or two, without the default and the valid values. */
  readonly help: string;
  /** What only the reference page says, in Markdown. */
  readonly more?: string;
  /** Whether the values of several uses are joined; otherwise the last one counts. */
  readonly repeatable?: boolean;
  /** Never printed. */
  readonly secret?: boolean;
  /** Whether there is no variable for it, as with options of a single call. */
  readonly flagOnly?: boolean;
}

/** Options by the name that their value has in the settings. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** The values of a table's options. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer T> ? T : never;
};

/** `KLITE_LOG_LEVEL` for `log-level`; `null` when there is none. */
export function variableOf(option: Option<unknown>): string | null {
  return option.flagOnly === true ? null : variableName(option.flag);
}

/** The variable that goes with a flag. */
export function variableName(flag: string): string {
  return `KLITE_${flag.toUpperCase().replaceAll("-", "_")}`;
}
