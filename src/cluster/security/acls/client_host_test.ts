import assert from "node:assert/strict";
import { hostMatches, javaHost } from "./client_host.ts";

Deno.test("an IPv6 address is written as Java writes it, an IPv4 address within one as that", () => {
  const written: Readonly<Record<string, string>> = {
    "::1": "0:0:0:0:0:0:0:1",
    "::": "0:0:0:0:0:0:0:0",
    "fe80::A:0b": "fe80:0:0:0:0:0:a:b",
    "2001:db8::": "2001:db8:0:0:0:0:0:0",
    "1:2:3:4:5:6:7:8": "1:2:3:4:5:6:7:8",
    "1:2:3::5:6:7:8": "1:2:3:0:5:6:7:8",
    "fe80::1%eth0": "fe80:0:0:0:0:0:0:1%eth0",
    "::ffff:10.1.2.3": "10.1.2.3",
    "10.1.2.3": "10.1.2.3",
  };
  for (const [host, java] of Object.entries(written)) {
    assert.equal(javaHost(host), java);
    assert.equal(javaHost(java), java);
  }
});

Deno.test("what is no address stays as it is", () => {
  for (
    const host of [
      "",
      "*",
      "example.com",
      ":",
      "1:2",
      "1::2::3",
      "1:2:3:4:5:6:7:8:9",
      "::12345",
      "::x",
      "1:2:3:4:5:6:7::8",
    ]
  ) {
    assert.equal(javaHost(host), host);
  }
});

Deno.test("an ACL's host is everybody's, or the same address however it is written", () => {
  assert.ok(hostMatches("*", "10.0.0.1"));
  assert.ok(hostMatches("10.0.0.1", "10.0.0.1"));
  assert.ok(hostMatches("::1", javaHost("::1")));
  assert.ok(hostMatches("0:0:0:0:0:0:0:1", javaHost("::1")));
  assert.ok(!hostMatches("10.0.0.1", "10.0.0.2"));
  assert.ok(!hostMatches("::1", javaHost("::2")));
});
