import type { TlsTexts } from "../network.ts";
import { DenoTlsContext } from "./tls_context.ts";

/** All that is needed for TLS, in one file to load late. */
export { TlsListener } from "./tls_listener.ts";

/** @throws KliteError BAD_CONFIG. */
export function openContext(texts: TlsTexts): DenoTlsContext {
  return new DenoTlsContext(texts);
}
