import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { KliteError } from "../../base/klite_error.ts";
import { DenoClock } from "../../io/deno/clock.ts";
import { DenoDialer } from "../../io/deno/dial.ts";
import { DenoDisk } from "../../io/deno/disk.ts";
import { DenoMachine } from "../../io/deno/machine.ts";
import { DenoNetwork } from "../../io/deno/network.ts";
import { DenoRandom } from "../../io/deno/random.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import { SimClock } from "../../io/sim/clock.ts";
import { SimObjectStore } from "../../io/sim/object_store.ts";
import { SimRandom } from "../../io/sim/random.ts";
import { TestBroker } from "../../../tests/support/test_broker.ts";
import { runCli } from "../mod.ts";
import { ProcessInMemory } from "../testing/process_in_memory.ts";
import type { DoctorIo } from "../world.ts";
import type { Finding } from "./finding.ts";

/** Runs `klite doctor` for a machine that differs from this one as `changes` says. */
async function run(args: readonly string[], changes: (io: DoctorIo) => Partial<DoctorIo> = () => ({})) {
  const dir = await Deno.makeTempDir({ prefix: "klite-doctor-" });
  try {
    const process = new ProcessInMemory(["doctor", "--timeout=2s", `--data-dir=${dir}/data`, ...args]);
    const refuse = () => Promise.reject(new Error("not asked for"));
    const code = await runCli({
      ...{ process, openLog: refuse, openBroker: refuse, openProbe: refuse, openInspection: refuse },
      openDoctor: (dataDir) => {
        const io: DoctorIo = {
          clock: new DenoClock(),
          random: new DenoRandom(),
          dialer: new DenoDialer(),
          network: new DenoNetwork(),
          disk: new DenoDisk(dataDir),
          machine: new DenoMachine(dataDir),
          openStore: refuse,
        };
        return Promise.resolve({ ...io, ...changes(io) });
      },
    });
    strictEqual([...Deno.readDirSync(dir)].length, 0, "it leaves nothing behind");
    return { code, out: process.out, err: process.err };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The findings as `status check`, and the whole of them. */
async function findings(args: readonly string[], changes?: (io: DoctorIo) => Partial<DoctorIo>) {
  const { code, out, err } = await run([...args, "-o", "json"], changes);
  strictEqual(err, "");
  const all: readonly Finding[] = JSON.parse(out).findings;
  strictEqual(code, all.some(({ status }) => status === "wrong") ? 10 : 0);
  for (const { status, advice } of all) {
    strictEqual(
      advice !== "",
      status === "wrong" || status === "warning",
      "advice where there is something to do",
    );
  }
  const find = (check: string): Finding => {
    const found = all.find((finding) => finding.check === check);
    ok(found !== undefined, `${check} is in ${out}`);
    return found;
  };
  return { find, all };
}

const FREE = "--listen=127.0.0.1:0";

/** A bucket whose time is the machine's. */
function bucket(change: (store: ObjectStore) => Partial<ObjectStore> = () => ({})) {
  const clock = new SimClock(Date.now() - new SimClock().nowMs());
  const store = new SimObjectStore({ clock, random: new SimRandom(1) });
  const inTime = <T>(work: () => Promise<T>): Promise<T> => clock.run(work());
  const bound: ObjectStore = {
    description: "s3://backups",
    get: (key, range) => inTime(() => store.get(key, range)),
    head: (key) => inTime(() => store.head(key)),
    put: (key, content, condition) => inTime(() => store.put(key, content, condition)),
    list: async function* (prefix) {
      yield await inTime(() => Array.fromAsync(store.list(prefix)).then((pages) => pages.flat()));
    },
    listFolders: (prefix) => inTime(() => store.listFolders(prefix)),
    delete: (keys) => inTime(() => store.delete(keys)),
    removeUnfinished: (prefix, olderThanMs) => inTime(() => store.removeUnfinished(prefix, olderThanMs)),
    close: () => Promise.resolve(),
  };
  return { store, openStore: () => Promise.resolve({ ...bound, ...change(bound) }) };
}

Deno.test("before a run nothing is wrong on a machine that is fit, and nothing is left behind", async () => {
  const { code, out } = await run([FREE]);
  match(out, /^skipped +broker +no broker answers on 127\.0\.0\.1:0\nok +listen /);
  match(out, /\nok +data-dir .*\n(?:ok|warning) +fsync .*(?:\n +→ .*)?\n\w+ +disk-room /);
  match(out, /skipped +bucket .*\nok +clock .*\nNothing is wrong\.\n$/);
  strictEqual(code, 0);
});

Deno.test("an advertised address that leads elsewhere, or nowhere, is found before a broker runs", async () => {
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const elsewhere = await findings([
    FREE,
    `--advertised-addr=127.0.0.1:${other.addr.port}`,
    "--timeout=200ms",
  ]);
  match(elsewhere.find("advertised").message, /does not lead here: somebody else answers there/);
  other.close();
  const nowhere = await findings([FREE, `--advertised-addr=127.0.0.1:${other.addr.port}`]);
  match(nowhere.find("advertised").message, /nothing answers there/);
});

Deno.test("a port that another program has is found, whatever that program does", async () => {
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of other) {
      await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
      connection.close();
    }
  })();
  const { find, all } = await findings([`--listen=127.0.0.1:${other.addr.port}`]);
  strictEqual(find("broker").status, "wrong");
  ok(all.length > 2, "the other checks are made all the same");
  other.close();
  await serving;
});

