/** What goes wrong during a run, and waiting for what is to come right. */
import type { Restartable } from "../clients/restartable.ts";
import type { Worker } from "./worker.ts";

const LOOK_MS = 100;

/** Resolves when `isSo`; throws with `state` when that takes longer than `limitMs`. */
export async function waitFor(
  what: string,
  isSo: () => Promise<boolean>,
  state: () => string,
  limitMs = 180_000,
): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) {
      throw new Error(`${what} took longer than ${limitMs / 1000} s: ${state()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Kills the workers in turn and, where that can be done, the broker, every `pauseMs`. */
export async function makeTrouble(
  broker: Restartable,
  workers: readonly Worker[],
  { rounds, pauseMs }: { readonly rounds: number; readonly pauseMs: number },
): Promise<void> {
  const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));
  for (let round = 0; round < rounds; round++) {
    await pause();
    workers[round % workers.length]?.kill();
    await pause();
    await broker.restart?.();
  }
  await pause();
}
