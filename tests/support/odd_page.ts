/** The page of a Worker that answers, fails and dies as it is told, for tests of who asks it. */
import { assert } from "../../src/base/assert.ts";
import { KliteError } from "../../src/base/klite_error.ts";
import { servePage } from "../../src/io/deno/job_page.ts";

let calls = 0;

servePage((config) => {
  if (config === "unopenable") return Promise.reject(new KliteError("STORE_REFUSED", "no such bucket"));
  return Promise.resolve({
    async answer(name: string, argument: unknown) {
      calls++;
      switch (name) {
        case "config":
          return { value: config, moved: [] };
        case "count":
          return { value: calls, moved: [] };
        case "late":
          await new Promise((resolve) => setTimeout(resolve, 20));
          return { value: argument, moved: [] };
        case "bytes": {
          const bytes = new Uint8Array(1024).fill(7);
          return { value: bytes, moved: [bytes.buffer] };
        }
        case "refuse":
          throw new KliteError("DISK_FULL", `no room for ${argument}`, { retriable: true });
        case "assert":
          assert(false, "two and two are five");
          break;
        case "die":
          setTimeout(() => {
            throw new Error("the Worker's own fault");
          });
      }
      return await new Promise<never>(() => {});
    },
    close: () => Promise.resolve(),
  });
});
