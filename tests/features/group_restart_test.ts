import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { BrokerProcess } from "../support/broker_process.ts";
import {
  type Claim,
  claimOf,
  heartbeat,
  joinNew,
  leave,
  succeeded,
  sync,
  textOf,
} from "../support/group_member.ts";
import { WireClient } from "../support/wire_client.ts";

for (const end of ["stop", "kill"] as const) {
  Deno.test(`a group goes on where it was after a ${end}, and its generations after another`, async () => {
    const dir = await Deno.makeTempDir({ prefix: "klite-groups-" });
    try {
      const live = async <T>(use: (client: WireClient) => Promise<T>): Promise<T> => {
        const broker = await BrokerProcess.start({ dir, flags: ["--wal-segment-max-bytes=2MiB"] });
        try {
          await using client = await WireClient.connect(broker.port);
          return await use(client);
        } finally {
          await broker[end]();
        }
      };
      const claim = await live(async (client): Promise<Claim> => {
        const member = succeeded(await joinNew(client, "g"));
        await sync(client, "g", claimOf(member), { [member.memberId]: "mine" });
        return claimOf(member);
      });
      await live(async (client) => {
        assert.equal(await heartbeat(client, "g", claim), ErrorCode.NONE);
        assert.equal(textOf((await sync(client, "g", claim)).assignment), "mine");
        await leave(client, "g", [claim]);
      });
      await live(async (client) => {
        assert.equal(await heartbeat(client, "g", claim), ErrorCode.UNKNOWN_MEMBER_ID);
        const next = succeeded(await joinNew(client, "g"));
        assert.ok(next.generationId > claim.generation);
      });
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}
