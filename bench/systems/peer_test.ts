import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { BrokerConnection } from "../load/connection.ts";
import { decodeApiVersions, encodeApiVersions } from "../load/requests.ts";
import { fillPlaceholders, peer } from "./peer.ts";

Deno.test("known placeholders are filled each time they occur, and other braces stay", () => {
  const filled = fillPlaceholders("run {port} {dir}/x {port} {other} ${HOME}", { port: "1", dir: "/d" });
  assert.equal(filled, "run 1 /d/x 1 {other} ${HOME}");
});

Deno.test("a broker behind a shell is started, answers, is measured as a whole and leaves nothing behind", async () => {
  const dir = await Deno.makeTempDir();
  const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
  // Two commands, so that the shell stays and the broker is its child.
  const command = `${Deno.execPath()} run -q -A ${main} --listen {host}:{port} --data-dir {dir}; exit $?`;
  const running = await peer(dir, { name: "other", command }).start();
  assert.ok(running.target.pids.length >= 2);
  assert.ok(running.residentBytes() > 10_000_000);
  const connection = await BrokerConnection.open(running.target);
  assert.ok(decodeApiVersions(await connection.call(encodeApiVersions())).has(18));
  connection.close();
  await running.stop();
  await assert.rejects(BrokerConnection.open(running.target), Deno.errors.ConnectionRefused);
  assert.deepEqual([...Deno.readDirSync(dir)], []);
  await Deno.remove(dir);
});
