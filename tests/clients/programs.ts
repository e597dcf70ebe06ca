/**
 * Clients that are libraries are driven by small programs, each in its own
 * language. This makes them ready: installs what they need and builds them,
 * once, into the cache.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached, fingerprint } from "../support/cache_dir.ts";
import { type KafkaJars, kafkaJars, type KafkaLogLevel, streamsJars } from "../support/kafka_jars.ts";
import { runCommand } from "../support/run_command.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const BUILD_TIMEOUT_MS = 600_000;
/** Many of them run at once, for a short time. */
const JVM_FLAGS: readonly string[] = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

/** A program's command line, to which its arguments are added, and the version of the client in it. */
export interface PreparedProgram {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly version: string;
}

/** A Java program of one source file in `java/`, on Kafka's own jars; it logs to standard error. */
export async function prepareJava(mainClass: string, logLevel?: KafkaLogLevel): Promise<PreparedProgram> {
  return await compileJava(mainClass, await kafkaJars(), logLevel);
}

/** One that uses Kafka Streams. */
export async function prepareStreams(mainClass: string): Promise<PreparedProgram> {
  return await compileJava(mainClass, await streamsJars());
}

/** A program that comes with Kafka. */
export async function prepareKafkaTool(mainClass: string): Promise<PreparedProgram> {
  const jars = await kafkaJars();
  return { command: jars.command(mainClass, [], { jvmFlags: JVM_FLAGS }), version: jars.version };
}

async function compileJava(
  mainClass: string,
  jars: KafkaJars,
  logLevel: KafkaLogLevel = "ERROR",
): Promise<PreparedProgram> {
  const source = join(HERE, "java", `${mainClass}.java`);
  const text = await Deno.readTextFile(source);
  const classes = await cached(`java-${await fingerprint(text, jars.folder)}`, async (unfinished) => {
    await runCommand(["javac", "-cp", jars.classPath, "-d", unfinished, source]);
  });
  const command = jars.command(mainClass, [], { jvmFlags: JVM_FLAGS, classes, logLevel });
  return { command, version: jars.version };
}

/** The Python that has the clients, running `python/SCRIPT`; the version is that of `library`. */
export async function preparePython(script: string, library: string): Promise<PreparedProgram> {
  const requirementsFile = join(HERE, "python", "requirements.txt");
  const requirements = await Deno.readTextFile(requirementsFile);
  const folder = await cached(`python-${await fingerprint(requirements)}`, async (unfinished) => {
    await runCommand(["python3", "-m", "venv", unfinished]);
    const pip = [join(unfinished, "bin", "python"), "-m", "pip", "install", "-q"];
    await runCommand([...pip, "--disable-pip-version-check", "-r", requirementsFile], {
      timeoutMs: BUILD_TIMEOUT_MS,
    });
  });
  const version = new RegExp(`^${library}==(\\S+)$`, "m").exec(requirements)?.[1] ?? "?";
  const python = join(folder, "bin", "python");
  // Bytecode files would litter the source folder.
  return { command: [python, "-B", join(HERE, "python", script)], version };
}

/** A program in `javascript/`. Deno fetches the packages that it imports when it is cached. */
export async function prepareJavaScript(script: string, library: string): Promise<PreparedProgram> {
  const file = join(HERE, "javascript", script);
  await runCommand([Deno.execPath(), "cache", "-q", file], { timeoutMs: BUILD_TIMEOUT_MS });
  const config = await Deno.readTextFile(join(HERE, "..", "..", "deno.json"));
  const version = new RegExp(`npm:${library}@([^"]+)"`).exec(config)?.[1] ?? "?";
  const permissions = ["--allow-net", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"];
  return { command: [Deno.execPath(), "run", "-q", "--no-prompt", ...permissions, file], version };
}

/** A Go program, a folder of `go/`; the version is that of `library`, a module path. */
export async function prepareGo(name: string, library: string): Promise<PreparedProgram> {
  const module = join(HERE, "go");
  const goMod = await Deno.readTextFile(join(module, "go.mod"));
  const sources = [goMod, await Deno.readTextFile(join(module, "go.sum"))];
  for await (const { name: file } of Deno.readDir(join(module, name))) {
    sources.push(file, await Deno.readTextFile(join(module, name, file)));
  }
  const folder = await cached(
    `go-${name}-${await fingerprint(...sources.toSorted())}`,
    async (unfinished) => {
      const build = ["go", "build", "-trimpath", "-o", join(unfinished, name), `./${name}`];
      await runCommand(build, {
        cwd: module,
        env: { GOFLAGS: "-mod=readonly" },
        timeoutMs: BUILD_TIMEOUT_MS,
      });
    },
  );
  const version = new RegExp(`${library} v(\\S+)`).exec(goMod)?.[1] ?? "?";
  return { command: [join(folder, name)], version };
}
