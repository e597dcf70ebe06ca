import { readSettings } from "../settings.ts";
import { refuseUsage } from "../usage.ts";
import { ExitCode, type World } from "../world.ts";
import { inspectOptions } from "./options.ts";
import { ProgressBar } from "./progress_bar.ts";
import { reportText } from "./report_text.ts";

/** Shows what a data directory or a bucket holds, and whether it is whole. */
export async function inspectCommand(
  given: ReadonlyMap<string, readonly string[]>,
  world: World,
): Promise<number> {
  const { process } = world;
  const { values, sources, problems } = readSettings(inspectOptions, given, (name) => process.variable(name));
  if (problems.length > 0) return refuseUsage(process, "inspect", problems);

  // With a bucket and no word of a directory the bucket is meant.
  const looksAtDirectory = values.s3Bucket === null || sources.dataDir !== "default";
  const { inspect, OBJECT_DIRECTORY } = await import("../../broker/inspect/mod.ts");
  const { s3Bucket: bucket, s3Region: region, s3Endpoint: endpoint, s3Prefix: prefix } = values;
  const io = await world.openInspection(
    values.dataDir,
    bucket === null
      ? { kind: "directory", directory: OBJECT_DIRECTORY }
      : { kind: "s3", bucket, region, endpoint, prefix },
  );
  const bar = new ProgressBar(process);
  try {
    const report = await inspect({
      disk: looksAtDirectory ? io.disk : null,
      store: io.store,
      clock: io.clock,
      clusterId: values.clusterId,
      topic: values.topic,
      verifies: values.verify,
      onProgress: (what, doneBytes, totalBytes) => bar.show(what, doneBytes, totalBytes),
    });
    bar.clear();
    process.writeOut(
      values.output === "json" ? `${JSON.stringify(report, null, 2)}\n` : reportText(report),
    );
    return report.problems.length === 0 ? ExitCode.ok : ExitCode.notReady;
  } finally {
    bar.clear();
    await io.store.close();
  }
}
