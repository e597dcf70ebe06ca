import assert from "node:assert/strict";
import { plainObject } from "../../tests/support/plain_object.ts";
import { ObjectList } from "./object_list.ts";

Deno.test("what an object is can be asked field by field, without making it", () => {
  const list = new ObjectList();
  list.push(plainObject(0, 10, { generation: 3, sizeBytes: 120, dataBytes: 100, maxTimestampMs: 7 }));
  list.push(plainObject(10, 15, { isClean: true, deleteHorizonMs: 99 }));
  for (const [index, object] of [...list].entries()) {
    assert.deepEqual({
      ...object,
      endOffset: list.endOffsetOf(index),
      generation: list.generationOf(index),
      sizeBytes: list.sizeBytesOf(index),
      dataBytes: list.dataBytesOf(index),
      maxTimestampMs: list.maxTimestampMsOf(index),
      isClean: list.isClean(index),
      deleteHorizonMs: list.deleteHorizonMsOf(index),
    }, object);
  }
  assert.throws(() => list.endOffsetOf(2), /exists/);
});
