/** Leads from the JavaScript that runs back to the TypeScript that was written: source maps, version 3. */

/** A place in a file; both count from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where generated lines come from, by column. */
export class SourceMap {
  /** Per generated line: columns in order, each with the source's line and column behind it. */
  readonly #lines: readonly (readonly (readonly [column: number, line: number, sourceColumn: number])[])[];

  /** Reads the `mappings` of a map with one source. */
  constructor(mappings: string) {
    let [sourceLine, sourceColumn] = [0, 0];
    this.#lines = mappings.split(";").map((line) => {
      let column = 0;
      return line.split(",").filter((segment) => segment !== "").flatMap((segment) => {
        const [columnDelta = 0, , lineDelta, sourceColumnDelta] = decodeVlq(segment);
        column += columnDelta;
        if (lineDelta === undefined || sourceColumnDelta === undefined) return [];
        sourceLine += lineDelta;
        sourceColumn += sourceColumnDelta;
        return [[column, sourceLine, sourceColumn] as const];
      });
    });
  }

  /** Takes a map as scripts carry it, a base64 `data:` URL; null for anything else. */
  static fromUrl(url: string): SourceMap | null {
    const base64 = /^data:application\/json[^,]*;base64,(.*)$/s.exec(url)?.[1];
    if (base64 === undefined) return null;
    const map: { readonly mappings: string } = JSON.parse(
      new TextDecoder().decode(Uint8Array.fromBase64(base64)),
    );
    return new SourceMap(map.mappings);
  }

  /** The source of a generated place; null where the map says nothing. */
  sourceOf({ line, column }: Position): Position | null {
    const segments = this.#lines[line] ?? [];
    const found = segments.findLast(([from]) => from <= column) ?? segments[0];
    return found === undefined ? null : { line: found[1], column: found[2] };
  }
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Signed numbers of five bits a digit, the sixth says that more follow. */
function decodeVlq(text: string): number[] {
  const values: number[] = [];
  let [value, shift] = [0, 0];
  for (const char of text) {
    const digit = DIGITS.indexOf(char);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    values.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return values;
}
