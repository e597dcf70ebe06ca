import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { KliteError } from "../../base/klite_error.ts";
import { DenoHttp } from "./http.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 };
const http = new DenoHttp();

Deno.test("what the handler answers is what the client gets", async () => {
  const server = http.serve(LOOPBACK, ({ method, path }) => ({
    status: 503,
    contentType: "text/plain; charset=utf-8",
    body: `${method} ${path}`,
  }));
  try {
    deepStrictEqual(await http.get(server.address, "/readyz?verbose", 5000), {
      status: 503,
      contentType: "text/plain; charset=utf-8",
      body: "GET /readyz",
    });
  } finally {
    await server.close();
  }
});

Deno.test("a handler that throws answers 500 and the server lives on", async () => {
  const server = http.serve(LOOPBACK, ({ path }) => {
    if (path === "/bad") throw new Error("secret detail");
    return { status: 200, contentType: "text/plain", body: "" };
  });
  try {
    const bad = await http.get(server.address, "/bad", 5000);
    strictEqual(bad.status, 500);
    strictEqual(bad.body.includes("secret"), false);
    strictEqual((await http.get(server.address, "/good", 5000)).status, 200);
  } finally {
    await server.close();
  }
});

Deno.test("a taken address is refused with its name", async () => {
  const server = http.serve(LOOPBACK, () => ({ status: 200, contentType: "text/plain", body: "" }));
  try {
    throws(
      () => http.serve(server.address, () => ({ status: 200, contentType: "", body: "" })),
      (error: unknown) => {
        return error instanceof KliteError && error.code === "ADDRESS_UNAVAILABLE" &&
          /127\.0\.0\.1:/.test(error.message);
      },
    );
  } finally {
    await server.close();
  }
});

Deno.test("a server that is gone or silent is an error that says so", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = { host: "127.0.0.1", port: silent.addr.port };
  await rejects(http.get(address, "/readyz", 50), /no answer within 50 ms/);
  silent.close();
  await rejects(http.get(address, "/readyz", 5000), /nothing answers there/);
});

Deno.test("a document is had whole, or not at all", async () => {
  const body = "x".repeat(1000);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/moved") return Response.redirect(new URL("/there", request.url), 302);
    return pathname === "/there" ? new Response(body) : new Response(body, { status: 404 });
  });
  try {
    const at = (path: string) => `http://127.0.0.1:${server.addr.port}${path}`;
    const limits = { timeoutMs: 5000, bytesMax: 1000 };
    strictEqual(new TextDecoder().decode(await http.document(at("/there"), limits)), body);
    await rejects(http.document(at("/there"), { ...limits, bytesMax: 999 }), /there: more than 999 bytes/);
    await rejects(http.document(at("/gone?key=1"), limits), /gone: the answer is 404/);
    await rejects(http.document(at("/moved"), limits), /moved: nothing answers there/);
  } finally {
    await server.shutdown();
  }
  await rejects(
    http.document(`http://127.0.0.1:${server.addr.port}/`, { timeoutMs: 5000, bytesMax: 1 }),
    KliteError,
  );
});
