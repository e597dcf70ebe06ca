/** Where two answers differ, a line for each place: its path, and what either says. */
export function unlike(klite: unknown, kafka: unknown, path = ""): string[] {
  if (Object.is(klite, kafka)) return [];
  if (Array.isArray(klite) && Array.isArray(kafka)) {
    const longer = klite.length > kafka.length ? klite : kafka;
    return longer.flatMap((_, index) => unlike(klite[index], kafka[index], `${path}[${index}]`));
  }
  if (isObject(klite) && isObject(kafka)) {
    const names = new Set([...Object.keys(klite), ...Object.keys(kafka)]);
    return [...names].flatMap((name) =>
      unlike(klite[name], kafka[name], path === "" ? name : `${path}.${name}`)
    );
  }
  return [`${path}: klite ${JSON.stringify(klite)}, Kafka ${JSON.stringify(kafka)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
