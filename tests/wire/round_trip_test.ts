import assert from "node:assert/strict";
import { readMessages } from "../../codegen/generate.ts";
import { versionsOf } from "../../codegen/version_range.ts";
import { allMessages } from "../../src/protocol/generated/all_messages.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { asDecoded, randomMessage } from "./random_message.ts";
import { SeededRandom } from "./seeded_random.ts";

Deno.test("every message at every version decodes to what was encoded, defaults filled in", async () => {
  const random = new SeededRandom(7);
  const reader = new Reader();
  const writer = new Writer();
  for (const message of await readMessages("kafka-message-specs")) {
    const codec = allMessages.find((candidate) => candidate.name === message.name);
    assert.ok(codec !== undefined, `${message.name} has no codec`);
    for (const version of versionsOf(message.versions)) {
      for (let left = 3; left > 0; left--) {
        const value = randomMessage(message, version, random);
        codec.encode(writer.reset(), value, version);
        const decoded: unknown = codec.decode(reader.reset(writer.bytes()), version);
        assert.deepEqual(decoded, asDecoded(message.root, value, version), `${message.name} v${version}`);
        assert.deepEqual(Object.keys(decoded ?? {}), message.root.fields.map((field) => field.name));
        assert.equal(reader.remaining, 0, `${message.name} v${version} leaves bytes over`);
      }
    }
  }
});
