import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { Heap, type HeapItem } from "./heap.ts";

interface Numbered extends HeapItem {
  key: number;
}

const action = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), key: fc.nat(20) }),
  fc.record({ kind: fc.constantFrom("remove" as const, "first" as const), at: fc.nat(50) }),
  fc.record({ kind: fc.constant("move" as const), at: fc.nat(50), key: fc.nat(20) }),
);

Deno.test("the first is always the least of those that are there, whatever is added, moved and taken out", () => {
  fc.assert(fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
    const heap = new Heap<Numbered>((a, b) => a.key < b.key);
    const there: Numbered[] = [];
    for (const each of actions) {
      if (each.kind === "add") {
        const item = { key: each.key, place: -1 };
        heap.add(item);
        there.push(item);
      } else if (there.length > 0) {
        const item = each.kind === "first" ? heap.first! : there[each.at % there.length]!;
        if (each.kind === "move") {
          item.key = each.key;
          heap.moved(item);
        } else {
          heap.remove(item);
          heap.remove(item);
          there.splice(there.indexOf(item), 1);
        }
      }
      equal(heap.size, there.length);
      equal(heap.first?.key, there.map(({ key }) => key).sort((a, b) => a - b)[0]);
    }
    deepEqual(new Set(heap.takeAll()), new Set(there));
    equal(heap.size, 0);
    equal(there.every(({ place }) => place === -1), true);
  }));
});
