import type { Scenario } from "./runner.ts";
import { type End, TierWorld } from "./tier_world.ts";

const LIVES_MAX = 5;
const EVENTS_MAX = 400;
const DOWN_MAX_MS = 2 * 3_600_000;

/**
 * The whole broker with its object tier, in a bucket or in a directory, through all ends of lives and faults at every
 * step of disk and store.
 */
export const tier: Scenario = {
  name: "tier",
  async run(seed) {
    using world = new TierWorld(seed);
    const { random } = world;
    for (let lives = 2 + random.below(LIVES_MAX - 1); lives > 0; lives--) {
      await world.start();
      await world.work(random.below(EVENTS_MAX));
      await world.end(howItEnds(world), random.chance(0.3) ? random.below(DOWN_MAX_MS) : 0);
    }
    await world.start();
    await world.comeToRest();
  },
};

function howItEnds({ random, hasBucket, isAtChange }: TierWorld): End {
  if (hasBucket && isAtChange && random.chance(0.4)) return "diskLoss";
  const dice = random.unit();
  if (dice < 0.4) return "powerCut";
  if (dice < 0.7 || (!hasBucket && dice < 0.8)) return "kill";
  if (dice < 0.8) return "diskLoss";
  if (dice < 0.85 && hasBucket) return "takeover";
  return "stop";
}
