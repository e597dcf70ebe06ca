import { rejects, strictEqual } from "node:assert/strict";
import { CertificateAuthority } from "../../../tests/support/certificates.ts";
import { DenoDialer } from "./dial.ts";

Deno.test("a dialled connection carries bytes both ways", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const dialled = await new DenoDialer().connect({ host: "127.0.0.1", port: listener.addr.port }, 5000);
  const accepted = await listener.accept();
  await dialled.write(Uint8Array.of(1, 2));
  const into = new Uint8Array(8);
  strictEqual(await accepted.read(into), 2);
  await accepted.write(Uint8Array.of(3));
  strictEqual(await dialled.read(into), 1);
  dialled.close();
  accepted.close();
  listener.close();
});

Deno.test("an address that nobody answers is an error that names it", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = listener.addr.port;
  listener.close();
  await rejects(
    new DenoDialer().connect({ host: "127.0.0.1", port }, 5000),
    new RegExp(`127\\.0\\.0\\.1:${port}: nothing answers there`),
  );
});

Deno.test("with authorities it is TLS that is spoken, with whom they vouch for", async () => {
  const authority = await CertificateAuthority.create();
  const { certificate: cert, key } = await authority.issue({ subject: "CN=localhost", use: "server" });
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const address = { host: "127.0.0.1", port: listener.addr.port };
  const trusted = await Deno.makeTempFile();
  const dialer = new DenoDialer();

  await Deno.writeTextFile(trusted, authority.certificate);
  const [dialled, accepted] = await Promise.all([dialer.connect(address, 5000, trusted), listener.accept()]);
  const into = new Uint8Array(8);
  await Promise.all([dialled.write(Uint8Array.of(1, 2)), accepted.read(into)]);
  strictEqual(into[1], 2);
  dialled.close();
  accepted.close();

  await Deno.writeTextFile(trusted, (await CertificateAuthority.create("somebody else")).certificate);
  const refused = rejects(
    dialer.connect(address, 5000, trusted),
    /127\.0\.0\.1:\d+: no TLS handshake: .*certificate/,
  );
  using other = await listener.accept();
  await rejects(other.handshake());
  await refused;

  listener.close();
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nobody = { host: "127.0.0.1", port: silent.addr.port };
  await rejects(dialer.connect(nobody, 100, trusted), /no answer within 100 ms/);
  silent.close();
  await Deno.remove(trusted);
  await rejects(dialer.connect(address, 100, trusted), /cannot read/);
});
