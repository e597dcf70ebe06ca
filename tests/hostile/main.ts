/**
 * The long form of the hostile clients:
 *
 *     deno task hostile [SEED [ROUNDS]]
 *
 * Each round has a broker of its own and the next seed. Prints what was sent of each kind and the memory the broker
 * had taken by then; ends with 1 when the broker or the client beside came to harm, or took too much memory.
 */
import { type HostileScale, type KindOutcome, MEMORY_BYTES_MAX, runHostile } from "./hostile_run.ts";

const LONG: HostileScale = {
  malformedEach: 8,
  elementCounts: [49_000, 400_000],
  everyHeavy: 1,
  giants: 64,
  giantsSent: 2,
  vanishing: 1_000,
  trickling: 100,
  neverReading: 24,
};

function mib(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function line(kind: KindOutcome): string {
  const { name, sent, answers, peakBytes, residentBytes, slowestMs } = kind;
  return `  ${name.padEnd(62)} ${String(sent).padStart(6)} sent ${String(answers).padStart(6)} answered; ` +
    `${mib(residentBytes)} held, ${mib(peakBytes)} at most; the other client waited ${
      Math.round(slowestMs)
    } ms`;
}

const seed = Number(Deno.args[0] ?? 1);
const rounds = Number(Deno.args[1] ?? 1);
if (!Number.isInteger(seed) || !Number.isInteger(rounds)) {
  console.error("usage: deno task hostile [SEED [ROUNDS]]");
  Deno.exit(2);
}
for (let round = 0; round < rounds; round++) {
  console.log(`seed ${seed + round}`);
  try {
    const outcome = await runHostile(seed + round, LONG, (kind) => console.log(line(kind)));
    const { peakBytes, residentBytes, bystanderRounds } = outcome;
    console.log(
      `seed ${seed + round}: the broker held ${mib(residentBytes)} at the end and ${
        mib(peakBytes)
      } at most; ` +
        `the client beside did ${bystanderRounds} rounds and saw nothing`,
    );
    if (peakBytes > MEMORY_BYTES_MAX) throw new Error(`that is more than ${mib(MEMORY_BYTES_MAX)}`);
  } catch (error) {
    console.error(`seed ${seed + round} failed:`, error);
    Deno.exit(1);
  }
}
