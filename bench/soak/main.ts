/**
 * `deno task soak [minutes]`: a broker under constant load, in and out, whose memory must not grow. Every few seconds
 * a topic is written, read by consumers at its end and by one that comes later, compared and deleted. Prints a line a
 * minute, then the outcome as a line and as JSON; fails when memory grows or a record is not what was sent.
 */
import { BrokerProcess } from "../../tests/support/broker_process.ts";
import { residentBytes } from "../measure/process.ts";
import { median } from "../measure/statistics.ts";
import { runLap } from "./lap.ts";
import { robustSlope, type Sample } from "./slope.ts";

const MINUTES_BY_DEFAULT = 10;
const LAP_MS = 5000;
/** What a lap writes: 26 MB a second in, twice that out. */
const LAP_BYTES = 128 * 1024 * 1024;
const SAMPLE_MS = 1000;
/**
 * Memory may be so much larger at the end of the second half than at its beginning, by the slope between: garbage
 * comes and goes by more than that.
 */
const GROWTH_MAX_BYTES = 10 * 1024 * 1024;

const minutes = Number(Deno.args[0] ?? MINUTES_BY_DEFAULT);
if (!(minutes > 0)) throw new RangeError("usage: deno task soak [minutes]");

const broker = await BrokerProcess.start({ flags: Deno.args.slice(1) });
const target = { host: "127.0.0.1", port: broker.port, pids: [broker.pid], dataDir: broker.dir };
const samples: Sample[] = [];
const beganMs = performance.now();
const elapsedMs = () => performance.now() - beganMs;
const sampling = setInterval(() => {
  samples.push({ atMs: elapsedMs(), value: residentBytes(broker.pid) });
}, SAMPLE_MS);

let records = 0;
let lateLaps = 0;
try {
  for (let lap = 0; elapsedMs() < minutes * 60_000; lap++) {
    records += await runLap(target, `soak-${lap}`, LAP_BYTES);
    const restMs = (lap + 1) * LAP_MS - elapsedMs();
    if (restMs <= 0) lateLaps++;
    else await new Promise((resolve) => setTimeout(resolve, restMs));
    if (lap % 12 === 11) {
      console.log(
        `${Math.round(elapsedMs() / 60_000)} min: ${
          megabytes(samples.at(-1)?.value ?? 0)
        } MB, ${records} records`,
      );
    }
  }
} catch (error) {
  await broker.kill();
  throw error;
} finally {
  clearInterval(sampling);
}
const peakBytes = broker.peakResidentBytes();
const cpuSeconds = broker.cpuSeconds();
const exit = await broker.stop();

const half = samples.slice(samples.length >> 1);
const slope = robustSlope(half);
const grownBytes = slope * (half.at(-1)!.atMs - half[0]!.atMs);
const outcome = {
  minutes,
  records,
  lateLaps,
  medianBytes: median(half.map(({ value }) => value)),
  peakBytes,
  bytesPerHour: Math.round(slope * 3_600_000),
  grownBytes: Math.round(grownBytes),
  brokerCpuSeconds: cpuSeconds,
  exitCode: exit.code,
  isSteady: grownBytes <= GROWTH_MAX_BYTES,
};
console.log(
  `${records} records of 1 KB written, read twice and compared in ${minutes} min; resident memory ` +
    `${megabytes(outcome.medianBytes)} MB, peak ${megabytes(peakBytes)} MB, ` +
    `${megabytes(grownBytes)} MB more over the second half`,
);
console.log(JSON.stringify(outcome));
if (!outcome.isSteady || exit.code !== 0) Deno.exit(1);

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
