/** Finding a port for a broker and telling when it serves: the first things every test of a real process does. */

/** `ApiVersions` version 0, correlation id 1, no client id: answered by every broker, before any authentication. */
const API_VERSIONS_REQUEST = Uint8Array.of(0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff);

/** A TCP port on 127.0.0.1 that nobody listens on, below the range outgoing connections are given. */
export function freePort(): number {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (isFree(port)) return port;
  }
  throw new Error("no free port between 20000 and 32000");
}

/** Whether the broker at `hostname:port` answers an ApiVersions request within two seconds. */
export async function answersApiVersions(hostname: string, port: number): Promise<boolean> {
  let connection: Deno.TcpConn;
  try {
    connection = await Deno.connect({ hostname, port });
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
  const timer = setTimeout(() => connection.close(), 2_000);
  try {
    await connection.write(API_VERSIONS_REQUEST);
    const head = new Uint8Array(8);
    let filled = 0;
    while (filled < head.length) {
      const count = await connection.read(head.subarray(filled));
      if (count === null) return false;
      filled += count;
    }
    return new DataView(head.buffer).getInt32(4) === 1;
  } catch (error) {
    // A broker on its way up or down may reset the connection; a slow one was closed by the timer.
    if (isConnectionLoss(error)) return false;
    throw error;
  } finally {
    clearTimeout(timer);
    closeQuietly(connection);
  }
}

/**
 * Polls until the broker answers. `assertAlive` is called between attempts and
 * throws when there is no use in waiting; `deadlineMs` bounds the wait.
 */
export async function untilAnswering(
  hostname: string,
  port: number,
  assertAlive: () => void,
  deadlineMs: number,
): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await answersApiVersions(hostname, port))) {
    assertAlive();
    if (performance.now() > giveUpAt) {
      throw new Error(`${hostname}:${port} gave no answer within ${deadlineMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

function isConnectionLoss(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.BadResource;
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    // Closed by the timer already.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
