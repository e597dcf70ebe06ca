import { decideProducerIdBlock, PRODUCER_ID_BLOCK, type Refusal } from "../cluster/mod.ts";
import type { Engine } from "./engine.ts";

/** Hands out producer ids from blocks that the log has made this broker's own. */
export class ProducerIds {
  readonly #engine: Engine;
  #next = 0;
  #end = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** An id that no producer ever had, or why there is none. */
  async take(): Promise<number | Refusal> {
    if (this.#next === this.#end) {
      let start = 0;
      const refusal = await this.#engine.execute((state) => {
        start = state.nextProducerId;
        return { records: [decideProducerIdBlock(state)] };
      });
      if (refusal !== null) return refusal;
      this.#next = start;
      this.#end = start + PRODUCER_ID_BLOCK;
    }
    return this.#next++;
  }
}
