/**
 * The long form of the attacks: `deno task attack`. Prints what was tried and the memory that the broker had taken by
 * then; ends with 1 when one of them came to anything, or the broker took too much.
 */
import { type AttackOutcome, type AttackScale, MEMORY_BYTES_MAX, runAttacks } from "./attack_run.ts";

const LONG: AttackScale = { guesses: 2_000, flooding: 2_000, holding: 500, outstaying: 90 };

function line({ name, attempts, tookMs, peakBytes, slowestMs }: AttackOutcome): string {
  const peak = `${Math.round(peakBytes / 2 ** 20)} MiB`;
  return `${name.padEnd(36)} ${String(attempts).padStart(6)} attempts in ${
    (tookMs / 1000).toFixed(1)
  } s; ${peak} held at most; ` +
    `the honest client waited ${Math.round(slowestMs)} ms`;
}

try {
  const outcomes = await runAttacks(LONG, (outcome) => console.log(line(outcome)));
  const peakBytes = Math.max(...outcomes.map((outcome) => outcome.peakBytes));
  if (peakBytes > MEMORY_BYTES_MAX) throw new Error(`the broker took ${peakBytes} bytes`);
} catch (error) {
  console.error(error);
  Deno.exit(1);
}
