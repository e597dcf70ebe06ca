/**
 * A process that takes frames of one size and answers each with a frame of another: what the runtime and the system
 * take for carrying those bytes, and for making them durable if they are to be. Nothing else is done to them. Its
 * arguments are an {@link ExchangeShape} as JSON and a directory; it prints its port.
 */
import { join } from "node:path";
import { BareLog } from "./bare_log.ts";
import type { ExchangeShape } from "./job.ts";

/** Large answers come from so much memory in turn, as those of a broker do: no processor's cache holds it. */
const LARGE_ANSWERS_BYTES = 32 * 1024 * 1024;
const READ_BYTES = 64 * 1024;

const [shape = "", dir = ""] = Deno.args;
const { requestBytes, answerBytes, connections, inFlight, isDurable }: ExchangeShape = JSON.parse(shape);
const log = isDurable ? new BareLog(join(dir, "exchange"), connections * inFlight * requestBytes) : null;
const burstBytes = answerBytes * inFlight;
const bursts = answerBytes < READ_BYTES ? 1 : Math.max(1, Math.floor(LARGE_ANSWERS_BYTES / burstBytes));
const answers = new Uint8Array(bursts * burstBytes);
const lengths = new DataView(answers.buffer);
for (let at = 0; at < answers.length; at += answerBytes) lengths.setInt32(at, answerBytes - 4);

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
for await (const connection of listener) serve(connection);

async function serve(connection: Deno.TcpConn): Promise<void> {
  connection.setNoDelay(true);
  const buffer = new Uint8Array(Math.max(READ_BYTES, requestBytes));
  let taken = 0;
  let next = 0;
  let answered = Promise.resolve();
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) break;
    log?.gather(buffer.subarray(0, count));
    taken += count;
    const length = Math.floor(taken / requestBytes) * answerBytes;
    taken %= requestBytes;
    if (length === 0) continue;
    if (next + length > answers.length) next = 0;
    const answer = answers.subarray(next, next + length);
    next += length;
    if (log === null) await writeAll(connection, answer);
    else answered = Promise.all([answered, log.commit()]).then(() => writeAll(connection, answer));
  }
  await answered;
  connection.close();
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(at === 0 ? bytes : bytes.subarray(at));
}
