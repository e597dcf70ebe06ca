import { deepStrictEqual, match, ok } from "node:assert/strict";
import { configProblems } from "../broker/mod.ts";
import { aclOptions } from "./acl_options.ts";
import { startOptions } from "./options.ts";
import { readSettings } from "./settings.ts";
import { brokerConfig } from "./start.ts";

/** The config that flags make, and what is wrong with it. */
function started(given: Readonly<Record<string, readonly string[]>>) {
  const config = brokerConfig(readSettings(startOptions, new Map(Object.entries(given)), () => undefined));
  return { config, problems: configProblems(config).map(({ setting, problem }) => `${setting} ${problem}`) };
}

Deno.test("super users are given one by one or together, with commas in their names", () => {
  const { parse } = aclOptions.superUsers.kind;
  const textsOf = (text: string) => {
    const parsed = parse(text);
    return "problem" in parsed ? parsed.problem : parsed.value.map((principal) => principal.text);
  };
  deepStrictEqual(textsOf(""), []);
  deepStrictEqual(textsOf("User:admin"), ["User:admin"]);
  deepStrictEqual(textsOf("User:a;User:CN=b,OU=c,O=d;User:e:f"), [
    "User:a",
    "User:CN=b,OU=c,O=d",
    "User:e:f",
  ]);
  const { config } = started({
    "authorizer": ["acl"],
    "super-user": ["User:CN=a,O=b", "User:c", "User:d"],
  });
  deepStrictEqual(config.superUsers.map(({ text }) => text), ["User:CN=a,O=b", "User:c", "User:d"]);
  for (const text of ["admin", ":admin", "User:", "User:a;b"]) ok("problem" in parse(text), text);
});

Deno.test("whoever says who may do what must not find that everybody may", () => {
  deepStrictEqual(started({}).problems, []);
  deepStrictEqual(started({ "authorizer": ["acl"], "allow-if-no-acl": ["true"] }).problems, []);
  match(
    started({ "super-user": ["User:a"] }).problems.join(),
    /superUsers is of no use without --authorizer acl/,
  );
  match(started({ "allow-if-no-acl": ["true"] }).problems.join(), /allowIfNoAcl is of no use without/);
});
