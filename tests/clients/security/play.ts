/** Asks Kafka's tools for users, rights, quotas and tokens about a secured broker that has none of these yet. */
import { prepareJava } from "../programs.ts";
import { normalize } from "../tools/normalize.ts";
import type { ToolAnswer } from "../tools/play.ts";
import { ToolProcess } from "../tools/tool_process.ts";
import { LAST_HMAC, securityRuns } from "./conversation.ts";
import type { SecuredBroker } from "./secured_broker.ts";

/** Where the clients of the suite write and read, and what the names of their groups begin with. */
export const PLACES = { topic: "secured", groups: "secured-" } as const;

/** A token as the tool prints it: its id, and its HMAC in base64. */
const TOKEN = /([\w-]{22})\s+([\w+/]{86}==)/;
const TIME =
  /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?|[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d [\d:]+ \w+ \d{4}/g;
/** A user with two mechanisms, in the order that Kafka's hashes give them at times. */
const MECHANISMS = /^(SCRAM credential .*) are (SCRAM-SHA-512=.*), (SCRAM-SHA-256=.*)$/;

/** Answers what the tools have printed, in the order of the conversation, without what differs from run to run. */
export async function playSecurityTools(broker: SecuredBroker): Promise<ToolAnswer[]> {
  const bootstrap = broker.saslBootstrap;
  const admin = await broker.adminConfig();
  await using tools = new ToolProcess(await prepareJava("KafkaTools"), bootstrap);
  const answers: ToolAnswer[] = [];
  let token: MadeToken = { id: "none yet", hmac: "none yet" };
  for (const { title, words } of securityRuns({ bootstrap, admin, ...PLACES })) {
    const lines = await tools.run(words.map((word) => word === LAST_HMAC ? token.hmac : word));
    token = lines.map(madeToken).find((found) => found !== null) ?? token;
    const { id, hmac } = token;
    const named = (text: string) =>
      text.replaceAll(admin, "ADMIN").replaceAll(bootstrap, "ADDRESS").replaceAll(id, "ID")
        .replaceAll(hmac, "HMAC").replace(TIME, "TIME").replace(MECHANISMS, "$1 are $3, $2");
    answers.push({ title: named(title), lines: normalize(lines.map(named)) });
  }
  return answers;
}

interface MadeToken {
  readonly id: string;
  readonly hmac: string;
}

function madeToken(line: string): MadeToken | null {
  const [, id, hmac] = TOKEN.exec(line) ?? [];
  return id === undefined || hmac === undefined ? null : { id, hmac };
}
