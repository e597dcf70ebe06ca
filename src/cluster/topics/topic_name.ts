/** The longest topic name, in characters (Kafka leaves room for a partition suffix in a file name). */
export const TOPIC_NAME_MAX_LENGTH = 249;

const LEGAL = /^[a-zA-Z0-9._-]+$/;

/** Why Kafka refuses this as a topic name, or `null` when it is legal. */
export function topicNameProblem(name: string): string | null {
  if (name === "") return "the empty string is not allowed";
  if (name === "." || name === "..") return `'${name}' is not allowed`;
  if (name.length > TOPIC_NAME_MAX_LENGTH) {
    return `the length of '${
      name.slice(0, 40)
    }\u2026' is longer than the max allowed length ${TOPIC_NAME_MAX_LENGTH}`;
  }
  if (!LEGAL.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return null;
}

/** Names that differ only in `.` and `_` share metric names in Kafka, so it refuses the second. */
export function collisionKey(name: string): string {
  return name.replaceAll(".", "_");
}
