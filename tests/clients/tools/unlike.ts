/** Where klite's answers to Kafka's tools are not Kafka's, and why. */
export const UNLIKE: Readonly<Record<string, string>> = {};
