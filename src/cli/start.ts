import { KliteError } from "../base/klite_error.ts";
import { type BrokerConfig, configProblems, type TopicDeclaration } from "../broker/mod.ts";
import type { EventSink } from "../io/events.ts";
import { adviceFor } from "./advice.ts";
import { startOptions } from "./options.ts";
import { notYetVariables, readSettings, type Settings } from "./settings.ts";
import { refuseUsage } from "./usage.ts";
import { ExitCode, type World } from "./world.ts";

/** Runs a broker until a signal or a failure ends it. */
export async function start(given: ReadonlyMap<string, readonly string[]>, world: World): Promise<number> {
  const variable = (name: string) => world.process.variable(name);
  const settings = readSettings(startOptions, given, variable);
  const problems = [...settings.problems, ...notYetVariables(variable)];
  if (problems.length > 0) return refuseUsage(world.process, "start", problems);

  const config = brokerConfig(settings);
  const conflicts = configProblems(config);
  if (conflicts.length > 0) {
    const sentences = conflicts.map(({ setting, problem }) => `--${startOptions[setting].flag} ${problem}.`);
    return refuseUsage(world.process, "start", sentences);
  }

  const events = await world.openLog(settings.values.logLevel);
  events({ type: "config_loaded", settings: printable(settings) });
  return await runBroker(config, events, world);
}

/** The log writes whole pages; an odd size from another klite's config is as good as the next lower one. */
const LOG_PAGE_BYTES = 4096;
/** With fewer files the log could not be moved into objects while it is written to. */
const DEFAULT_SEGMENTS_MIN = 8;

/** The settings as the broker takes them. */
export function brokerConfig({ values, sources }: Settings<typeof startOptions>): BrokerConfig {
  const { logLevel: _, topics, tailMemoryBytes, walMaxDiskBytes, ...same } = values;
  const walSegmentBytes = values.walSegmentBytes - values.walSegmentBytes % LOG_PAGE_BYTES;
  const declared = new Map<string, TopicDeclaration>();
  for (const { name, partitions } of topics) {
    const topic = { name, partitions: partitions ?? values.defaultPartitions };
    declared.set(`${topic.name}:${topic.partitions}`, topic);
  }
  return {
    ...same,
    walSegmentBytes,
    topics: [...declared.values()],
    // Defaults must not be what stands in the way of larger segments.
    walMaxDiskBytes: sources.walMaxDiskBytes === "default"
      ? Math.max(walMaxDiskBytes, DEFAULT_SEGMENTS_MIN * walSegmentBytes)
      : walMaxDiskBytes,
    tailMemoryBytes: sources.tailMemoryBytes === "default"
      ? Math.max(tailMemoryBytes, 2 * walSegmentBytes)
      : tailMemoryBytes,
  };
}

function printable(settings: Settings<typeof startOptions>): Record<string, string> {
  return Object.fromEntries(settings.printed.map(({ flag, value, source }) => {
    return [flag, source === "default" ? value : `${value} (${source})`];
  }));
}

async function runBroker(
  config: BrokerConfig,
  events: EventSink,
  { process, openBroker }: World,
): Promise<number> {
  const stopRequested = Promise.withResolvers<string>();
  let signals = 0;
  process.onStopSignal((signal) => {
    signals++;
    // Whoever asks twice does not want to wait; what was acknowledged is durable already.
    if (signals > 1) process.exit(ExitCode.failed);
    stopRequested.resolve(signal);
  });
  const uncaught = Promise.withResolvers<never>();
  process.onUncaught((error) => uncaught.reject(error));

  try {
    const opening = openBroker(config, events);
    const broker = await Promise.race([opening, stopRequested.promise, uncaught.promise]);
    if (typeof broker === "string") {
      // Nothing was served, and an opening that is cut short is one that a crash cut short.
      events({ type: "broker_stopping", reason: `${broker} before it was ready` });
      return ExitCode.ok;
    }
    const reason = await Promise.race([stopRequested.promise, broker.failed, uncaught.promise]);
    await Promise.race([broker.stop(reason), broker.failed, uncaught.promise]);
    return ExitCode.ok;
  } catch (error) {
    events({ type: "broker_failed", error, advice: adviceFor(error) });
    return error instanceof KliteError && error.code === "BAD_CONFIG" ? ExitCode.usage : ExitCode.failed;
  }
}
