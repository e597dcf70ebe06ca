import assert from "node:assert/strict";
import fc from "fast-check";
import { Unauthenticated } from "./unauthenticated.ts";

Deno.test("the address with the most loses its oldest that has had its time", () => {
  const strangers = new Unauthenticated<string>(4);
  for (const [at, name] of ["a1", "b1", "b2", "c1"].entries()) {
    assert.equal(strangers.add(name.charAt(0), name, at), undefined);
  }
  assert.equal(strangers.add("c", "c2", 1001), "b1");
  assert.equal(strangers.add("c", "c3", 1003), "c1");
  strangers.remove("c", "c1");
  strangers.remove("c", "c2");
  assert.equal(strangers.add("b", "b3", 1004), undefined);
  assert.equal(strangers.size, 4);
});

Deno.test("as long as all are new, those go on that have begun", () => {
  const strangers = new Unauthenticated<string>(3);
  for (const name of ["a1", "a2", "a3"]) strangers.add("a", name, 0);
  assert.equal(strangers.add("a", "a4", 999), "a4");
  assert.equal(strangers.add("b", "b1", 999), "a3");
  assert.equal(strangers.add("b", "b2", 999), "a2");
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
            const gone = strangers.add(host, id, id * 300);
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
