import { banner } from "./emit_message.ts";
import { lowerFirst, snakeCase } from "./names.ts";
import type { Message } from "./model.ts";
import { isEmpty } from "./version_range.ts";

/** The list of all codecs, for tests and tools that go through every message. */
export function emitAllMessages(messages: readonly Message[]): string {
  const imports = messages.map((message) =>
    `import { ${lowerFirst(message.name)} } from "./${snakeCase(message.name)}.ts";`
  );
  const names = messages.map((message) => `${lowerFirst(message.name)},`);
  return `${banner}import type { DataCodec, MessageCodec } from "../codec.ts";
${imports.join("\n")}

/**
 * Every codec there is, by message name. For tests and tools: the broker imports the messages that it serves, as
 * loading all of them would be most of its start-up time.
 */
export const allMessages: readonly (DataCodec<unknown> | MessageCodec<unknown>)[] = [
${names.join("\n")}
];
`;
}

/** The API keys, and the little of each request that must be known before its body can be read. */
export function emitApiKeys(messages: readonly Message[]): string {
  const requests = messages
    .filter((message) => message.type === "request")
    .sort((a, b) => (a.apiKey ?? 0) - (b.apiKey ?? 0));
  const names = requests.map((message) => `${message.name.replace(/Request$/, "")}: ${message.apiKey},`);
  const flexible = requests.map((message) =>
    `[${message.apiKey}, ${isEmpty(message.flexible) ? "Infinity" : message.flexible.min}],`
  );
  return `${banner}
/** Kafka's API keys, name to number. */
export const ApiKey = {
${names.join("\n")}
} as const;

/** One of the numbers of {@link ApiKey}. */
export type ApiKey = (typeof ApiKey)[keyof typeof ApiKey];

/** By API key, the first version of the request whose header and body are flexible (KIP-482). */
export const requestFlexibleFrom: ReadonlyMap<number, number> = new Map([
${flexible.join("\n")}
]);
`;
}
