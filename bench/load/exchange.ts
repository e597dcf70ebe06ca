import { fileURLToPath } from "node:url";
import { cpuSeconds } from "../measure/process.ts";
import { BrokerConnection } from "./connection.ts";
import type { ExchangeLimit, ExchangeShape } from "./job.ts";

const SERVER = fileURLToPath(new URL("./exchange_server.ts", import.meta.url));
const WARM_UP_SHARE = 0.5;
const MICROS = 1_000_000;

/**
 * What carrying these bytes to a process of this runtime and back costs that process, and making them durable in
 * `dir` if they are to be, when it does nothing else: a broker that runs on it hardly takes less.
 */
export async function measureExchange(
  shape: ExchangeShape,
  dir: string,
  windowMs: number,
): Promise<ExchangeLimit> {
  const ownDir = await Deno.makeTempDir({ dir, prefix: "exchange-" });
  try {
    return await measureIn(ownDir, shape, windowMs);
  } finally {
    await Deno.remove(ownDir, { recursive: true });
  }
}

async function measureIn(dir: string, shape: ExchangeShape, windowMs: number): Promise<ExchangeLimit> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", SERVER, JSON.stringify(shape), dir],
    stdout: "piped",
  });
  await using server = command.spawn();
  const port = await portOf(server);
  const connections = await Promise.all(Array.from({ length: shape.connections }, () => {
    return BrokerConnection.open({ host: "127.0.0.1", port });
  }));
  const load = { isOver: false, answers: 0 };
  const ended = Promise.all(connections.map((connection) => exchange(connection, shape, load)));
  await wait(windowMs * WARM_UP_SHARE, ended);
  const before = { answers: load.answers, cpu: cpuSeconds(server.pid), atMs: performance.now() };
  await wait(windowMs, ended);
  const cpu = cpuSeconds(server.pid) - before.cpu;
  const answers = load.answers - before.answers;
  const seconds = (performance.now() - before.atMs) / 1000;
  load.isOver = true;
  await ended;
  for (const connection of connections) connection.close();
  return { ...shape, perSecond: answers / seconds, cpuMicros: cpu * MICROS / answers };
}

interface Load {
  isOver: boolean;
  answers: number;
}

/** Keeps so many requests unanswered; ends with the last answer. */
async function exchange(connection: BrokerConnection, shape: ExchangeShape, load: Load): Promise<void> {
  const request = new Uint8Array(shape.requestBytes);
  let open = 0;
  let sending = Promise.resolve();
  const send = (count: number) => {
    open += count;
    for (let sent = 0; sent < count; sent++) sending = sending.then(() => connection.send(request));
  };
  send(shape.inFlight);
  while (open > 0) {
    let answers = 0;
    await connection.receive(() => void answers++);
    load.answers += answers;
    open -= answers;
    if (!load.isOver) send(answers);
  }
  await sending;
}

async function portOf(server: Deno.ChildProcess): Promise<number> {
  const reader = server.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return Number(new TextDecoder().decode(value));
}

/** Throws what the load throws meanwhile. */
async function wait(ms: number, ended: Promise<unknown>): Promise<void> {
  await Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), ended]);
}
