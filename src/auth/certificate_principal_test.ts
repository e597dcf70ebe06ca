import { equal, throws } from "node:assert/strict";
import { assert as property, property as forAll, uint8Array } from "fast-check";
import { ANONYMOUS } from "../base/principal.ts";
import { certificatePrincipals } from "./certificate_principal.ts";
import { subjectOf } from "./distinguished_name.ts";
import { certificateOf, text } from "./testing/der.ts";

const ALICE = "CN=alice,OU=ServiceUsers,O=x";
const DUKE = "CN=Duke,OU=JavaSoft,O=Sun Microsystems,L=Pal,ST=CA,C=US";

/** What Kafka's SslPrincipalMapper makes of it; `null` when it finds no rule that fits. */
const mapped: readonly [rules: string, name: string, user: string | null][] = [
  ["DEFAULT", ALICE, ALICE],
  ["DEFAULT,", ALICE, ALICE],
  ["RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/", ALICE, "alice"],
  ["RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/", DUKE, null],
  ["RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/,RULE:^CN=(.*?),OU=(.*?),.*$/$1@$2/L", DUKE, "duke@javasoft"],
  ["RULE:^CN=([^,]+).*/$1/U", ALICE, "ALICE"],
  // A pattern has to fit all of the name, but may replace less of it.
  ["RULE:CN=(.*?)/$1/", ALICE, "alice,OU=ServiceUsers,O=x"],
  ["RULE:CN=(.)/$1/", ALICE, null],
  ["RULE:^CN=([^,]*).*/x$1-$9\\$1/, DEFAULT", "CN=alice", "xalice-$9$1"],
  ["RULE:^CN=([^,]*).*/$0/", "CN=alice", "CN=alice"],
  ["RULE:^CN=(a)(l)(i).*$/$12$3/L", "CN=alice", "a2i"],
  ["RULE:^CN=(alice)(,OU=.*)?$/$1$2/", "CN=alice", "alice"],
  ["RULE:.*\\/.*/slash/,DEFAULT", "CN=a/b,O=x", "slash"],
  ["RULE:.*\\/.*/slash/,DEFAULT", "CN=alice", "CN=alice"],
  [" RULE:^none$/x/ , RULE:^CN=.*$/fixed/ ", "CN=alice", "fixed"],
];

Deno.test("rules make users of certificates as Kafka's do", () => {
  for (const [rules, name, user] of mapped) {
    const principal = certificatePrincipals(rules)({ der: certificateOf(name) });
    equal(principal?.text ?? null, user === null ? null : `User:${user}`, `${rules} of ${name}`);
  }
});

Deno.test("whoever shows no certificate is anonymous, and one that cannot be read is nobody's", () => {
  const principalOf = certificatePrincipals("DEFAULT");
  equal(principalOf(null), ANONYMOUS);
  equal(principalOf({ der: new Uint8Array([0x30, 0x80]) }), null);
});

Deno.test("rules that make no sense are refused", () => {
  for (
    const rules of [
      "",
      "RULE:",
      "RULE:a/b",
      "DEFAULT DEFAULT",
      "NONSENSE",
      "RULE:a/b/X",
      "RULE:(/x/",
      ",DEFAULT",
    ]
  ) {
    throws(() => certificatePrincipals(rules), /make no sense/, rules);
  }
});

/** What Java's X500Principal.getName() says. */
const subjects: readonly [subject: Parameters<typeof certificateOf>[0], name: string][] = [
  ["CN=#lead", "CN=\\#lead"],
  ["CN= two  spaces ", "CN=\\ two  spaces\\ "],
  ["CN=Zo\u00eb M\u00fcller,O=\u5317\u4eac", "CN=Zo\u00eb M\u00fcller,O=\u5317\u4eac"],
  [[[["2.5.4.3", text('quo"te;se<mi>=x,y+z\\')]]], 'CN=quo\\"te\\;se\\<mi\\>\\=x\\,y\\+z\\\\'],
  [
    [[["2.5.4.11", text("val")], ["2.5.4.3", text("multi")]], [["2.5.4.10", text("x")]]],
    "O=x,OU=val+CN=multi",
  ],
  [[[["2.5.4.3", text("n\0l")]]], "CN=n\\00l"],
  // One who could pass for another.
  [[[["2.5.4.3", text("\ufeffalice")]]], "CN=\ufeffalice"],
  // Attributes that RFC 2253 has no name for are numbers, and their values as they are encoded.
  [[[["1.2.840.113549.1.9.1", text("b@c", 0x16)]]], "1.2.840.113549.1.9.1=#1603624063"],
  [[[["2.5.4.3", text("7", 0x02)]]], "CN=#020137"],
  [
    [[["0.9.2342.19200300.100.1.25", text("com", 0x16)], ["0.9.2342.19200300.100.1.1", text("u")]]],
    "DC=com+UID=u",
  ],
  [[], ""],
];

Deno.test("a subject is written as Java writes it", () => {
  for (const [subject, name] of subjects) equal(subjectOf(certificateOf(subject)), name);
});

Deno.test("any bytes are a certificate or none", () => {
  property(forAll(uint8Array({ maxLength: 64 }), (bytes) => {
    const subject = subjectOf(bytes);
    return subject === null || typeof subject === "string";
  }));
  const whole = certificateOf(ALICE);
  for (let length = 0; length < whole.length; length++) equal(subjectOf(whole.subarray(0, length)), null);
});
