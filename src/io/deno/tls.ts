import type { TlsTexts } from "../network.ts";
import { DenoTlsContext } from "./tls_context.ts";
import { tryHandshake } from "./tls_trial.ts";

/** All that is needed for TLS, in one file to load late. */
export { TlsListener } from "./tls_listener.ts";

/** @throws KliteError BAD_CONFIG. */
export async function openContext(texts: TlsTexts): Promise<DenoTlsContext> {
  const context = new DenoTlsContext(texts);
  await tryHandshake(context);
  return context;
}
