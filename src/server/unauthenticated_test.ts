import assert from "node:assert/strict";
import fc from "fast-check";
import { Unauthenticated } from "./unauthenticated.ts";

Deno.test("the address with the most loses its oldest", () => {
  const strangers = new Unauthenticated<string>(4);
  for (const name of ["a1", "b1", "b2", "c1"]) assert.equal(strangers.add(name.charAt(0), name), undefined);
  assert.equal(strangers.add("c", "c2"), "b1");
  assert.equal(strangers.add("c", "c3"), "c1");
  strangers.remove("c", "c1");
  strangers.remove("c", "c2");
  assert.equal(strangers.add("b", "b3"), undefined);
  assert.equal(strangers.size, 4);
});

Deno.test("whatever comes and goes, the bound holds, and nobody goes for an address that has more", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean()), { maxLength: 50 }),
      (max, steps) => {
        const strangers = new Unauthenticated<number>(max);
        const model: { host: string; id: number }[] = [];
        for (const [id, [host, comes]] of steps.entries()) {
          const count = (of: string) => model.filter((each) => each.host === of).length;
          if (comes) {
            model.push({ host, id });
            const gone = strangers.add(host, id);
            const index = model.findIndex((each) => each.id === gone);
            assert.equal(index >= 0, model.length > max);
            const [lost] = index < 0 ? [] : model.splice(index, 1);
            if (lost !== undefined) {
              for (const other of ["a", "b", "c"]) assert.ok(count(lost.host) + 1 >= count(other));
            }
          } else {
            const index = model.findIndex((each) => each.host === host);
            if (index >= 0) strangers.remove(host, model.splice(index, 1)[0]!.id);
          }
          assert.equal(strangers.size, model.length);
        }
      },
    ),
  );
});
