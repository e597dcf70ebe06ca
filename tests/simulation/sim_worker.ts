/** Runs seeds in a Worker, share by share as it is told, for `main.ts`. */
import { runSeeds } from "./runner.ts";
import { scenarios } from "./scenarios.ts";

/** Seeds to run. */
export interface Share {
  readonly scenario: string;
  readonly firstSeed: number;
  readonly count: number;
}

/** What became of a share: `failure` is what there is to say of the first seed that failed. */
export interface ShareDone {
  readonly share: Share;
  readonly failure: string | null;
}

const worker = self as unknown as {
  onmessage: ((event: MessageEvent<Share>) => void) | null;
  postMessage(message: ShareDone): void;
};

worker.onmessage = async ({ data: share }) => {
  const scenario = scenarios.find(({ name }) => name === share.scenario)!;
  try {
    await runSeeds(scenario, share.firstSeed, share.count);
    worker.postMessage({ share, failure: null });
  } catch (error) {
    worker.postMessage({ share, failure: Deno.inspect(error) });
  }
};
