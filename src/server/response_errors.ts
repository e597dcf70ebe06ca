/** Who is told of each error. */
export interface ErrorCounter {
  failed(errorCode: number): void;
}

/**
 * Finds the errors in an answer, whatever API it is of: fields named `errorCode`, at any depth. `path` says where to look
 * where that is known and the answers are many: the names of lists, one in the other.
 */
export function eachError(
  response: object,
  path: readonly string[] | null,
  to: ErrorCounter,
): void {
  if (path === null) return search(response, to);
  look(response, path, 0, to);
}

function look(
  value: object,
  path: readonly string[],
  depth: number,
  to: ErrorCounter,
): void {
  if ("errorCode" in value && typeof value.errorCode === "number" && value.errorCode !== 0) {
    to.failed(value.errorCode);
  }
  const name = path[depth];
  if (name === undefined) return;
  const items: unknown = Reflect.get(value, name);
  if (!Array.isArray(items)) return;
  for (const item of items) look(item, path, depth + 1, to);
}

function search(value: object, to: ErrorCounter): void {
  if (ArrayBuffer.isView(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) {
      // The elements of a list are of one kind.
      if (typeof item !== "object" || item === null) return;
      search(item, to);
    }
    return;
  }
  for (const [name, field] of Object.entries(value)) {
    if (name === "errorCode") {
      if (typeof field === "number" && field !== 0) to.failed(field);
    } else if (typeof field === "object" && field !== null) search(field, to);
  }
}
