/** Something that a seed determines wholly. Throws when what it checks does not hold. */
export interface Scenario {
  readonly name: string;
  /** Runs of the long form, where the usual number is too many. */
  readonly longRuns?: number;
  run(seed: number): Promise<void>;
}

/** Runs `count` seeds from `firstSeed` on; the first that fails is thrown, with the command that replays it. */
export async function runSeeds(scenario: Scenario, firstSeed: number, count: number): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    try {
      await orRejected(scenario.run(seed));
    } catch (cause) {
      const command = `deno task sim --scenario=${scenario.name} --seed=${seed}`;
      throw new Error(`${scenario.name} failed with seed ${seed}. Replay: ${command}`, { cause });
    }
  }
}

/** What `run` settles to, or the first rejection that nobody handles: in a simulated world that is a failure of the run. */
async function orRejected(run: Promise<void>): Promise<void> {
  const { promise: rejected, reject } = Promise.withResolvers<never>();
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    reject(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  try {
    await Promise.race([run, rejected]);
  } finally {
    globalThis.removeEventListener("unhandledrejection", listener);
  }
}