Deno.test("beside a broker it says what clients are told, and whether that leads back", async () => {
  await using broker = await TestBroker.start();
  const { find } = await findings([`--listen=127.0.0.1:${broker.port}`]);
  match(find("broker").message, /^a broker answers on 127\.0\.0\.1:\d+: cluster \S+, node 1$/);
  match(find("advertised").message, /each client is told the address that it used itself/);
  const differs = await findings([
    `--listen=127.0.0.1:${broker.port}`,
    "--advertised-addr=kafka.example.org:1",
  ]);
  match(differs.find("advertised").message, /clients are told 127.*, but --advertised-addr here is kafka/);
});

Deno.test("a broker that sends its clients to another one, or to nobody, is found", async () => {
  await using other = await TestBroker.start();
  const wrongWay = { advertised: { host: "127.0.0.1", port: other.port } };
  await using broker = await TestBroker.start({ config: wrongWay });
  const { find } = await findings([`--listen=127.0.0.1:${broker.port}`]);
  match(find("advertised").message, /^clients are told 127.*, which leads to cluster /);
  await other.stop();
  const nobody = await findings([`--listen=127.0.0.1:${broker.port}`]);
  match(nobody.find("advertised").message, /cannot connect from here: .* nothing answers there/);
});

Deno.test("a broker that is told of as this machine's own is for clients on it alone", async () => {
  const config = { advertised: { host: "localhost", port: 1 } };
  await using broker = await TestBroker.start();
  await broker.restart({ ...config, advertised: { host: "localhost", port: broker.port } });
  // The port is another one after the restart; what counts is what the broker says.
  const { find } = await findings([`--listen=127.0.0.1:${broker.port}`]);
  ok(["warning", "wrong"].includes(find("advertised").status));
});

Deno.test("a data directory that cannot be written to is found", async () => {
  const { find } = await findings([FREE, `--data-dir=${import.meta.filename}/data`]);
  deepStrictEqual([find("data-dir").status, find("data-dir").message.includes("cannot be written to")], [
    ...["wrong", true],
  ]);
});

Deno.test("a disk with no room, or less than the log may take, is found", async () => {
  const withRoom = (bytes: number | null) => ({ machine }: DoctorIo) => ({
    machine: { freeBytes: () => bytes, openFilesUpTo: (count: number) => machine.openFilesUpTo(count) },
  });
  strictEqual((await findings([FREE], withRoom(1e6))).find("disk-room").status, "wrong");
  strictEqual((await findings([FREE], withRoom(5e8))).find("disk-room").status, "warning");
  strictEqual((await findings([FREE], withRoom(5e9))).find("disk-room").status, "ok");
  strictEqual((await findings([FREE], withRoom(null))).find("disk-room").status, "skipped");
});

