/** Drives kafkajs on secured listeners; jobs and answers as in secure_client.ts of the suite. */
import process from "node:process";
import { createInterface } from "node:readline";
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from "kafkajs";
import type { SecureAnswer, SecureJob } from "../security/secure_client.ts";

const LIMIT_MS = 30_000;

async function answer(job: SecureJob): Promise<SecureAnswer> {
  try {
    await writeAndRead(job);
    return { outcome: "read", detail: "" };
  } catch (error) {
    const detail = String(error);
    // Whoever is refused by its certificate sees no more than that the connection ends.
    const isRefusal = /KafkaJSSASLAuthenticationError|SASL.*failed|certificate|Connection error|alert/i
      .test(detail);
    return { outcome: isRefusal ? "refused" : "failed", detail };
  }
}

async function configOf(job: SecureJob): Promise<KafkaConfig> {
  const read = (path: string) => Deno.readTextFile(path);
  const own = job.certificate === undefined || job.key === undefined
    ? {}
    : { cert: await read(job.certificate), key: await read(job.key) };
  const sasl = await saslOf(job);
  return {
    clientId: "secure",
    brokers: [job.bootstrap],
    logLevel: logLevel.NOTHING,
    ssl: { ca: [await read(job.ca)], ...own },
    retry: { retries: 2, initialRetryTime: 100 },
    // Sessions of the suite are short: by default it would authenticate again before each request.
    reauthenticationThreshold: 1000,
    ...(sasl === undefined ? {} : { sasl }),
  };
}

async function saslOf(job: SecureJob): Promise<SASLOptions | undefined> {
  const { user: username = "", password = "" } = job;
  switch (job.mechanism) {
    case "PLAIN":
      return { mechanism: "plain", username, password };
    case "SCRAM-SHA-256":
      return { mechanism: "scram-sha-256", username, password };
    case "SCRAM-SHA-512":
      return { mechanism: "scram-sha-512", username, password };
    case "OAUTHBEARER": {
      const value = await Deno.readTextFile(job.tokenFile ?? "");
      return { mechanism: "oauthbearer", oauthBearerProvider: () => Promise.resolve({ value }) };
    }
    default:
      return undefined;
  }
}

async function writeAndRead(job: SecureJob): Promise<void> {
  const kafka = new Kafka(await configOf(job));
  const values = Array.from({ length: job.records }, (_, index) => `${job.mark}${index}`);
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry: { retries: 2 } });
  await producer.connect();
  await producer.send({ topic: job.topic, acks: -1, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
  const missing = new Set(values);
  const consumer = kafka.consumer({ groupId: job.group, retry: { retries: 2 } });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`${missing.size} records are missing`)), LIMIT_MS);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: job.topic, fromBeginning: true });
    consumer.on("consumer.crash", ({ payload }) => reject(payload.error));
    await consumer.run({
      eachMessage: ({ message }) => {
        missing.delete(message.value?.toString() ?? "");
        if (missing.size === 0) resolve();
        return Promise.resolve();
      },
    });
    await promise;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
// A client that was refused may still have timers.
process.exit(0);
