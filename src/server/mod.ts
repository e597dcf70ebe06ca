/**
 * The TCP side of the broker: from sockets to requests and back.
 *
 * What it owns
 * - Listeners and connections: accepting, limits on their number, idleness, the orderly stop.
 * - Frames: requests are cut out of the byte stream in place and handed to a `RequestHandler`; its replies are
 *   written in the order of the requests, small ones together.
 * - The memory that all this takes, with a bound for each part of it (below).
 * - The router, which is that handler: header, version window, decoding, and on to the APIs.
 * - Authentication over SASL as far as it is not about secrets: what may come when, and what strangers may take.
 *
 * What holds
 * - Replies of a connection leave in the order of its requests. A request starts only when all earlier ones of its
 *   connection are answered, unless the handler says that both may run side by side (produce).
 * - Whatever one client does (sends garbage, stops reading, vanishes) ends its own connection at most. Only a
 *   broken invariant (AssertionError) goes further: to `onFatal`, which stops the process.
 * - A request costs no closure and no copy, and a connection no timer unless it is muted: one sweep each second looks
 *   after all.
 * - A client of a SASL listener is served only what belongs to authentication until it has authenticated, and again
 *   when that has ended; who it is never changes. No code is loaded, and no request decoded, that may not come.
 * - No request is read, and no byte held, on the strength of an announcement: memory follows what has arrived.
 *
 * Where memory goes (`limits.ts`, `request_memory.ts`)
 * - Strangers have 4 KiB each and `unauthenticatedMemoryBytes` together, and take nothing of what follows.
 * - 4 KiB for each connection; 16 MiB of read-ahead buffers for all; `requestMemoryBytes` for larger requests and
 *   for what finds no read-ahead buffer. Who gets none waits and does not read, so TCP holds the sender back; a
 *   request that holds memory and stops arriving is closed.
 * - A connection whose client does not take its responses gets no new requests started from `maxUnsentBytes` on;
 *   from `totalUnsentBytes` on that holds for all connections, and if it lasts, those with the most have to go.
 *   Answers that were waited for, which may all become possible at once, are formed a few at a time, and heavy
 *   requests are worked on a few at a time (`turn_queue.ts`).
 */
export type { ServerLimits } from "./limits.ts";
export { openAuthStage } from "./load.ts";
export { Router } from "./router.ts";
export { Server, type TlsListening } from "./server.ts";
