import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ScramMechanism } from "../mechanisms.ts";
import { utf8 } from "../../../tests/support/scram_client.ts";
import { deriveCredential, digest, keyBytes, provenKey, serverSignature } from "./keys.ts";

Deno.test("the example of RFC 7677: its proof is proven, and the broker's signature is its", async () => {
  const salt = Uint8Array.fromBase64("W22ZaJ0SNY7soEsUEjb6gQ==");
  const credential = await deriveCredential("SCRAM-SHA-256", "pencil", salt, 4096);
  const authMessage = "n=user,r=rOprNGfwEbeRWgbNEkqO," +
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," +
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const proof = Uint8Array.fromBase64("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  const key = await provenKey("SCRAM-SHA-256", credential.storedKey, authMessage, proof);
  deepStrictEqual(await digest("SCRAM-SHA-256", key), credential.storedKey);
  const signature = await serverSignature("SCRAM-SHA-256", credential.serverKey, authMessage);
  strictEqual(signature.toBase64(), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
});

Deno.test("keys are those that another library makes, for both mechanisms and beyond ASCII", async () => {
  for (const [mechanism, hash] of [["SCRAM-SHA-256", "sha256"], ["SCRAM-SHA-512", "sha512"]] as const) {
    for (const password of ["pencil", "пароль ✓", "a\u00adb"]) {
      const salt = utf8("1f4s3cv4b6y7n8m9k2l1p0o9i8");
      const salted = pbkdf2Sync(password, salt, 8192, keyBytes(mechanism satisfies ScramMechanism), hash);
      const clientKey = createHmac(hash, salted).update("Client Key").digest();
      deepStrictEqual(await deriveCredential(mechanism, password, salt, 8192), {
        salt,
        iterations: 8192,
        storedKey: new Uint8Array(createHash(hash).update(clientKey).digest()),
        serverKey: new Uint8Array(createHmac(hash, salted).update("Server Key").digest()),
      });
    }
  }
});
