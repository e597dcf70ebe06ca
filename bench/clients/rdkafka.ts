/** librdkafka, the client under most languages but Java, through confluent-kafka-python. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached, fingerprint } from "../../tests/support/cache_dir.ts";
import { runCommand } from "../../tests/support/run_command.ts";
import type { Target } from "../load/job.ts";
import { CURVE_FRACTIONS, type LatencySummary } from "../measure/histogram.ts";
import type { RunFigures } from "../report/model.ts";
import {
  CLIENT_PARTITIONS,
  createClientTopic,
  expectRecords,
  fillClientTopic,
  type PerfOptions,
} from "./client_topic.ts";
import { measured } from "./perf_tools.ts";

const REQUIREMENTS_FILE = fileURLToPath(new URL("./requirements.txt", import.meta.url));
const PROGRAM = fileURLToPath(new URL("./rdkafka_load.py", import.meta.url));
const INSTALL_TIMEOUT_MS = 300_000;

/** What the program prints. */
interface Printed {
  readonly records: number;
  readonly seconds: number;
  /** Of some of the records, sorted. */
  readonly latenciesMs: readonly number[];
}

/** librdkafka's producer at full speed. */
export async function runRdkafkaProduce(target: Target, options: PerfOptions): Promise<RunFigures> {
  await createClientTopic(target, options.topic);
  const python = await pythonWithRdkafka();
  const { result, cpu, peakBytes } = await measured(target, () => run(python, "produce", target, options));
  const total = options.warmupRecords + options.records;
  await expectRecords(target, options.topic, total);
  return figures(result, options, {
    latency: latencyOf(result.latenciesMs),
    // The warm-up's share of the CPU time goes by records.
    brokerCpuSeconds: cpu * options.records / total,
    brokerPeakBytes: peakBytes,
  });
}

/** librdkafka's consumer over a topic that was just filled. */
export async function runRdkafkaConsume(target: Target, options: PerfOptions): Promise<RunFigures> {
  const python = await pythonWithRdkafka();
  const total = await fillClientTopic(target, options);
  const consumed = { ...options, records: total - options.warmupRecords };
  const { result, cpu, peakBytes } = await measured(target, () => run(python, "consume", target, consumed));
  return figures(result, options, {
    latency: null,
    brokerCpuSeconds: cpu * result.records / total,
    brokerPeakBytes: peakBytes,
  });
}

function figures(
  { records, seconds }: Printed,
  { recordBytes }: PerfOptions,
  rest: Pick<RunFigures, "latency" | "brokerCpuSeconds" | "brokerPeakBytes">,
): RunFigures {
  return {
    windowMs: seconds * 1000,
    records,
    bytes: records * recordBytes,
    requests: null,
    slowestShare: null,
    loadCpuSeconds: null,
    othersCpuSeconds: null,
    ...rest,
  };
}

async function run(
  python: string,
  mode: "produce" | "consume",
  { host, port }: Target,
  { topic, warmupRecords, records, recordBytes }: PerfOptions,
): Promise<Printed> {
  const numbers = [CLIENT_PARTITIONS, warmupRecords, records, recordBytes].map(String);
  const { stdout } = await runCommand([python, PROGRAM, mode, `${host}:${port}`, topic, ...numbers]);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A Python that has confluent-kafka: made once with venv and pip, then taken from the cache. */
async function pythonWithRdkafka(): Promise<string> {
  const name = `bench-python-${await fingerprint(await Deno.readTextFile(REQUIREMENTS_FILE))}`;
  try {
    const folder = await cached(name, async (unfinished) => {
      await runCommand(["python3", "-m", "venv", unfinished]);
      const pip = [join(unfinished, "bin", "python"), "-m", "pip", "install", "-q"];
      await runCommand([...pip, "--disable-pip-version-check", "-r", REQUIREMENTS_FILE], {
        timeoutMs: INSTALL_TIMEOUT_MS,
      });
    });
    return join(folder, "bin", "python");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`librdkafka could not be installed; this needs python3 with venv, and pip: ${why}`);
  }
}

function latencyOf(sorted: readonly number[]): LatencySummary | null {
  if (sorted.length === 0) return null;
  const quantile = (fraction: number) => sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)]!;
  return {
    count: sorted.length,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    p999Ms: quantile(0.999),
    maxMs: quantile(1),
    curveMs: CURVE_FRACTIONS.map(quantile),
  };
}
