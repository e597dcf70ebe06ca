/**
 * A process that takes frames of one size and answers each with a frame of another: what the runtime and the system
 * take for carrying those bytes, with nothing done to them. Its argument is an {@link ExchangeShape} as JSON; it
 * prints its port.
 */
import type { ExchangeShape } from "./job.ts";

/** Large answers come from so much memory in turn, as those of a broker do: no processor's cache holds it. */
const LARGE_ANSWERS_BYTES = 32 * 1024 * 1024;
const READ_BYTES = 64 * 1024;

const { requestBytes, answerBytes, inFlight }: ExchangeShape = JSON.parse(Deno.args[0] ?? "");
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
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return connection.close();
    taken += count;
    const length = Math.floor(taken / requestBytes) * answerBytes;
    taken %= requestBytes;
    if (next + length > answers.length) next = 0;
    await writeAll(connection, answers.subarray(next, next + length));
    next += length;
  }
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(at === 0 ? bytes : bytes.subarray(at));
}
