import { KliteError } from "../../base/klite_error.ts";
import type { Clock } from "../clock.ts";
import type { Files } from "../files.ts";

/** Files that a test writes. */
export class SimFiles implements Files {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #byPath = new Map<
    string,
    { readonly bytes: Uint8Array<ArrayBuffer>; readonly changedAtMs: number }
  >();

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  write(path: string, content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content.slice();
    this.#byPath.set(path, { bytes: new Uint8Array(bytes), changedAtMs: this.#clock.nowMs() });
  }

  remove(path: string): void {
    this.#byPath.delete(path);
  }

  read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const file = this.#byPath.get(path);
    return file === undefined
      ? Promise.reject(new KliteError("NOT_FOUND", `cannot read ${path}: there is no such file`))
      : Promise.resolve(file.bytes.slice());
  }

  changedAtMs(path: string): Promise<number | null> {
    return Promise.resolve(this.#byPath.get(path)?.changedAtMs ?? null);
  }
}
