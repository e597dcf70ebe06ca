/** Where downloads that outlive a run are kept: client jars, Python environments, built programs. */
import { join } from "node:path";

/** The folder for things that tests fetch or build once: `KLITE_CACHE`, else klite's part of the user's cache. */
export function cacheDir(): string {
  const chosen = Deno.env.get("KLITE_CACHE");
  if (chosen) return chosen;
  const home = Deno.env.get("HOME") ?? ".";
  return join(Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache"), "klite");
}

/** What this process is filling or has found filled. */
const underWay = new Map<string, Promise<string>>();

/**
 * Fills `cacheDir()/name` once. `build` works in a folder beside it, which is
 * renamed when complete, so an interrupted build is never taken for a finished one.
 */
export function cached(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const known = underWay.get(name);
  if (known !== undefined) return known;
  const filling = fill(name, build);
  underWay.set(name, filling);
  return filling;
}

async function fill(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheDir(), name);
  if (await exists(folder)) return folder;
  await Deno.mkdir(cacheDir(), { recursive: true });
  const unfinished = await Deno.makeTempDir({ dir: cacheDir(), prefix: `${name}.` });
  try {
    await build(unfinished);
    await Deno.rename(unfinished, folder);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true });
    // Another process may have finished the same work first; its result is as good.
    if (!(await exists(folder))) throw error;
  }
  return folder;
}

/** The first characters of a SHA-256 over the given texts: names a cache entry after what it was made from. */
export async function fingerprint(...texts: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(texts.join("\0")));
  return new Uint8Array(digest).toHex().slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
