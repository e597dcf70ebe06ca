/**
 * The build-time tool that turns Kafka's message specs into the codecs of `src/protocol/generated/`.
 *
 *     specs [VERSION]     import the specs of a Kafka release (the one in use, if none is named)
 *     codegen [--check]   write the codecs, or with --check tell whether the committed ones are current
 */
import { generate } from "./generate.ts";
import { importSpecs, sourceFileName, type SpecSource } from "./import_specs.ts";

const specsDirectory = "kafka-message-specs";
const outputDirectory = "src/protocol/generated";
const usage = "usage: main.ts specs [VERSION] | codegen [--check]";

const [command, option, ...rest] = Deno.args;
if (rest.length > 0) fail(usage);

if (command === "specs") {
  const version = option ?? (await readSource()).kafkaVersion;
  const count = await importSpecs(version, specsDirectory);
  console.log(`${count} message specs of Kafka ${version} in ${specsDirectory}/`);
} else if (command === "codegen" && (option === undefined || option === "--check")) {
  const check = option === "--check";
  const { files, changed } = await generate(specsDirectory, outputDirectory, { check });
  if (check && changed.length > 0) {
    fail(`${outputDirectory}/ is not what the specs give; run "deno task codegen":\n${changed.join("\n")}`);
  }
  console.log(
    `${files} files in ${outputDirectory}/, ${check ? "all current" : `${changed.length} changed`}`,
  );
} else {
  fail(usage);
}

async function readSource(): Promise<SpecSource> {
  return JSON.parse(await Deno.readTextFile(`${specsDirectory}/${sourceFileName}`));
}

function fail(message: string): never {
  console.error(message);
  Deno.exit(1);
}
