import { deepStrictEqual, match } from "node:assert/strict";
import { listenerOptions } from "./listener_options.ts";

function valueOf<T>(parsed: { readonly value: T } | { readonly problem: string }): T | string {
  return "problem" in parsed ? parsed.problem : parsed.value;
}

Deno.test("listeners have names in capitals, a protocol and an address", () => {
  const { parse } = listenerOptions.moreListeners.kind;
  deepStrictEqual(valueOf(parse("")), []);
  deepStrictEqual(valueOf(parse("internal=plaintext://:19092, OUT_1=SASL_SSL://[::1]:9094")), [
    { name: "INTERNAL", protocol: "PLAINTEXT", address: { host: "", port: 19_092 } },
    { name: "OUT_1", protocol: "SASL_SSL", address: { host: "::1", port: 9094 } },
  ]);
  for (
    const [text, problem] of [
      ["PLAINTEXT://:9092", /does not begin with a name/],
      ["A-B=PLAINTEXT://:9092", /does not begin with a name/],
      ["A=HTTP://:9092", /it has no such protocol/],
      ["A=:9092", /it has no such protocol/],
      ["A=SSL://host", /'A=SSL:\/\/host': /],
    ] as const
  ) match(String(valueOf(parse(text))), problem);
});

Deno.test("advertised listeners are names and addresses that clients can use", () => {
  const { parse } = listenerOptions.advertisedListeners.kind;
  deepStrictEqual(valueOf(parse("a=klite.example.com:443,B=[::1]:2")), [
    { name: "A", address: { host: "klite.example.com", port: 443 } },
    { name: "B", address: { host: "::1", port: 2 } },
  ]);
  match(String(valueOf(parse("A=:9092"))), /the host is missing/);
  match(String(valueOf(parse("klite:9092"))), /does not begin with a name/);
});
