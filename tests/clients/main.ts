/**
 * `deno task compat`: real Kafka clients write to klite and read back, byte for
 * byte, what they and the others wrote. Groups are not used: consumers are given
 * their partitions.
 *
 *     --quick               2,500 records a client instead of 100,000
 *     --only NAME           this client alone (repeatable)
 *     --bootstrap HOST:PORT a broker that runs already, whichever it is
 *     --broker kafka        start a real Apache Kafka instead of klite
 *     --seed N              another data set
 *     -o json               the report as JSON
 */
import { parseArgs } from "node:util";
import { allClients } from "./all_clients.ts";
import type { Client } from "./client.ts";
import { closingLine, isSuccess, reportJson, reportText } from "./report.ts";
import { runSuite } from "./suite.ts";
import { ApacheKafka } from "../support/apache_kafka.ts";
import { BrokerProcess } from "../support/broker_process.ts";
import { killRunningCommands } from "../support/run_command.ts";
import type { RunningBroker } from "../support/running_broker.ts";

const RECORDS_PER_CODEC = 20_000;
const QUICK_RECORDS_PER_CODEC = 500;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      bootstrap: { type: "string" },
      broker: { type: "string", default: "klite" },
      seed: { type: "string", default: "1" },
      output: { type: "string", short: "o", default: "text" },
    },
  });
  const clients = chooseClients(values.only);
  const broker = values.bootstrap === undefined ? await startBroker(values.broker) : null;
  const began = performance.now();
  try {
    const suite = runSuite({
      bootstrap: values.bootstrap ?? broker?.bootstrap ?? "",
      clients,
      recordsPerCodec: values.quick ? QUICK_RECORDS_PER_CODEC : RECORDS_PER_CODEC,
      seed: Number(values.seed),
      progress: (line) =>
        console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`),
    });
    const report = await (broker === null ? suite : Promise.race([suite, endOf(broker)]));
    console.log(values.output === "json" ? reportJson(report) : reportText(report));
    if (values.output === "json") console.error(closingLine(report));
    return isSuccess(report) ? 0 : 1;
  } catch (error) {
    console.error(error);
    if (broker !== null) console.error(`the broker said:\n${broker.log().slice(-4_000)}`);
    console.error("0 passed, 1 failed");
    return 1;
  } finally {
    await broker?.stop();
  }
}

function chooseClients(only: readonly string[]): Client[] {
  const clients = allClients();
  const names = clients.map(({ name }) => name);
  for (const name of only) {
    if (!names.includes(name)) throw new Error(`no client is called ${name}; there are ${names.join(", ")}`);
  }
  return only.length === 0 ? clients : clients.filter(({ name }) => only.includes(name));
}

/** Clients of a broker that is gone would wait for their time limits, one after another. */
async function endOf(broker: RunningBroker): Promise<never> {
  const { code, signal } = await broker.exited;
  throw new Error(`the broker ended by itself, with code ${code}, signal ${signal}`);
}

function startBroker(kind: string): Promise<RunningBroker> {
  if (kind === "klite") return BrokerProcess.start();
  if (kind === "kafka") return ApacheKafka.start();
  throw new Error(`--broker is klite or kafka, not ${kind}`);
}

const exitCode = await main(Deno.args);
// A run that was given up must neither leave a client behind nor go on with the next.
killRunningCommands();
Deno.exit(exitCode);
