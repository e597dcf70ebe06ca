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
  const { topic } = job;
  const kafka = new Kafka(await configOf(job));
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry: { retries: 2 } });
  const consumer = kafka.consumer({ groupId: job.group, retry: { retries: 2 } });
  const missing = new Set<string>();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  let whenRead = () => {};
  let written = 0;
  const writeRound = async () => {
    const values = Array.from({ length: job.records }, () => `${job.mark}${written++}`);
    for (const value of values) missing.add(value);
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) });
  };
  const allRead = () =>
    new Promise<void>((resolve) => {
      whenRead = resolve;
      if (missing.size === 0) resolve();
    });
  const lastsUntil = performance.now() + job.lastsMs;
  const timer = setTimeout(() => reject(new Error(`${missing.size} records are missing`)), LIMIT_MS);
  try {
    await producer.connect();
    await writeRound();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    consumer.on("consumer.crash", ({ payload }) => reject(payload.error));
    await consumer.run({
      eachMessage: ({ message }) => {
        missing.delete(message.value?.toString() ?? "");
        if (missing.size === 0) whenRead();
        return Promise.resolve();
      },
    });
    for (;;) {
      await Promise.race([allRead(), failed]);
      if (performance.now() >= lastsUntil) break;
      await writeRound();
    }
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
    await producer.disconnect();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
// A client that was refused may still have timers.
process.exit(0);
