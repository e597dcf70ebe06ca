import { KliteError } from "../../base/klite_error.ts";
import { FILE_BYTES_MAX, type Files } from "../files.ts";
import { edgeError } from "./edge_error.ts";

/** Files of the machine, wherever they are. Needs the permission to read those that are named. */
export class DenoFiles implements Files {
  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    try {
      const { size } = await Deno.stat(path);
      if (size > FILE_BYTES_MAX) {
        throw new KliteError("BAD_CONFIG", `${path} has ${size} bytes, more than ${FILE_BYTES_MAX}`);
      }
      return await Deno.readFile(path);
    } catch (error) {
      throw edgeError(error, "read", path);
    }
  }

  async changedAtMs(path: string): Promise<number | null> {
    try {
      return (await Deno.stat(path)).mtime?.getTime() ?? null;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw edgeError(error, "look at", path);
    }
  }
}
