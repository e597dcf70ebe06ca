import assert from "node:assert/strict";
import { FileSystemInFile } from "./filesystem_in_file.ts";
import { powerRun } from "./power_loss.ts";

const SEED = 1;

Deno.test({
  name: `power that is lost takes nothing along that was acknowledged (seed ${SEED})`,
  ignore: !await FileSystemInFile.isPermitted(),
  fn: async () => {
    assert.ok((await powerRun(3, SEED)).records > 0);
  },
});
