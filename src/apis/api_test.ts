import assert from "node:assert/strict";
import { AssertionError } from "../base/assert.ts";
import { allMessages } from "../protocol/generated/all_messages.ts";
import { Api, type ApiCode } from "./api.ts";
import { APIS } from "./mod.ts";

const code: ApiCode = {
  key: 18,
  responseHeaderVersion: () => 0,
  serve: () => ({}),
  encode: () => {},
};

Deno.test("every line of the table loads the code of its API, and its messages have all versions served", async () => {
  for (const api of APIS) {
    await api.load();
    assert.equal(api.code.key, api.key, api.name);
    for (const type of ["Request", "Response"]) {
      const message = allMessages.find(({ name }) => name === `${api.name}${type}`);
      assert.ok(message !== undefined && "latestVersionUnstable" in message, `${api.name}${type}`);
      const newest = message.maxVersion - (message.latestVersionUnstable ? 1 : 0);
      assert.ok(message.minVersion <= api.versions[0] && api.versions[1] <= newest, api.name);
    }
  }
});

Deno.test("code is loaded once, when somebody asks for it", async () => {
  let loaded = 0;
  const api = new Api("ApiVersions", [0, 4], () => Promise.resolve((loaded++, code)));
  assert.equal(loaded, 0);
  assert.ok(!api.isLoaded);
  await Promise.all([api.load(), api.load()]);
  await api.load();
  assert.equal(loaded, 1);
  assert.ok(api.isLoaded);
  assert.equal(api.code, code);
});

Deno.test("what stands in the way of loading is told by whoever needs the code", async () => {
  const lost = new Api("ApiVersions", [0, 4], () => Promise.reject(new TypeError("no such file")));
  await lost.load();
  assert.ok(lost.isLoaded, "nobody waits for it any more");
  assert.throws(() => lost.code, TypeError);

  const wrong = new Api("Produce", [3, 13], () => Promise.resolve(code));
  await wrong.load();
  assert.throws(() => wrong.code, AssertionError);
});
