/** A real Apache Kafka as a child process: one node, KRaft, broker and controller in one. */
import { join } from "node:path";
import { freePort } from "./broker_ready.ts";
import { type KafkaJars, kafkaJars } from "./kafka_jars.ts";
import { type BrokerFolders, launchBroker, makeBrokerFolders, RunningBroker } from "./running_broker.ts";

/** How to start it; every field has a default. */
export interface ApacheKafkaOptions {
  /** Port of the client listener on 127.0.0.1. Default: a free one. The controller always takes a free one. */
  readonly port?: number;
  /** Port of one more client listener: `SASL`, of protocol SASL_PLAINTEXT. What it takes is said in `properties`. */
  readonly saslPort?: number;
  /** Data directory, formatted when new, kept afterwards. Default: a temporary one, removed at the end. */
  readonly dir?: string;
  /** Goes into server.properties over the defaults. */
  readonly properties?: Readonly<Record<string, string>>;
  /** More arguments for the storage format command, such as `--feature transaction.version=2`. */
  readonly formatArgs?: readonly string[];
  /** Default: the heap and collector settings of Kafka's own start script. */
  readonly jvmFlags?: readonly string[];
  /** How long it may take to its first answer, in milliseconds. Default: 120 s. */
  readonly readyTimeoutMs?: number;
}

const DEFAULT_JVM_FLAGS: readonly string[] = [
  "-Xms1g",
  "-Xmx1g",
  "-server",
  "-XX:+UseG1GC",
  "-XX:MaxGCPauseMillis=20",
  "-XX:InitiatingHeapOccupancyPercent=35",
  "-XX:+ExplicitGCInvokesConcurrent",
  "-Djava.awt.headless=true",
];

/** A running Apache Kafka. */
export class ApacheKafka extends RunningBroker {
  /** Gathers the jars if need be, formats a new data directory, starts the broker, waits until it answers. */
  static async start(options: ApacheKafkaOptions = {}): Promise<ApacheKafka> {
    const jars = await kafkaJars();
    const port = options.port ?? freePort();
    const folders = await makeBrokerFolders(options.dir);
    const configFile = await writeConfig(folders, port, options);
    await formatIfNew(jars, folders, configFile, options.formatArgs ?? []);
    const launched = await launchBroker({
      command: jars.command("kafka.Kafka", [configFile], {
        jvmFlags: [...(options.jvmFlags ?? DEFAULT_JVM_FLAGS), `-Dkafka.logs.dir=${folders.scratch}`],
        logLevel: "WARN",
      }),
      port,
      folders,
      readyTimeoutMs: options.readyTimeoutMs ?? 120_000,
    });
    return new ApacheKafka(launched);
  }
}

/** Single-node defaults: internal topics cannot have more than one replica here. */
async function writeConfig(
  { dir, scratch }: BrokerFolders,
  port: number,
  { saslPort, properties }: ApacheKafkaOptions,
): Promise<string> {
  const controllerPort = freePort();
  const clients = [`PLAINTEXT://127.0.0.1:${port}`];
  if (saslPort !== undefined) clients.push(`SASL://127.0.0.1:${saslPort}`);
  const all: Record<string, string> = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    "listeners": [...clients, `CONTROLLER://127.0.0.1:${controllerPort}`].join(),
    "advertised.listeners": clients.join(),
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT",
    "log.dirs": dir,
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    ...properties,
  };
  const file = join(scratch, "server.properties");
  await Deno.writeTextFile(file, Object.entries(all).map(([key, value]) => `${key}=${value}\n`).join(""));
  return file;
}

async function formatIfNew(
  jars: KafkaJars,
  { dir }: BrokerFolders,
  configFile: string,
  formatArgs: readonly string[],
): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  for await (const entry of Deno.readDir(dir)) {
    if (entry.name === "meta.properties") return;
  }
  const id = crypto.getRandomValues(new Uint8Array(16));
  // A first bit of 0 keeps the text from beginning with a dash, which would look like an option.
  id[0] = 0x7f & (id[0] ?? 0);
  const clusterId = id.toBase64({ alphabet: "base64url", omitPadding: true });
  const args = ["format", "--config", configFile, "--cluster-id", clusterId, ...formatArgs];
  await jars.run("kafka.tools.StorageTool", args);
}
