/**
 * Bytes that are no valid message, or a message that its version cannot carry.
 *
 * Decoding throws it for whatever the peer got wrong; the connection is then closed, for what follows on it cannot
 * be trusted. Encoding throws it when a value holds what the chosen version has no room for.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}
