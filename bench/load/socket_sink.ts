/** A thread that accepts one connection, reads all it gets and forgets it: the far end of a socket copy. */
import { parentPort } from "node:worker_threads";

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
parentPort?.postMessage(listener.addr.port);
const connection = await listener.accept();
const buffer = new Uint8Array(1024 * 1024);
while (await connection.read(buffer) !== null);
