/**
 * Assembles the WebAssembly of `src/`, so that the program carries it without reading a file:
 * each `.wat` becomes a `.ts` beside it that exports its bytes.
 *
 *     assemble_wasm.ts [--check]   write them, or tell whether the committed ones are current
 */
import initWabt from "wabt";

const SOURCES: readonly string[] = ["src/base/wasm/crc32c.wat"];
const TASK = "deno task wasm";
const FEATURES = { simd: true, bulk_memory: true };
const CHARACTERS_PER_LINE = 96;

/** The TypeScript that carries the module which `text`, of the file `path`, describes. */
export async function assemble(path: string, text: string): Promise<string> {
  const wabt = await initWabt();
  const module = wabt.parseWat(path, text, FEATURES);
  try {
    module.validate();
    return emit(path, module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

function emit(path: string, bytes: Uint8Array): string {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const name = `${file.slice(0, file.lastIndexOf(".")).toUpperCase()}_WASM`;
  const lines = bytes.toBase64().match(new RegExp(`.{1,${CHARACTERS_PER_LINE}}`, "g")) ?? [];
  return [
    `// generated from ${file} by "${TASK}", do not edit`,
    `/** The WebAssembly module, ${bytes.length} bytes, in base64. */`,
    `export const ${name} =\n  ${lines.map((line) => `"${line}"`).join(" +\n  ")};\n`,
  ].join("\n");
}

async function main(args: readonly string[]): Promise<void> {
  const check = args[0] === "--check";
  if (args.length > 1 || (args.length === 1 && !check)) return fail("usage: assemble_wasm.ts [--check]");
  for (const source of SOURCES) {
    const output = source.replace(/\.wat$/, "_wasm.ts");
    const text = await assemble(source, await Deno.readTextFile(source));
    if (!check) await Deno.writeTextFile(output, text);
    else if (await Deno.readTextFile(output) !== text) {
      return fail(`${output} is not what ${source} gives; run "${TASK}"`);
    }
  }
  console.log(`${SOURCES.length} WebAssembly ${SOURCES.length === 1 ? "module" : "modules"}, all current`);
}

function fail(message: string): void {
  console.error(message);
  Deno.exitCode = 1;
}

if (import.meta.main) await main(Deno.args);
