/** An inclusive range of message versions. `max` is `Infinity` for an open range such as `3+`. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** The range that holds no version; every operation that comes out empty returns this one. */
export const noVersions: VersionRange = { min: 0, max: -1 };

/** Parses the forms that the specs use: `none`, `3`, `0-12` and `3+`. Throws on anything else. */
export function parseVersionRange(text: string): VersionRange {
  if (text === "none") return noVersions;
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a version range: ${JSON.stringify(text)}`);
  const min = Number(match[1]);
  if (match[2] !== undefined) return { min, max: Infinity };
  const max = match[3] === undefined ? min : Number(match[3]);
  if (max < min) throw new Error(`a version range that ends before it starts: ${text}`);
  return { min, max };
}

export function isEmpty(range: VersionRange): boolean {
  return range.max < range.min;
}

export function intersect(a: VersionRange, b: VersionRange): VersionRange {
  const range = { min: Math.max(a.min, b.min), max: Math.min(a.max, b.max) };
  return isEmpty(range) ? noVersions : range;
}

/** The smallest range that holds both. */
export function hull(a: VersionRange, b: VersionRange): VersionRange {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

export function includes(range: VersionRange, version: number): boolean {
  return range.min <= version && version <= range.max;
}

/** Whether every version of `inner` is in `outer`. */
export function covers(outer: VersionRange, inner: VersionRange): boolean {
  return isEmpty(inner) || (outer.min <= inner.min && inner.max <= outer.max);
}

/** Every version of a bounded range, ascending. */
export function versionsOf(range: VersionRange): number[] {
  if (range.max === Infinity) throw new Error("an open range cannot be listed");
  return Array.from({ length: Math.max(0, range.max - range.min + 1) }, (_, index) => range.min + index);
}

/**
 * A TypeScript condition that tells whether `version` is in `range`, given that it is in `context`;
 * `"true"` or `"false"` when that needs no question.
 */
export function condition(range: VersionRange, context: VersionRange): string {
  const inside = intersect(range, context);
  if (isEmpty(inside)) return "false";
  const above = inside.min > context.min;
  const below = inside.max < context.max;
  if (above && below) {
    return inside.min === inside.max
      ? `version === ${inside.min}`
      : `version >= ${inside.min} && version <= ${inside.max}`;
  }
  if (above) return `version >= ${inside.min}`;
  if (below) return `version <= ${inside.max}`;
  return "true";
}

/** As {@link condition}, for whether `version` is not in `range`. */
export function negatedCondition(range: VersionRange, context: VersionRange): string {
  const test = condition(range, context);
  if (test === "true") return "false";
  if (test === "false") return "true";
  if (test.includes("&&")) return `!(${test})`;
  return test.replace(/ (>=|<=|===) /, (operator) => ({ " >= ": " < ", " <= ": " > " })[operator] ?? " !== ");
}

/** The range in words for a doc comment, given that `context` is all there is. */
export function describe(range: VersionRange, context: VersionRange): string {
  const inside = intersect(range, context);
  if (inside.min === inside.max) return `Version ${inside.min}`;
  if (inside.max === context.max) return `Versions ${inside.min}+`;
  return `Versions ${inside.min}-${inside.max}`;
}
