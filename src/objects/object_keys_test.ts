import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  clusterFolder,
  leaseKey,
  objectKey,
  parseClusterFolder,
  parseObjectKey,
  parseObjectName,
  parsePartitionFolder,
  parseSnapshotName,
  parseTopicFolder,
  snapshotKey,
} from "./object_keys.ts";

const TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAQ";

const topicName = fc.stringMatching(/^[A-Za-z0-9._-]{1,249}$/).filter((name) =>
  name !== "." && name !== ".."
);
const topicId = fc.stringMatching(/^[A-Za-z0-9_-]{22}$/);
const offset = fc.nat(Number.MAX_SAFE_INTEGER - 1);

Deno.test("keys are as documented", () => {
  const partition = { topicName: "orders", topicId: TOPIC_ID, index: 12 };
  const flushed = { baseOffset: 4711, endOffset: 5000, generation: 0 };
  equal(
    objectKey("c1", partition, flushed),
    `klite-c1/orders-${TOPIC_ID}/12/00000000000000004711.obj`,
  );
  equal(
    objectKey("c1", partition, { ...flushed, generation: 2 }),
    `klite-c1/orders-${TOPIC_ID}/12/00000000000000004711-00000000000000005000-2.obj`,
  );
  equal(snapshotKey("c1", 640), "klite-c1/meta/snapshot-0000000000000640.json");
  equal(leaseKey("c1"), "klite-c1/meta/lease.json");
  equal(parseSnapshotName("snapshot-0000000000000640.json"), 640);
});

Deno.test("a key says whose object it is and which, whatever the topic's name", () => {
  fc.assert(
    fc.property(
      topicName,
      topicId,
      fc.nat(99_999),
      offset,
      fc.nat(9),
      (topicName, topicId, index, base, generation) => {
        const partition = { topicName, topicId, index };
        const endOffset = base + 1;
        const parsed = parseObjectKey(
          "c1",
          objectKey("c1", partition, { baseOffset: base, endOffset, generation }),
        );
        const name = { baseOffset: base, endOffset: generation === 0 ? null : endOffset, generation };
        deepEqual(parsed, { partition, name });
      },
    ),
  );
});

Deno.test("names that are none of ours are no error", () => {
  fc.assert(fc.property(fc.string(), (name) => {
    equal(parseObjectName(name), null);
    equal(parseObjectKey("c1", name), null);
    equal(parseObjectKey("c1", clusterFolder("c1") + name), null);
    equal(parseSnapshotName(name), null);
    equal(parseTopicFolder(`${name}/`), null);
    equal(parsePartitionFolder(`${name}/`), null);
  }));
  const strange = [
    "00000000000000004711.obj.new",
    "0000000000004711.obj",
    "99999999999999999999.obj",
    "00000000000000000005-00000000000000000005-1.obj",
    "00000000000000000005-00000000000000000009-0.obj",
    "00000000000000000005-00000000000000000009-01.obj",
    "00000000000000000005-00000000000000000009.obj",
  ];
  for (const name of strange) equal(parseObjectName(name), null, name);
  for (const folder of ["01", "-1", "1.0", "", " 1", "4294967296"]) {
    equal(parsePartitionFolder(folder), null, folder);
  }
  for (const folder of ["meta", `..-${TOPIC_ID}`, `-${TOPIC_ID}`, TOPIC_ID]) {
    equal(parseTopicFolder(folder), null, folder);
  }
  for (const folder of ["klite-", "other", "klite"]) equal(parseClusterFolder(folder), null, folder);
  equal(parseClusterFolder("klite-c1"), "c1");
});
