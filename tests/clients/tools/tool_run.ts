/** One run of a tool. */
export interface ToolRun {
  /** Names it in the report and in the recorded answers. */
  readonly title: string;
  /** Class and arguments; or `begin`, a transactional id, a topic. */
  readonly words: readonly string[];
}

/** Makes runs of the tool `name`, whose class that is. */
export function toolOf(name: string, mainClass: string, bootstrap: string): (...args: string[]) => ToolRun {
  return (...args) => ({
    title: `${name} ${args.join(" ")}`,
    words: [mainClass, "--bootstrap-server", bootstrap, ...args],
  });
}
