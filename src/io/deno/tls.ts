import type { TlsTexts } from "../network.ts";
import { DenoTlsContext } from "./tls_context.ts";
import { tryHandshake } from "./tls_trial.ts";

/** All that is needed for TLS, in one file to load late. */
export { TlsListener } from "./tls_listener.ts";

/**
 * `before` is the one whose place it takes.
 * @throws KliteError BAD_CONFIG.
 */
export async function openContext(texts: TlsTexts, before?: DenoTlsContext): Promise<DenoTlsContext> {
  const context = new DenoTlsContext(texts, before);
  await tryHandshake(context);
  return context;
}
