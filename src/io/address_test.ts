import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { formatAddress, isEveryInterface, parseAddress } from "./address.ts";

Deno.test("parseAddress() reads host and port, an empty host and bracketed IPv6", () => {
  const valid: [string, string, number][] = [
    [":9092", "", 9092],
    ["localhost:0", "localhost", 0],
    ["127.0.0.1:65535", "127.0.0.1", 65535],
    ["klite-0.klite.default.svc:9092", "klite-0.klite.default.svc", 9092],
    ["my_host:1", "my_host", 1],
    ["[::1]:9092", "::1", 9092],
    ["[::]:9092", "::", 9092],
    ["[fe80::1%eth0]:9092", "fe80::1%eth0", 9092],
  ];
  for (const [text, host, port] of valid) {
    deepStrictEqual(parseAddress(text), { value: { host, port } }, text);
    strictEqual(formatAddress({ host, port }), text);
  }
});

Deno.test("parseAddress() says what is wrong with anything else", () => {
  const refused: [string, RegExp][] = [
    ["", /port is missing/],
    ["9092", /:9092/],
    ["localhost", /port is missing/],
    ["::1:9092", /brackets/],
    ["[::1]", /port is missing/],
    ["[::1]9092", /port is missing/],
    ["[host]:1", /'host' is not a host/],
    ["[]:1", /not a host/],
    ["host:", /'' is not a port/],
    ["host:70000", /'70000' is not a port/],
    ["host:-1", /'-1' is not a port/],
    ["host:9092x", /'9092x' is not a port/],
    ["bad host:1", /'bad host' is not a host/],
    ["-h:1", /'-h' is not a host/],
    ["http://host:1", /brackets/],
  ];
  for (const [text, expected] of refused) {
    const parsed = parseAddress(text);
    strictEqual(
      "problem" in parsed && expected.test(parsed.problem),
      true,
      `${text}: ${JSON.stringify(parsed)}`,
    );
  }
});

Deno.test("isEveryInterface() knows the wildcards of both families", () => {
  for (const host of ["", "0.0.0.0", "::", "0:0:0:0:0:0:0:0"]) {
    strictEqual(isEveryInterface(host), true, host);
  }
  for (const host of ["127.0.0.1", "::1", "localhost"]) strictEqual(isEveryInterface(host), false, host);
});
