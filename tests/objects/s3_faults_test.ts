/** What only a store beyond a network can do wrong. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { S3Store, type S3StoreOptions } from "../../src/io/deno/s3_store.ts";
import { CuttingProxy } from "../support/cutting_proxy.ts";
import { lacksS3Server, S3Server } from "../support/s3_server.ts";
import { inParts, listAll, numbered } from "./store_contract.ts";

const MIB = 1024 * 1024;
const ignore = await lacksS3Server();

interface World {
  readonly server: S3Server;
  readonly proxy: CuttingProxy;
  /** A store that reaches the server through the proxy. */
  readonly store: S3Store;
  /** Another one, which does not. */
  readonly other: S3Store;
  open(options?: Partial<S3StoreOptions>): S3Store;
}

function faultTest(name: string, check: (world: World) => Promise<void>): void {
  Deno.test({
    name: `S3: ${name}`,
    ignore,
    async fn() {
      await using server = await S3Server.start();
      await using proxy = new CuttingProxy(server.port);
      const { endpoint, bucket, credentials } = server;
      const opened: S3Store[] = [];
      const open = (options: Partial<S3StoreOptions> = {}): S3Store => {
        const store = new S3Store({ endpoint, bucket, credentials, ...options });
        opened.push(store);
        return store;
      };
      try {
        const store = open({ endpoint: `http://127.0.0.1:${proxy.port}` });
        await check({ server, proxy, store, other: open(), open });
      } finally {
        for (const store of opened) await store.close();
      }
    },
  });
}

faultTest("a put whose answer is lost is done once and tells the etag of what is there", async (world) => {
  const { store, other, proxy } = world;
  const cut = () => proxy.cutNext(/^PUT \S*key/);
  cut();
  const absent = await store.put("key", numbered(100), { ifAbsent: true });
  equal(absent.etag, (await other.head("key"))?.etag);
  cut();
  const matched = await store.put("key", numbered(200), { ifMatch: absent.etag });
  equal(matched.etag, (await other.head("key"))?.etag);
  cut();
  const replaced = await store.put("key", numbered(300));
  deepEqual(await other.get("key"), { bytes: numbered(300), etag: replaced.etag, sizeBytes: 300 });
  equal(proxy.cutCount, 3);
});

faultTest(
  "a large put goes on over lost answers at its beginning, in its middle and at its end",
  async (world) => {
    const { store, other, proxy } = world;
    for (const [round, condition] of [{ ifAbsent: true as const }, undefined].entries()) {
      proxy.cutNext(/^POST \S*key\S*uploads/);
      proxy.cutNext(/^PUT \S*key\S*partNumber=2/);
      proxy.cutNext(/^POST \S*key\S*uploadId/);
      const { etag } = await store.put("key", inParts(17 * MIB, round + 1), condition);
      equal(etag, (await other.head("key"))?.etag);
      equal(proxy.cutCount, 3 * (round + 1));
    }
    await store.removeUnfinished("", 0);
    deepEqual((await listAll(other, "")).map(({ sizeBytes }) => sizeBytes), [17 * MIB]);
  },
);

faultTest("when an answer is lost and somebody else has written since, that is a conflict", async (world) => {
  const { store, other, proxy } = world;
  const { etag } = await other.put("key", numbered(10));
  proxy.cutNext(/^PUT \S*key/, async () => void await other.put("key", numbered(30)));
  await rejects(store.put("key", numbered(20), { ifMatch: etag }), { code: "CONFLICT" });
  deepEqual((await other.get("key")).bytes, numbered(30));
});

faultTest("lost answers of reads, lists and deletes go unnoticed", async ({ store, proxy }) => {
  await store.put("a/key", numbered(100));
  proxy.cutNext(/^GET \S*a\/key/);
  equal((await store.get("a/key")).sizeBytes, 100);
  proxy.cutNext(/^HEAD/);
  equal((await store.head("a/key"))?.sizeBytes, 100);
  proxy.cutNext(/^GET \S*list-type/);
  equal((await listAll(store, "")).length, 1);
  proxy.cutNext(/^POST \S*delete/);
  await store.delete(["a/key"]);
  deepEqual(await listAll(store, ""), []);
  equal(proxy.cutCount, 4);
});

faultTest("a store that is away is tried until the deadline; when it is back, all goes on", async (world) => {
  const { server, open } = world;
  const hasty = open({ deadlineMs: 400 });
  const patient = open();
  await patient.put("key", numbered(10));
  await server.stop();
  const unavailable = { code: "STORE_UNAVAILABLE", retriable: true };
  await rejects(hasty.put("key", numbered(20)), unavailable);
  await rejects(hasty.get("key"), unavailable);
  await rejects(hasty.head("key"), unavailable);
  await rejects(listAll(hasty, ""), unavailable);
  await rejects(hasty.delete(["key"]), unavailable);
  const putting = patient.put("key", numbered(30), { ifMatch: '"x"' }).catch(({ code }) => code);
  const reading = patient.get("key");
  await server.restart();
  equal(await putting, "CONFLICT");
  deepEqual((await reading).bytes, numbered(10));
});

