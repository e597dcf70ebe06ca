/** Something that a seed determines wholly. Throws when what it checks does not hold. */
export interface Scenario {
  readonly name: string;
  run(seed: number): Promise<void>;
}

/** Runs `count` seeds from `firstSeed` on; the first that fails is thrown, with the command that replays it. */
export async function runSeeds(scenario: Scenario, firstSeed: number, count: number): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    try {
      await scenario.run(seed);
    } catch (cause) {
      const command = `deno task sim --scenario=${scenario.name} --seed=${seed}`;
      throw new Error(`${scenario.name} failed with seed ${seed}. Replay: ${command}`, { cause });
    }
  }
}
