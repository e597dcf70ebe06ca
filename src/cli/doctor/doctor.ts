import { KliteError } from "../../base/klite_error.ts";
import { readSettings } from "../settings.ts";
import { refuseUsage } from "../usage.ts";
import { type DoctorIo, ExitCode, type World } from "../world.ts";
import { type BucketFindings, checkBucket, NO_BUCKET } from "./bucket_checks.ts";
import { checkDisk } from "./disk_checks.ts";
import { type Finding, wrong } from "./finding.ts";
import { checkClock, checkOpenFiles } from "./machine_checks.ts";
import { checkNetwork } from "./network_checks.ts";
import { doctorOptions } from "./options.ts";

/** Checks what people get wrong, before a broker runs or beside it. */
export async function doctor(given: ReadonlyMap<string, readonly string[]>, world: World): Promise<number> {
  const { process } = world;
  const { values, problems } = readSettings(doctorOptions, given, (name) => process.variable(name));
  if (problems.length > 0) return refuseUsage(process, "doctor", problems);

  const { s3Bucket: bucket, s3Region: region, s3Endpoint: endpoint, s3Prefix: prefix } = values;
  const io = await world.openDoctor(values.dataDir);
  const found: BucketFindings = bucket === null
    ? NO_BUCKET
    : await withStore(io, { kind: "s3", bucket, region, endpoint, prefix });
  const findings: readonly Finding[] = [
    ...await checkNetwork(values, io),
    ...await checkDisk(values, io),
    checkOpenFiles(io),
    ...found.findings,
    checkClock(io, found.storeMs),
  ];
  const wrongs = findings.filter(({ status }) => status === "wrong").length;
  process.writeOut(
    values.output === "json"
      ? `${JSON.stringify({ findings, wrong: wrongs }, null, 2)}\n`
      : findingsText(findings, wrongs),
  );
  return wrongs === 0 ? ExitCode.ok : ExitCode.notReady;
}

async function withStore(
  io: DoctorIo,
  config: Parameters<DoctorIo["openStore"]>[0],
): Promise<BucketFindings> {
  try {
    const store = await io.openStore(config);
    try {
      return await checkBucket(store, io);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof KliteError)) throw error;
    return {
      findings: [wrong("bucket", error.message, "See that the settings of the bucket are right.")],
      storeMs: null,
    };
  }
}

function findingsText(findings: readonly Finding[], wrongs: number): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, status, message, advice }) => [
    `${status.padEnd(8)} ${check.padEnd(width)}  ${message}`,
    ...(advice === "" ? [] : [`${" ".repeat(width + 11)}→ ${advice}`]),
  ]);
  const last = wrongs === 0 ? "Nothing is wrong." : `${wrongs} things are wrong.`;
  return `${lines.join("\n")}\n${last}\n`;
}
