import type { Unlike } from "../tools/unlike.ts";

/** Where klite's answers to Kafka's tools for security are not Kafka's, and why, by the title of the run. */
export const UNLIKE: ReadonlyMap<string, Unlike> = new Map();
