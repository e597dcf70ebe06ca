import { OURS, OURS_AGAIN, OURS_WITH_RIGHTS } from "../report/summary.ts";
import type { Asks } from "./scenario.ts";

/** The systems that a scenario is put to, in their own order. */
export function askedOf<System extends { readonly name: string }>(
  systems: readonly System[],
  asks: Asks,
): readonly System[] {
  return systems.filter(({ name }) => {
    if (name === OURS) return true;
    const isForRights = name === OURS_AGAIN || name === OURS_WITH_RIGHTS;
    return asks === "rights" ? isForRights : asks === "peers" && !isForRights;
  });
}
