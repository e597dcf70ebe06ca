/** What the S3 server does by itself, asked by a plain HTTP client and by klite's own: what there is to reach. */
import { S3Store } from "../../src/io/deno/s3_store.ts";
import { cpuSeconds } from "../measure/process.ts";
import { signedUrl } from "./signed_url.ts";
import { inMegabytes, msPerMegabyte, type TierSite } from "./site.ts";

const MIB = 2 ** 20;
const OBJECT_BYTES = [8 * MIB, 64 * MIB] as const;
const PARALLEL = [1, 4] as const;
const BYTES = 256 * MIB;

/** Puts and gets of a whole object. */
interface Client {
  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Answers how many bytes came. */
  get(key: string): Promise<number>;
}

export async function measureStore(site: TierSite): Promise<void> {
  const { server } = site;
  const store = new S3Store({ ...server, prefix: "store" });
  const ours: Client = {
    put: async (key, bytes) => {
      await store.put(key, bytes);
    },
    get: async (key) => (await store.get(key)).bytes.length,
  };
  try {
    for (const bytes of OBJECT_BYTES) {
      for (const parallel of PARALLEL) {
        await measureOne(site, { plain: plainClient(site), ours, bytes, parallel });
      }
    }
  } finally {
    await store.close();
    await Deno.remove(`${server.bucketFolder}/store`, { recursive: true });
  }
}

interface Setup {
  readonly plain: Client;
  readonly ours: Client;
  readonly bytes: number;
  readonly parallel: number;
}

async function measureOne(
  { server, rows }: TierSite,
  { plain, ours, bytes, parallel }: Setup,
): Promise<void> {
  const body = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(body.subarray(at, at + 65_536));
  const count = BYTES / bytes;
  const pid = server.process.pid;
  const cpuBefore = cpuSeconds(pid);
  const put = await rate(count, bytes, parallel, (index) => plain.put(`plain-${index}`, body));
  const serverSeconds = cpuSeconds(pid) - cpuBefore;
  const ourPut = await rate(count, bytes, parallel, (index) => ours.put(`ours-${index}`, body));
  const get = await rate(count, bytes, parallel, (index) => expectBytes(plain.get(`plain-${index}`), bytes));
  const ourGet = await rate(count, bytes, parallel, (index) => expectBytes(ours.get(`ours-${index}`), bytes));
  const name = `store-${bytes / MIB}m-${parallel}`;
  rows.note("store", { name, title: `objects of ${bytes / MIB} MiB, ${parallel} at a time` }, {
    putMegabytesPerSecond: put,
    ourPutMegabytesPerSecond: ourPut,
    getMegabytesPerSecond: get,
    ourGetMegabytesPerSecond: ourGet,
    serverCpuMsPerMegabyte: msPerMegabyte(serverSeconds, count * bytes),
  });
}

/** MB/s of `count` objects of so many bytes, some at a time. */
async function rate(
  count: number,
  bytes: number,
  parallel: number,
  once: (index: number) => Promise<void>,
): Promise<number> {
  let next = 0;
  const since = performance.now();
  const work = async () => {
    while (next < count) await once(next++);
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return inMegabytes(count * bytes) / ((performance.now() - since) / 1000);
}

async function expectBytes(got: Promise<number>, bytes: number): Promise<void> {
  if (await got !== bytes) throw new Error("the S3 server gave another object than it was given");
}

function plainClient({ server }: TierSite): Client {
  const url = (method: "GET" | "PUT", key: string) => {
    return signedUrl({ ...{ method, key: `store/${key}`, at: new Date() }, ...placeOf(server) });
  };
  return {
    put: async (key, body) => {
      const answer = await fetch(url("PUT", key), { method: "PUT", body });
      const said = await answer.text();
      if (!answer.ok) throw new Error(`the S3 server refused a put: ${said}`);
    },
    get: async (key) => {
      const answer = await fetch(url("GET", key));
      const bytes = await answer.bytes();
      if (!answer.ok) throw new Error(`the S3 server refused a get: ${answer.status}`);
      return bytes.length;
    },
  };
}

function placeOf({ endpoint, bucket, region, credentials }: TierSite["server"]) {
  return { endpoint, bucket, region, credentials };
}
