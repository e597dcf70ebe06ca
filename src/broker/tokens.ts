import { KliteError } from "../base/klite_error.ts";
import { type Engine, openTokens, type TokenKeeper } from "../engine/mod.ts";
import { type Files, readSecret } from "../io/files.ts";
import type { BrokerConfig } from "./config.ts";

/**
 * Delegation tokens, if the operator has named a secret to make them with.
 * @throws KliteError BAD_CONFIG for an empty one, and what reading it fails with.
 */
export async function brokerTokens(
  { tokenSecretFile: path, tokenMaxLifetimeMs, tokenExpiryMs }: BrokerConfig,
  files: Files,
  engine: Engine,
): Promise<TokenKeeper | null> {
  if (path === null) return null;
  const secret = await readSecret(files, path);
  if (secret === "") {
    throw new KliteError("BAD_CONFIG", `${path} of --delegation-token-secret-file is empty.`);
  }
  return await openTokens(engine, { secret, maxLifetimeMs: tokenMaxLifetimeMs, expiryTimeMs: tokenExpiryMs });
}