faultTest(
  "a store that is silent is asked again when an attempt has taken too long",
  async ({ server, open }) => {
    const store = open({ attemptTimeoutMs: 300 });
    await store.put("key", numbered(10));
    server.pause();
    const reading = store.get("key");
    const putting = store.put("other", numbered(20), { ifAbsent: true });
    await rejects(open({ attemptTimeoutMs: 200, deadlineMs: 500 }).head("key"), {
      code: "STORE_UNAVAILABLE",
    });
    server.resume();
    deepEqual((await reading).bytes, numbered(10));
    await putting;
    deepEqual((await store.get("other")).bytes, numbered(20));
  },
);

faultTest("what stays of a put that was cut short is found by its age and removed", async (world) => {
  const { server, open } = world;
  const unfinished = () => unfinishedUploads(server, "here/");
  const store = open({ prefix: "here", deadlineMs: 300 });
  const dying: S3Store = open({ prefix: "here", deadlineMs: 300 });
  const content = inParts(20 * MIB, 1);
  await rejects(
    dying.put("key", {
      sizeBytes: content.sizeBytes,
      async *parts() {
        for await (const part of content.parts()) {
          yield part;
          // Once an upload has begun, nobody answers any more: it cannot even be aborted.
          if (await unfinished().catch(() => 0) > 0) await server.stop();
        }
      },
    }),
    { code: "STORE_UNAVAILABLE" },
  );
  await server.restart();
  equal(await unfinished(), 1);
  await open({ prefix: "elsewhere" }).removeUnfinished("", 0);
  await store.removeUnfinished("elsewhere/", 0);
  await store.removeUnfinished("", 60_000);
  equal(await unfinished(), 1);
  await store.removeUnfinished("", 0);
  equal(await unfinished(), 0);
});

faultTest("no for good is said at once, with what to do", async ({ server, open }) => {
  const { accessKeyId } = server.credentials;
  const cases: readonly (readonly [Partial<S3StoreOptions>, RegExp])[] = [
    [{ bucket: "no-such-bucket" }, /there is no such bucket/],
    [{ credentials: { accessKeyId, secretAccessKey: "wrong" } }, /check the AWS credentials/],
    [{ credentials: { accessKeyId: "nobody", secretAccessKey: "wrong" } }, /access key/],
    [{ region: "eu-north-1" }, /region/],
  ];
  for (const [options, words] of cases) {
    const store = open(options);
    const attempts = [() => store.put("key", numbered(5)), () => store.get("key"), () => listAll(store, "")];
    for (const attempt of attempts) {
      await rejects(attempt, (error: Error) => {
        ok("code" in error && error.code === "STORE_REFUSED", error.message);
        ok(words.test(error.message), error.message);
        return true;
      });
    }
  }
});

faultTest(
  "stores of other prefixes see nothing of each other, and names that are no keys are not listed",
  async (world) => {
    const { server, open } = world;
    const [one, two, all] = [open({ prefix: "/one/" }), open({ prefix: "one-two" }), open()];
    await one.put("a/key", numbered(1));
    await two.put("a/other", numbered(2));
    await Deno.mkdir(`${server.bucketFolder}/one/b c`, { recursive: true });
    await Deno.writeTextFile(`${server.bucketFolder}/one/b c/d`, "foreign");
    equal(one.description, "s3://klite-test/one");
    deepEqual((await listAll(one, "")).map(({ key }) => key), ["a/key"]);
    deepEqual((await listAll(two, "")).map(({ key }) => key), ["a/other"]);
    deepEqual((await listAll(all, "")).map(({ key }) => key), ["one-two/a/other", "one/a/key"]);
    deepEqual(await one.listFolders(""), ["a"]);
    deepEqual(await all.listFolders(""), ["one", "one-two"]);
  },
);

faultTest("what is under way when a store is closed ends with it", async ({ server, open }) => {
  const store = open();
  server.pause();
  const reading = store.get("key");
  const putting = store.put("key", numbered(10));
  await store.close();
  await rejects(reading, { code: "STORE_UNAVAILABLE" });
  await rejects(putting, { code: "STORE_UNAVAILABLE" });
  server.resume();
});

async function unfinishedUploads(server: S3Server, Prefix: string): Promise<number> {
  const { endpoint, credentials, region } = server;
  const client = new S3Client({ endpoint, credentials, region, forcePathStyle: true, maxAttempts: 1 });
  try {
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: server.bucket, Prefix }));
    return Uploads?.length ?? 0;
  } finally {
    client.destroy();
  }
}
