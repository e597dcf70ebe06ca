import type { UserSource } from "../credentials.ts";
import { utf8 } from "../utf8.ts";

import { WatchedFile, type WatchedFileIo } from "../watched_file.ts";
import { type DerivedUsersOptions, deriveUsers } from "./derived_users.ts";

/** Each takes a few milliseconds of work whenever the file is read; whoever has more lets clients make them. */
const USERS_MAX = 1000;

/**
 * Users of a file, as it is now: whoever is added can come, and whoever is taken out cannot come again.
 * @throws KliteError as `Files.read` does, and BAD_CONFIG for a file that is none of users.
 */
export async function openUsersFile(
  path: string,
  io: WatchedFileIo,
  options: DerivedUsersOptions,
): Promise<UserSource> {
  const file = await WatchedFile.open(path, async (bytes) => {
    const passwords = parseUsersFile(bytes);
    return "problem" in passwords ? passwords : await deriveUsers(passwords, options);
  }, io);
  return { find: async (user, mechanism) => await (await file.current()).find(user, mechanism) };
}

/**
 * Reads lines of `name:password`; a password may have colons. Empty lines and those that begin with `#` do not count.
 * Problems name lines and never what is in them.
 */
export function parseUsersFile(
  bytes: Uint8Array,
): ReadonlyMap<string, string> | { readonly problem: string } {
  const text = utf8(bytes);
  if (text === null) return { problem: "is not a text in UTF-8" };
  const users = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const password = line.slice(colon + 1);
    const where = `line ${index + 1}`;
    if (name === "" || password === "" || line.includes("\0")) {
      return { problem: `${where} is not name:password` };
    }
    if (users.has(name)) return { problem: `${where} names a user for the second time` };
    users.set(name, password);
    if (users.size > USERS_MAX) return { problem: `has more than ${USERS_MAX} users` };
  }
  return users;
}
