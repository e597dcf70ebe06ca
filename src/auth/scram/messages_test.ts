import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../../tests/support/scram_client.ts";
import { parseClientFinal, parseClientFirst, SCRAM_MESSAGE_BYTES_MAX } from "./messages.ts";

const PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const OF_FIRST = { gs2Header: "n,,", proofBytes: 32 };

Deno.test("a first message has a header, a name, a nonce and perhaps extensions", () => {
  deepStrictEqual(parseClientFirst(utf8("n,,n=user,r=abc")), {
    gs2Header: "n,,",
    authorizationId: "",
    user: "user",
    nonce: "abc",
    isToken: false,
    bare: "n=user,r=abc",
  });
  deepStrictEqual(parseClientFirst(utf8("y,a=b=2Cc,n=a=3D=2C\u00e9,r=~!%,tokenauth=true,x=1=2")), {
    gs2Header: "y,a=b=2Cc,",
    authorizationId: "b,c",
    user: "a=,\u00e9",
    nonce: "~!%",
    isToken: true,
    bare: "n=a=3D=2C\u00e9,r=~!%,tokenauth=true,x=1=2",
  });
});

Deno.test("what is no first message is refused", () => {
  const refused = [
    ...["", ",", "n,,", "n,,n=user", "n,n=user,r=a", "x,,n=user,r=a", "n,,r=a,n=user", "n,,n=,r=a"],
    ...["n,,n=a=b,r=a", "n,,n=a=2c,r=a", "n,,n=user,r=", "n,,n=user,r=\u00e9", "n,,n=user,r=a b"],
    ...["n,a=,n=user,r=a", "n,b=x,n=user,r=a", "n,,n=user,r=a,", "n,,n=user,r=a,x", "n,,n=user,r=a,=x"],
    // Demands what nobody has defined, and channel binding.
    ...["n,,m=x,n=user,r=a", "n,,n=user,r=a,m=x", "p=tls-unique,,n=user,r=a", "n,,n=us\0er,r=a"],
    `n,,n=${"a".repeat(SCRAM_MESSAGE_BYTES_MAX)},r=a`,
  ];
  for (const text of refused) ok("problem" in parseClientFirst(utf8(text)), text.slice(0, 40));
  ok(
    "problem" in parseClientFirst(Uint8Array.of(0x6e, 0x2c, 0x2c, 0x6e, 0x3d, 0xff, 0x2c, 0x72, 0x3d, 0x61)),
  );
});

Deno.test("a last message has the first one's header, the nonce and the proof", () => {
  deepStrictEqual(parseClientFinal(utf8(`c=biws,r=abc,p=${PROOF}`), OF_FIRST), {
    nonce: "abc",
    proof: Uint8Array.fromBase64(PROOF),
    withoutProof: "c=biws,r=abc",
  });
  const more = parseClientFinal(utf8(`c=biws,r=abc,x=p=1,p=${PROOF}`), OF_FIRST);
  strictEqual("problem" in more ? more.problem : more.withoutProof, "c=biws,r=abc,x=p=1");
});

Deno.test("what is no last message is refused", () => {
  const refused = [
    ...["", "c=biws,r=a", `r=a,c=biws,p=${PROOF}`, `c=eSws,r=a,p=${PROOF}`, `c=biws,r=,p=${PROOF}`],
    ...[`c=biws,r=a,p=${PROOF},`, `c=biws,r=a,p=${PROOF},x=1`, `c=biws,r=a,x,p=${PROOF}`, `c=biws,r=a,p=`],
    // Too short, too long, with a space, with bits that count for nothing.
    ...[`c=biws,r=a,p=${PROOF.slice(4)}`, `c=biws,r=a,p=AAAA${PROOF}`, `c=biws,r=a,p= ${PROOF.slice(1)}`],
    ...[`c=biws,r=a,p=${PROOF.replace("VQ=", "VR=")}`, `c=biws,r=a,p=${PROOF.replace("=", "A")}`],
    `c=biws,r=a,p=${PROOF.replaceAll("+", "-")}`,
  ];
  for (const text of refused) ok("problem" in parseClientFinal(utf8(text), OF_FIRST), text);
});

Deno.test("whatever the bytes, they are read or refused", () => {
  const near = fc.array(
    fc.constantFrom("n,,", "n=", "r=", "p=", "c=biws", ",", "=2C", "=", "user", PROOF, "m=", "\0", "\u00e9"),
    { maxLength: 12 },
  ).map((parts) => utf8(parts.join("")));
  fc.assert(
    fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const first = parseClientFirst(bytes);
      if (!("problem" in first)) deepStrictEqual(utf8(first.gs2Header + first.bare), new Uint8Array(bytes));
      const final = parseClientFinal(bytes, OF_FIRST);
      if (!("problem" in final)) {
        deepStrictEqual(utf8(`${final.withoutProof},p=${final.proof.toBase64()}`), new Uint8Array(bytes));
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("any name of a user gets through", () => {
  const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 })
    .filter((name) => !name.includes("\0") && name.isWellFormed());
  fc.assert(fc.property(names, (name) => {
    const written = name.replaceAll("=", "=3D").replaceAll(",", "=2C");
    const first = parseClientFirst(utf8(`n,,n=${written},r=a`));
    strictEqual("problem" in first ? first.problem : first.user, name);
  }));
});
