import type { AclFacts, ClusterView, QuotaFacts, TokenFacts, UserFacts } from "../../broker/inspect/mod.ts";
import { isoTime } from "../../io/iso_time.ts";
import { sourceOptions } from "./options.ts";
import { tableLines } from "./table.ts";
import type { ViewCommand } from "./view_command.ts";

/** `klite inspect users`: those that clients have made for SCRAM. */
export const usersCommand = listing("users", (view) => view.users(), {
  headings: ["USER", "MECHANISM", "ITERATIONS"],
  rows: ({ user, credentials }: UserFacts) =>
    credentials.map(({ mechanism, iterations }) => [user, mechanism, String(iterations)]),
});

/** `klite inspect acls`. */
export const aclsCommand = listing("acls", (view) => view.acls(), {
  headings: ["RESOURCE", "NAME", "PATTERN", "PRINCIPAL", "HOST", "OPERATION", "PERMISSION"],
  rows: (acl: AclFacts) => [[
    ...[acl.resourceType, acl.resourceName, acl.patternType, acl.principal, acl.host],
    ...[acl.operation, acl.permission],
  ]],
});

/** `klite inspect quotas`. */
export const quotasCommand = listing("quotas", (view) => view.quotas(), {
  headings: ["USER", "CLIENT ID", "ADDRESS", "QUOTA", "VALUE"],
  rows: ({ entity, values }: QuotaFacts) => {
    const names = ["user", "client-id", "ip"].map((type) => {
      const part = entity.find((each) => each.type === type);
      return part === undefined ? "-" : part.name ?? "(default)";
    });
    return Object.entries(values).map(([quota, value]) => [...names, quota, String(value)]);
  },
});

/** `klite inspect tokens`: delegation tokens, without their secrets. */
export const tokensCommand = listing("tokens", (view) => view.tokens(), {
  headings: ["TOKEN", "OWNER", "REQUESTER", "RENEWERS", "ISSUED", "EXPIRES", "ENDS"],
  rows: ({ id, owner, requester, renewers, issuedAtMs, expiresAtMs, endsAtMs }: TokenFacts) => [[
    ...[id, owner, requester, renewers.join(",") || "-"],
    ...[issuedAtMs, expiresAtMs, endsAtMs].map(isoTime),
  ]],
});

/** A command that lists all there is of a kind. */
function listing<Facts>(
  kind: "users" | "acls" | "quotas" | "tokens",
  ask: (view: ClusterView) => Promise<readonly Facts[]>,
  table: { readonly headings: readonly string[]; readonly rows: (facts: Facts) => readonly string[][] },
): ViewCommand<typeof sourceOptions> {
  return {
    name: `inspect ${kind}`,
    options: sourceOptions,
    problems: () => [],
    async answer({ output }, { view, write }) {
      const { source, problems } = view;
      const found = await ask(view);
      if (output === "json") {
        return write(`${JSON.stringify({ source, [kind]: found, problems }, null, 2)}\n`);
      }
      const rows = found.flatMap(table.rows);
      const lines = rows.length === 0 ? [] : tableLines([table.headings, ...rows]);
      write([`The ${source}: ${found.length} ${kind === "acls" ? "ACLs" : kind}`, ...lines, ""].join("\n"));
    },
  };
}
