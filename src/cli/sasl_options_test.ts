import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { configProblems } from "../broker/mod.ts";
import { startOptions } from "./options.ts";
import { saslOptions } from "./sasl_options.ts";
import { readSettings } from "./settings.ts";
import { brokerConfig } from "./start.ts";

/** What is wrong with these flags together. */
function problems(...flags: readonly string[]): string[] {
  const given = new Map<string, string[]>();
  for (const flag of flags) {
    const [name = "", value = "true"] = flag.slice(2).split("=");
    given.set(name, [value]);
  }
  const settings = readSettings(startOptions, given, () => undefined);
  if (settings.problems.length > 0) return [...settings.problems];
  return configProblems(brokerConfig(settings)).map(({ setting, problem }) =>
    `--${startOptions[setting].flag} ${problem}`
  );
}

Deno.test("mechanisms are Kafka's, each once, in any case", () => {
  const { parse } = saslOptions.saslMechanisms.kind;
  deepStrictEqual(parse("plain, scram-sha-512,PLAIN,"), { value: ["PLAIN", "SCRAM-SHA-512"] });
  for (const text of ["", ",", "GSSAPI", "PLAIN,MD5"]) ok("problem" in parse(text), text);
});

Deno.test("settings of SASL that fit together are taken", () => {
  const files = ["--sasl-user=alice", "--sasl-password-file=p", "--sasl-users-file=u"];
  const oauth = ["--oauth-jwks=k", "--oauth-issuer=i", "--oauth-audience=a,b"];
  deepStrictEqual(problems("--sasl-enabled"), []);
  deepStrictEqual(problems("--sasl-enabled", ...files), []);
  deepStrictEqual(
    problems("--sasl-enabled", "--sasl-mechanism=PLAIN", "--sasl-user=a", "--sasl-password=b"),
    [],
  );
  deepStrictEqual(problems("--sasl-enabled", "--sasl-mechanism=OAUTHBEARER", ...oauth), []);
});

Deno.test("settings that protect nothing, or lack something, are refused", () => {
  const cases: [string[], RegExp][] = [
    [["--sasl-user=a", "--sasl-password=b"], /--sasl-user is of no use without --sasl-enabled/],
    [["--sasl-users-file=u"], /--sasl-users-file is of no use without --sasl-enabled/],
    [["--sasl-enabled", "--sasl-user=a"], /--sasl-user has no password/],
    [["--sasl-enabled", "--sasl-password=b"], /--sasl-password is of no use without --sasl-user/],
    [["--sasl-enabled", "--sasl-password-file=b"], /--sasl-password-file is of no use without --sasl-user/],
    [
      ["--sasl-enabled", "--sasl-user=a", "--sasl-password=b", "--sasl-password-file=c"],
      /--sasl-password-file is of no use beside --sasl-password/,
    ],
    [["--sasl-enabled", "--sasl-mechanism=OAUTHBEARER"], /--oauth-jwks is needed for OAUTHBEARER/],
    [["--sasl-enabled", "--oauth-jwks=k"], /--oauth-jwks is of no use without OAUTHBEARER/],
    [["--sasl-enabled", "--oauth-issuer=i"], /--oauth-issuer is of no use without --oauth-jwks/],
    [["--sasl-enabled", "--oauth-audience=a"], /--oauth-audience is of no use without --oauth-jwks/],
  ];
  for (const [flags, expected] of cases) match(problems(...flags).join("\n"), expected);
});

Deno.test("keys come from a file, or from where nobody can change them on the way", () => {
  const { parse } = saslOptions.oauthJwks.kind;
  const good = [
    "keys.json",
    "/etc/keys.json",
    "C:\\keys.json",
    "https://login.test/keys?v=2",
    "http://127.0.0.1:1/k",
    "http://localhost/",
  ];
  for (const place of good) deepStrictEqual(parse(place), { value: place });
  for (
    const place of [
      "http://login.test/keys",
      "ftp://login.test/keys",
      "https://a:b@login.test/",
      "https://",
      "file:///x",
    ]
  ) {
    ok("problem" in parse(place), place);
  }
});

Deno.test("a password is in no printed setting, no value that is shown and no problem", () => {
  const secret = "zq-secret";
  const given = new Map([["sasl-enabled", ["true"]], ["sasl-password", [secret]]]);
  const settings = readSettings(startOptions, given, () => undefined);
  strictEqual(settings.values.saslPassword?.reveal(), secret);
  const shown = [
    Deno.inspect(settings, { depth: 9 }),
    JSON.stringify(settings),
    ...problems("--sasl-enabled", `--sasl-password=${secret}`),
  ];
  for (const text of shown) doesNotMatch(text, /zq-secret/);
});
