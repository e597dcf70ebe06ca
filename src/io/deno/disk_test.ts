import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { ImageMemory } from "../../base/image_memory.ts";
import { DirectHere } from "./direct_here.ts";
import { DirectIo, type DirectIoOptions } from "./direct_io.ts";
import { DenoDisk } from "./disk.ts";

/** Runs a test on a disk of its own, gone afterwards. */
function onDisk(name: string, test: (disk: DenoDisk) => Promise<void> | void): void {
  Deno.test(name, async () => {
    const root = await Deno.makeTempDir();
    try {
      await test(new DenoDisk(root));
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}

const bytes = (...values: number[]) => new Uint8Array(values);

onDisk("a file reads back what was written, on and off the event loop", async (disk) => {
  const file = disk.open("file", { create: true });
  file.writeAtSync(bytes(1, 2, 3, 4), 0);
  await Promise.all([file.writeAt(bytes(9), 3), file.writeAt(bytes(8, 7), 6), file.sync()]);
  equal(file.sizeBytes(), 8);
  const into = new Uint8Array(10);
  equal(file.readAtSync(into, 1), 7);
  deepEqual(into.subarray(0, 7), bytes(2, 3, 9, 0, 0, 8, 7));
  const [first, second] = [new Uint8Array(2), new Uint8Array(4)];
  deepEqual(await Promise.all([file.readAt(first, 0), file.readAt(second, 6)]), [2, 2]);
  deepEqual(first, bytes(1, 2));
  deepEqual(second, bytes(8, 7, 0, 0));
  equal(await file.readAt(first, 100), 0);
  file.close();
});

onDisk("synchronous calls do not wait for the ones off the event loop", async (disk) => {
  const file = disk.open("file", { create: true });
  const large = new Uint8Array(1 << 20).fill(5);
  const writing = file.writeAt(large, 0);
  const syncing = file.sync();
  file.writeAtSync(bytes(1), 1 << 21);
  await Promise.all([writing, syncing]);
  equal(file.sizeBytes(), (1 << 21) + 1);
  const into = new Uint8Array(1 << 20);
  equal(await file.readAt(into, 0), 1 << 20);
  deepEqual(into, large);
  file.close();
});

/** A disk whose direct reads and writes are ready when they are to begin. */
async function diskOf(root: string, options: DirectIoOptions): Promise<{ disk: DenoDisk; leave(): void }> {
  const io = new DirectIo(options);
  await io.join();
  return { disk: new DenoDisk(root, io), leave: () => io.leave() };
}

onDisk("what is written through reads back: aligned or not, past the cache or not", async ({ root }) => {
  const aligned = new ImageMemory(1 << 20).allocate(1 << 20);
  const ordinary = new Uint8Array((1 << 20) + 1);
  const here = { afterBytes: 0, performer: () => new DirectHere() };
  for (
    const [index, options] of [{ afterBytes: 0 }, here, { afterBytes: 8192 }, { afterBytes: Infinity }]
      .entries()
  ) {
    const { disk, leave } = await diskOf(root, options);
    const file = disk.open(`file${index}`, { create: true });
    const expected = new Uint8Array(64 * 1024);
    const write = async (
      memory: Uint8Array,
      from: number,
      length: number,
      position: number,
      fill: number,
    ) => {
      const part = memory.subarray(from, from + length).fill(fill);
      await (fill % 2 === 0 ? file.writeAt(part, position) : file.writeThrough(part, position));
      expected.fill(fill, position, position + length);
    };
    await write(aligned, 0, 65536, 0, 1);
    await write(aligned, 0, 65536, 0, 2);
    await write(aligned, 4096, 8192, 4096, 3);
    await write(aligned, 8192, 4096, 16384, 4);
    await write(aligned, 10, 4096, 20480, 5);
    await write(aligned, 4096, 100, 30, 6);
    await write(ordinary, 1, 4096, 40960, 7);
    await write(ordinary, 0, 4096, 49152, 8);
    await write(aligned, 0, 4096, 0, 9);
    await file.writeZeros(4096, 4096);
    expected.fill(0, 4096, 8192);
    await file.writeZeros(100, 16_400);
    expected.fill(0, 16_400, 16_500);
    const into = new Uint8Array(65536);
    equal(await file.readAt(into, 0), into.length);
    deepEqual(into, expected);
    file.close();
    leave();
  }
});

onDisk(
  "what is read once reads as anything else: any place, up to the end, of any length",
  async ({ root }) => {
    const content = Uint8Array.from({ length: 2_500_001 }, (_, index) => index * 7 + (index >> 12));
    for (const [index, performer] of [undefined, () => new DirectHere()].entries()) {
      const { disk, leave } = await diskOf(root, { afterBytes: 0, ...(performer && { performer }) });
      const file = disk.open(`file${index}`, { create: true, isReadOnce: true });
      await file.writeAt(content, 0);
      for (
        const [position, length] of [[0, 4096], [0, 2_500_001], [1, 200_000], [4095, 1_500_000], [
          8192,
          1 << 20,
        ]]
      ) {
        const into = new Uint8Array(length!);
        equal(await file.readAt(into, position!), length);
        deepEqual(into, content.subarray(position, position! + length!));
      }
      for (const position of [2_300_000, 2_500_000, 2_500_001, 2_503_000, 9_000_000]) {
        const into = new Uint8Array(1_000_000);
        const left = Math.max(content.length - position, 0);
        equal(await file.readAt(into, position), left);
        deepEqual(into.subarray(0, left), content.subarray(position));
      }
      file.close();
      leave();
    }
  },
);

onDisk("a direct write that fails says what and where", async ({ root }) => {
  const { disk, leave } = await diskOf(root, { afterBytes: 0 });
  const file = disk.open("file", { create: true });
  disk.remove("file");
  await rejects(file.writeThrough(new Uint8Array(4096), 0), {
    code: "DISK_FAILED",
    message: new RegExp(`cannot write ${root}/file`),
  });
  file.close();
  leave();
});

onDisk("directories are made, listed in order, synced; files renamed and removed", async (disk) => {
  disk.makeDir("a/b");
  for (const name of ["z", "x", "y"]) disk.open(`a/b/${name}`, { create: true }).close();
  await disk.syncDir("a/b");
  await disk.syncDir(".");
  deepEqual(disk.list("a/b"), ["x", "y", "z"]);
  deepEqual(disk.list("."), ["a"]);
  deepEqual(disk.list("nowhere"), []);
  disk.rename("a/b/x", "a/b/y");
  disk.remove("a/b/z");
  disk.remove("a/b/z");
  disk.open("a/b/large", { create: true }).close();
  await disk.discard("a/b/large");
  await disk.discard("a/b/large");
  deepEqual(disk.list("a/b"), ["y"]);
  ok(disk.exists("a/b/y") && disk.exists("a") && !disk.exists("a/b/x"));
});

onDisk("what the system refuses says what and where", async (disk) => {
  const notFound = { code: "NOT_FOUND", message: new RegExp(`cannot open ${disk.root}/absent: `) };
  throws(() => disk.open("absent"), notFound);
  throws(() => disk.rename("absent", "other"), { code: "NOT_FOUND" });
  await rejects(disk.syncDir("absent"), { code: "NOT_FOUND" });
  disk.makeDir("directory");
  throws(() => disk.open("directory", { create: true }), { code: "DISK_FAILED" });
});

onDisk("a full disk is told from other trouble, and may be tried again", async (disk) => {
  // The system's own device that is always full.
  Deno.symlinkSync("/dev/full", `${disk.root}/full`);
  const file = disk.open("full");
  throws(() => file.writeAtSync(bytes(1), 0), { code: "DISK_FULL", retriable: true });
  await rejects(file.writeAt(bytes(1), 0), { code: "DISK_FULL", retriable: true });
  file.close();
});

onDisk("a lock keeps another process out, and ends with its holder however that ends", async (disk) => {
  const module = new URL("./disk.ts", import.meta.url).href;
  const holder = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { DenoDisk } from ${JSON.stringify(module)};
      new DenoDisk(${JSON.stringify(disk.root)}).lock("LOCK");
      console.log("locked");
      setInterval(() => {}, 1000);`,
    ],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  await reader.read();
  throws(() => disk.lock("LOCK"), { code: "LOCKED" });
  holder.kill("SIGKILL");
  await holder.status;
  await reader.cancel();
  const lock = disk.lock("LOCK");
  throws(() => new DenoDisk(disk.root).lock("LOCK"), { code: "LOCKED" });
  lock.release();
  disk.lock("LOCK").release();
});

onDisk("a look tells what a file is without opening it, and which one", (disk) => {
  equal(disk.look("file"), null);
  const file = disk.open("file", { create: true });
  equal(disk.look("file/below"), null);
  file.writeAtSync(bytes(1, 2, 3), 0);
  file.close();
  const entry = disk.look("file");
  ok(entry !== null && entry.modifiedMs > 0);
  deepEqual({ ...entry, modifiedMs: 0, fileId: 0 }, {
    isDirectory: false,
    sizeBytes: 3,
    modifiedMs: 0,
    fileId: 0,
  });
  disk.open("other", { create: true }).close();
  ok(disk.look("other")?.fileId !== entry.fileId);
  disk.rename("file", "other");
  deepEqual(disk.look("other"), entry);
});

onDisk("a directory is removed when it is empty, and only then", (disk) => {
  disk.makeDir("a/b");
  disk.open("a/b/file", { create: true }).close();
  equal(disk.removeDir("a/b"), false);
  disk.remove("a/b/file");
  equal(disk.look("a/b")?.isDirectory, true);
  equal(disk.removeDir("a/b"), true);
  equal(disk.removeDir("a/b"), true);
  deepEqual(disk.list("a"), []);
});
