/** Every client of the suite, in the order of the report. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Client } from "./client.ts";
import type { DataHeader, DataRecord } from "./data_record.ts";
import { kafkaConsole } from "./kafka_console.ts";
import { kafkaPerf } from "./kafka_perf.ts";
import { kcat } from "./kcat.ts";
import { type PreparedProgram, recordProgram } from "./record_program.ts";
import { cached, fingerprint } from "../support/cache_dir.ts";
import { kafkaJars } from "../support/kafka_jars.ts";
import { runCommand } from "../support/run_command.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Makes the clients; nothing is installed yet. */
export function allClients(): Client[] {
  return [
    kcat,
    kafkaConsole(),
    kafkaPerf(),
    recordProgram({ name: "kafka-clients", prepare: prepareJava }),
    recordProgram({
      name: "confluent-kafka-python",
      prepare: () => preparePython("confluent_client.py", "confluent-kafka"),
    }),
    recordProgram({
      name: "kafka-python",
      prepare: () => preparePython("kafka_python_client.py", "kafka-python"),
      writeLimits: "no null header values, a key or a value",
      express: (record) => ({
        ...record,
        value: record.value ?? (record.key === null ? new Uint8Array() : null),
        headers: record.headers.map(withoutNull),
      }),
    }),
    recordProgram({
      name: "kafkajs",
      prepare: () => prepareJavaScript("kafkajs_client.ts", "kafkajs"),
      writeLimits: "no null header values; equal header names stand together",
      readLimits: "equal header names stand together; through its inner fetch, as its consumer joins a group",
      express: (record) => ({ ...record, headers: groupByName(record.headers).map(withoutNull) }),
      view: (record) => ({ ...record, headers: groupByName(record.headers) }),
    }),
    recordProgram({
      name: "@platformatic/kafka",
      prepare: () => prepareJavaScript("platformatic_client.ts", "@platformatic/kafka"),
      readLimits: "through Consumer.fetch, as its stream joins a group",
    }),
    recordProgram({ name: "franz-go", prepare: prepareGo }),
  ];
}

/** Java compiles a single source file as it starts it. */
async function prepareJava(): Promise<PreparedProgram> {
  const jars = await kafkaJars();
  return { command: jars.command(join(HERE, "java", "RecordClient.java"), []), version: jars.version };
}

/** The Python that has the clients, made ready once, and the version of `library`. */
export async function preparePython(script: string, library: string): Promise<PreparedProgram> {
  const requirementsFile = join(HERE, "python", "requirements.txt");
  const requirements = await Deno.readTextFile(requirementsFile);
  const folder = await cached(`python-${await fingerprint(requirements)}`, async (unfinished) => {
    await runCommand(["python3", "-m", "venv", unfinished]);
    const pip = [join(unfinished, "bin", "python"), "-m", "pip", "install", "-q"];
    await runCommand([...pip, "--disable-pip-version-check", "-r", requirementsFile], { timeoutMs: 600_000 });
  });
  const version = new RegExp(`^${library}==(\\S+)$`, "m").exec(requirements)?.[1] ?? "?";
  const python = join(folder, "bin", "python");
  // Bytecode files would litter the source folder.
  return { command: [python, "-B", join(HERE, "python", script)], version };
}

/** Deno fetches the packages that the program imports when it is cached. */
async function prepareJavaScript(script: string, library: string): Promise<PreparedProgram> {
  const file = join(HERE, "javascript", script);
  await runCommand([Deno.execPath(), "cache", "-q", file], { timeoutMs: 600_000 });
  const config = await Deno.readTextFile(join(HERE, "..", "..", "deno.json"));
  const version = new RegExp(`npm:${library}@([^"]+)"`).exec(config)?.[1] ?? "?";
  const permissions = ["--allow-net", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"];
  return { command: [Deno.execPath(), "run", "-q", "--no-prompt", ...permissions, file], version };
}

async function prepareGo(): Promise<PreparedProgram> {
  const source = join(HERE, "go");
  const parts = await Promise.all(
    ["go.mod", "go.sum", "main.go", "record_file.go"].map((name) => Deno.readTextFile(join(source, name))),
  );
  const folder = await cached(`go-${await fingerprint(...parts)}`, async (unfinished) => {
    const build = ["go", "build", "-trimpath", "-o", join(unfinished, "recordclient"), "."];
    await runCommand(build, { cwd: source, env: { GOFLAGS: "-mod=readonly" }, timeoutMs: 600_000 });
  });
  const version = /franz-go v(\S+)/.exec(parts[0] ?? "")?.[1] ?? "?";
  return { command: [join(folder, "recordclient")], version };
}

/** The headers as a map from name to values holds them: in the order in which the names first came. */
function groupByName(headers: DataRecord["headers"]): DataHeader[] {
  return [...Map.groupBy(headers, ({ name }) => name).values()].flat();
}

function withoutNull({ name, value }: DataHeader): DataHeader {
  return { name, value: value ?? new Uint8Array() };
}
