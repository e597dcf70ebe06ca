import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** So many syncs in a row have to be prompt. */
const PROMPT_SYNCS = 100;
const PROMPT_MS = 5;
const PAUSE_MS = 5;
/** Then it is as calm as it gets. */
const GIVE_UP_MS = 60_000;

/**
 * Waits until what others have written to the disk of `dir` is there, and syncs are prompt again. A broker that leaves
 * its data in the page cache, or a file that was deleted, would else be paid for by the next one that syncs: where file
 * systems give deleted blocks back to the device, they do it long after.
 */
export async function untilDiskIsCalm(dir: string): Promise<void> {
  await new Deno.Command("sync", { args: ["-f", dir] }).output();
  const path = join(dir, "calm");
  using file = await Deno.open(path, { write: true, create: true });
  const bytes = new Uint8Array(4096);
  const giveUpAt = performance.now() + GIVE_UP_MS;
  for (let prompt = 0; prompt < PROMPT_SYNCS && performance.now() < giveUpAt;) {
    await sleep(PAUSE_MS);
    const began = performance.now();
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(bytes);
    await file.syncData();
    prompt = performance.now() - began <= PROMPT_MS ? prompt + 1 : 0;
  }
  await Deno.remove(path);
}
