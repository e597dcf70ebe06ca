/** An ext4 filesystem whose disk is a file, which can be taken back to what it was. For the administrator alone. */
import { runCommand } from "../support/run_command.ts";

export class FileSystemInFile implements AsyncDisposable {
  readonly path: string;
  readonly #image: string;

  private constructor(path: string, image: string) {
    this.path = path;
    this.#image = image;
  }

  /** Whether this user may mount such a thing. */
  static async isPermitted(): Promise<boolean> {
    if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
    try {
      await using _ = await FileSystemInFile.make(8 * 2 ** 20);
      return true;
    } catch {
      // Whatever is missing, programs or rights.
      return false;
    }
  }

  static async make(sizeBytes: number): Promise<FileSystemInFile> {
    const path = await Deno.makeTempDir({ prefix: "klite-disk-" });
    const image = await Deno.makeTempFile({ prefix: "klite-disk-" });
    await Deno.truncate(image, sizeBytes);
    const filesystem = new FileSystemInFile(path, image);
    try {
      await runCommand(["mkfs.ext4", "-q", image]);
      await filesystem.#mount();
    } catch (error) {
      await filesystem.#remove();
      throw error;
    }
    return filesystem;
  }

  /** Notes what has reached the file by now. */
  async remember(): Promise<void> {
    await Deno.copyFile(this.#image, `${this.#image}.then`);
  }

  /** What has been written since {@link remember} is lost. Nobody may use it at the moment. */
  async goBack(): Promise<void> {
    await runCommand(["umount", this.path]);
    await Deno.rename(`${this.#image}.then`, this.#image);
    await this.#mount();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runCommand(["umount", this.path]);
    await this.#remove();
  }

  async #mount(): Promise<void> {
    await runCommand(["mount", "-o", "loop", this.#image, this.path]);
  }

  async #remove(): Promise<void> {
    await Deno.remove(this.#image);
    await Deno.remove(this.path, { recursive: true });
  }
}
