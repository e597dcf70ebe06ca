import { BrokerWorld } from "./broker_world.ts";
import type { Scenario } from "./runner.ts";
import { TransactionWorld } from "./transaction_world.ts";

const LIVES_MAX = 5;
const EVENTS_MAX = 120;

/**
 * The whole broker through power cuts, kills and orderly stops at any event, with
 * rolling segments and snapshots: no acknowledged or seen record is lost, none is
 * doubled, none is invented.
 */
const brokerCrash: Scenario = {
  name: "broker-crash",
  async run(seed) {
    const world = new BrokerWorld(seed, 1 + (seed % 3));
    const lives = 2 + world.random.below(LIVES_MAX - 1);
    for (let life = 0; life < lives; life++) {
      await world.start();
      await world.write(world.random.below(EVENTS_MAX));
      if (world.random.chance(0.5)) {
        await world.look();
        await world.write(world.random.below(EVENTS_MAX / 4));
      }
      const end = world.random.unit();
      if (end < 0.6) world.powerCut();
      else if (end < 0.9) world.kill();
      else await world.stop();
    }
    await world.start();
  },
};

/**
 * Programs with transactions over the same partitions, through crashes at any event:
 * each transaction is seen as a whole with its offset, or not at all.
 */
const transactionCrash: Scenario = {
  name: "transaction-crash",
  async run(seed) {
    const world = new TransactionWorld(seed, 1 + (seed % 3));
    const lives = 2 + world.random.below(LIVES_MAX - 1);
    for (let life = 0; life < lives; life++) {
      await world.start();
      await world.work(world.random.below(2 * EVENTS_MAX));
      if (world.random.chance(0.3)) await world.look();
      const end = world.random.unit();
      if (end < 0.6) world.powerCut();
      else if (end < 0.9) world.kill();
      else await world.stop();
    }
    await world.start();
  },
};

export const brokerScenarios: readonly Scenario[] = [brokerCrash, transactionCrash];