Deno.test("a disk that syncs slowly is found", async () => {
  const slow = ({ clock }: DoctorIo) => {
    let nowMs = 0;
    return {
      clock: {
        ...clock,
        nowMs: () => clock.nowMs(),
        monotonicMs: () => nowMs += 20,
        setTimer: clock.setTimer,
      },
    };
  };
  const { find } = await findings([FREE], slow);
  deepStrictEqual([find("fsync").status, find("fsync").message.includes("after 20.00 ms")], [
    "warning",
    true,
  ]);
});

Deno.test("few files that may be open are found", async () => {
  const withFiles = (files: number) => () => ({
    machine: { freeBytes: () => 1e12, openFilesUpTo: () => files },
  });
  strictEqual((await findings([FREE], withFiles(100))).find("open-files").status, "wrong");
  strictEqual((await findings([FREE], withFiles(1024))).find("open-files").status, "warning");
});

Deno.test("a clock that is wrong is found, by the bucket's or by itself", async () => {
  const off = (offMs: number) => ({ clock }: DoctorIo) => ({
    clock: {
      ...clock,
      monotonicMs: () => clock.monotonicMs(),
      setTimer: clock.setTimer,
      nowMs: () => Date.now() + offMs,
    },
    openStore: bucket().openStore,
  });
  const args = [FREE, "--s3-bucket=backups"];
  const behind = (await findings(args, off(-600_000))).find("clock");
  match(behind.message, /^the clock is (?:60\d|599)\.\d s behind the bucket/);
  strictEqual(behind.status, "wrong");
  strictEqual((await findings(args, off(10_000))).find("clock").status, "warning");
  strictEqual((await findings([FREE], off(-20 * 365 * 86_400_000))).find("clock").status, "wrong");
});

Deno.test("a bucket that does all that it must is fit, and nothing is left in it", async () => {
  const { store, openStore } = bucket();
  const { all } = await findings([FREE, "--s3-bucket=backups"], () => ({ openStore }));
  const ofBucket = all.filter(({ check }) => check.startsWith("bucket"));
  deepStrictEqual(ofBucket.map(({ check, status }) => `${check} ${status}`), [
    ...["bucket-put ok", "bucket-get ok", "bucket-list ok", "bucket-conditions ok", "bucket-delete ok"],
  ]);
  deepStrictEqual(store.keys(), []);
});

Deno.test("each right that is missing, and a store without conditional writes, is found by its name", async () => {
  const refuse = () => Promise.reject(new KliteError("STORE_REFUSED", "AccessDenied"));
  const statuses = async (change: (store: ObjectStore) => Partial<ObjectStore>) => {
    const { all } = await findings(
      [FREE, "--s3-bucket=backups"],
      () => ({ openStore: bucket(change).openStore }),
    );
    return all.filter(({ check, status }) => check.startsWith("bucket") && status === "wrong").map((
      { check },
    ) => check);
  };
  deepStrictEqual(await statuses(() => ({ put: refuse })), ["bucket-put"]);
  deepStrictEqual(await statuses(() => ({ get: refuse })), ["bucket-get"]);
  deepStrictEqual(await statuses(() => ({ delete: refuse })), ["bucket-delete"]);
  deepStrictEqual(
    await statuses(({ put }) => ({ put: (key, content) => put(key, content) })),
    ["bucket-conditions"],
  );
  const away = () => Promise.reject(new KliteError("STORE_UNAVAILABLE", "no answer"));
  const { find } = await findings([FREE, "--s3-bucket=backups"], () => ({
    openStore: bucket(() => ({ put: away })).openStore,
  }));
  match(find("bucket-put").advice, /--s3-endpoint and --s3-region/);
});
