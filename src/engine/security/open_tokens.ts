import type { Engine } from "../engine.ts";
import type { TokenKeeper, TokenSettings } from "./token_keeper.ts";

/** Loads what delegation tokens need, and takes over those that recovery found. */
export async function openTokens(engine: Engine, settings: TokenSettings): Promise<TokenKeeper> {
  const { TokenKeeper } = await import("./token_keeper.ts");
  return await TokenKeeper.open(engine, settings);
}
