/** Apache Kafka's jars (broker, tools, clients), gathered by Maven once, and a way to run any class in them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached, fingerprint } from "./cache_dir.ts";
import { runCommand, type RunOptions, type RunResult } from "./run_command.ts";

const JAVA_FOLDER = fileURLToPath(new URL("../clients/java/", import.meta.url));
const LOG_CONFIG_FILE = join(JAVA_FOLDER, "log4j2.xml");

const TOOL_JVM_FLAGS: readonly string[] = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

/** The lowest level that a Kafka class logs, to standard error. */
export type KafkaLogLevel = "INFO" | "WARN" | "ERROR";

/** How a class is run: memory and log level beside the usual. */
export interface KafkaRunOptions extends RunOptions {
  /** Default: Kafka's own memory limit for tools, and little spent on optimizing a short life. */
  readonly jvmFlags?: readonly string[];
  readonly logLevel?: KafkaLogLevel;
  /** A folder with compiled classes of one's own. */
  readonly classes?: string;
}

/** A folder with every jar that the pom names. */
export class KafkaJars {
  readonly folder: string;
  /** The Apache Kafka release of the jars, for reports. */
  readonly version: string;

  constructor(folder: string, version: string) {
    this.folder = folder;
    this.version = version;
  }

  /** What `java -cp` takes. */
  get classPath(): string {
    return join(this.folder, "*");
  }

  /** The command that runs `mainClass`. */
  command(mainClass: string, args: readonly string[], options: KafkaRunOptions = {}): string[] {
    return [
      "java",
      ...(options.jvmFlags ?? TOOL_JVM_FLAGS),
      `-Dlog4j2.configurationFile=${LOG_CONFIG_FILE}`,
      `-Dklite.log.level=${options.logLevel ?? "ERROR"}`,
      "-cp",
      options.classes === undefined ? this.classPath : `${options.classes}:${this.classPath}`,
      mainClass,
      ...args,
    ];
  }

  /** Runs `mainClass` to its end. Throws when it exits with anything but 0. */
  run(mainClass: string, args: readonly string[], options: KafkaRunOptions = {}): Promise<RunResult> {
    return runCommand(this.command(mainClass, args, options), options);
  }
}

/** Kafka's jars, from the cache or (about a minute, once) through Maven. Needs `java` 17 or newer and `mvn`. */
export function kafkaJars(): Promise<KafkaJars> {
  return gather("kafka", join(JAVA_FOLDER, "pom.xml"));
}

/** Kafka Streams and what it needs, the same way. */
export function streamsJars(): Promise<KafkaJars> {
  return gather("kafka-streams", join(JAVA_FOLDER, "streams", "pom.xml"));
}

async function gather(name: string, pomFile: string): Promise<KafkaJars> {
  const pom = await Deno.readTextFile(pomFile);
  const version = /<kafka\.version>([^<]+)</.exec(pom)?.[1];
  if (version === undefined) throw new Error(`${pomFile} names no kafka.version`);
  const folder = await cached(`${name}-${version}-${await fingerprint(pom)}`, async (unfinished) => {
    await runCommand(
      ["mvn", "-B", "-q", "-f", pomFile, "dependency:copy-dependencies", `-DoutputDirectory=${unfinished}`],
      { timeoutMs: 600_000 },
    );
  });
  return new KafkaJars(folder, version);
}
