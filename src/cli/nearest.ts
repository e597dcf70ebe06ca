/** The name closest to a mistyped one, or `null` when none is close enough to be meant. */
export function nearest(typed: string, names: Iterable<string>): string | null {
  let best: string | null = null;
  // A third of the letters may be wrong, but never so many that a guess would mislead.
  let bestDistance = Math.min(3, Math.max(1, Math.floor(typed.length / 3))) + 1;
  for (const name of names) {
    const cutShort = typed.length >= 3 && name.startsWith(typed);
    const distance = cutShort ? 1 : editDistance(typed, name);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours between two short words. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
