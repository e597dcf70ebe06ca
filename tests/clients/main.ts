/**
 * `deno task compat`: real Kafka clients, programs and tools against klite.
 *
 *     --quick               less of everything: what CI runs
 *     --suite NAME          this suite alone (repeatable): records, groups, exactly-once, tools,
 *                           compaction, security
 *     --only NAME           this client alone (repeatable)
 *     --bootstrap HOST:PORT a broker that runs already, whichever it is
 *     --broker kafka        start a real Apache Kafka instead of klite
 *     --seed N              other records, another order of events
 *     -o json               the report as JSON
 */
import { parseArgs } from "node:util";
import { killPrograms } from "./child_program.ts";
import { runCompactionSuite } from "./compaction/suite.ts";
import { GROUP_CLIENTS } from "./groups/group_clients.ts";
import { runChainSuite, runGroupSuite, runRestartSuite } from "./groups/suite.ts";
import { allClients } from "./records/all_clients.ts";
import { runSuite } from "./records/suite.ts";
import { type BrokerKind, OwnBroker, type Restartable } from "./restartable.ts";
import { closingLine, type FullReport, isSuccess, reportJson, reportText } from "./report.ts";
import { runExactlyOnceSuite } from "../eos/suite.ts";
import { runSecuritySuite } from "./security/suite.ts";
import { runToolSuite } from "./tools/suite.ts";
import { killRunningCommands } from "../support/run_command.ts";

const SUITES = ["records", "groups", "exactly-once", "tools", "compaction", "security"] as const;
const RECORDS_PER_CODEC = 20_000;
const QUICK_RECORDS_PER_CODEC = 500;

interface RunOptions {
  readonly suites: readonly string[];
  readonly only: readonly string[];
  readonly isQuick: boolean;
  readonly seed: number;
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      suite: { type: "string", multiple: true, default: [] },
      only: { type: "string", multiple: true, default: [] },
      bootstrap: { type: "string" },
      broker: { type: "string", default: "klite" },
      seed: { type: "string", default: "1" },
      output: { type: "string", short: "o", default: "text" },
    },
  });
  const suites = choose("suite", values.suite, SUITES);
  const names = new Set([...allClients(), ...GROUP_CLIENTS].map(({ name }) => name));
  const only = choose("client", values.only, [...names]);
  const options = { suites, only, isQuick: values.quick, seed: Number(values.seed) };
  const own = values.bootstrap === undefined ? await OwnBroker.start(kindOf(values.broker)) : null;
  try {
    const running = runSuites(own ?? { bootstrap: values.bootstrap ?? "" }, options);
    // Clients of a broker that is gone would wait for their time limits, one after another.
    const report = await (own === null ? running : Promise.race([running, own.end()]));
    console.log(values.output === "json" ? reportJson(report) : reportText(report));
    if (values.output === "json") console.error(closingLine(report));
    return isSuccess(report) ? 0 : 1;
  } catch (error) {
    console.error(error);
    if (own !== null) console.error(`the broker said:\n${own.log().slice(-4_000)}`);
    console.error("0 passed, 1 failed");
    return 1;
  } finally {
    await own?.[Symbol.asyncDispose]();
  }
}

async function runSuites(
  broker: Restartable,
  { suites, only, isQuick, seed }: RunOptions,
): Promise<FullReport> {
  const began = performance.now();
  const progress = (line: string) =>
    console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  const isChosen = ({ name }: { readonly name: string }) => only.includes(name);
  const records = suites.includes("records")
    ? await runSuite({
      bootstrap: broker.bootstrap,
      clients: allClients().filter(isChosen),
      recordsPerCodec: isQuick ? QUICK_RECORDS_PER_CODEC : RECORDS_PER_CODEC,
      seed,
      progress,
    })
    : null;
  const others = [];
  if (suites.includes("groups")) {
    const options = { broker, clients: GROUP_CLIENTS.filter(isChosen), isQuick, seed, progress };
    others.push(await runGroupSuite(options), await runChainSuite(options), await runRestartSuite(options));
  }
  if (suites.includes("exactly-once")) {
    others.push(await runExactlyOnceSuite({ broker, clients: only, isQuick, progress }));
  }
  // The tools list all groups there are: theirs is a broker of their own.
  const { kind } = broker;
  if (suites.includes("tools") && kind !== undefined) others.push(await runToolSuite({ kind, progress }));
  // When a real Kafka compacts, nobody can say.
  if (suites.includes("compaction") && kind === "klite") {
    others.push(await runCompactionSuite({ clients: allClients().filter(isChosen), progress }));
  }
  if (suites.includes("security") && kind !== undefined) {
    others.push(await runSecuritySuite({ kind, clients: only, isQuick, progress }));
  }
  return { records, others: others.filter((report) => report !== null) };
}

/** Those of `all` that were named; all when none was. */
function choose<Name extends string>(
  what: string,
  named: readonly string[],
  all: readonly Name[],
): readonly Name[] {
  const known: readonly string[] = all;
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`no ${what} is called ${unknown}; there are ${all.join(", ")}`);
  return named.length === 0 ? all : all.filter((name) => named.includes(name));
}

function kindOf(name: string): BrokerKind {
  if (name === "klite" || name === "kafka") return name;
  throw new Error(`--broker is klite or kafka, not ${name}`);
}

const exitCode = await main(Deno.args);
// A run that was given up must neither leave a client behind nor go on with the next.
killRunningCommands();
killPrograms();
Deno.exit(exitCode);
