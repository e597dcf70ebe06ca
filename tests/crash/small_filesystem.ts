/** A real filesystem that is soon full: memory of a fixed size, mounted where the system permits that. */

const DECODER = new TextDecoder();

async function run(command: string, ...args: readonly string[]): Promise<string | null> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  return success ? null : DECODER.decode(stderr);
}

export class SmallFilesystem implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Whether this user may mount; mostly the administrator alone may. */
  static async isPermitted(): Promise<boolean> {
    if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
    const path = await Deno.makeTempDir({ prefix: "klite-mount-" });
    try {
      if (await run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path) !== null) return false;
      return await run("umount", path) === null;
    } finally {
      await Deno.remove(path);
    }
  }

  static async mount(sizeBytes: number): Promise<SmallFilesystem> {
    const path = await Deno.makeTempDir({ prefix: "klite-small-" });
    const trouble = await run("mount", "-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs", path);
    if (trouble !== null) throw new Error(`cannot mount: ${trouble}`);
    return new SmallFilesystem(path);
  }

  /** Takes room away. */
  async occupy(bytes: number): Promise<void> {
    await Deno.writeFile(`${this.path}/occupied`, new Uint8Array(bytes));
  }

  /** Gives it back. */
  async vacate(): Promise<void> {
    await Deno.remove(`${this.path}/occupied`);
  }

  /** Takes all that is left, to the last page. */
  async exhaust(): Promise<void> {
    using file = await Deno.open(`${this.path}/occupied`, { append: true, create: true });
    try {
      for (;;) await file.write(new Uint8Array(4096));
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOSPC") throw error;
    }
  }

  async grow(sizeBytes: number): Promise<void> {
    const trouble = await run("mount", "-o", `remount,size=${sizeBytes}`, this.path);
    if (trouble !== null) throw new Error(`cannot remount: ${trouble}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const trouble = await run("umount", this.path);
    if (trouble !== null) throw new Error(`cannot unmount: ${trouble}`);
    await Deno.remove(this.path);
  }
}
