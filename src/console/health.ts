import type { HttpHandler, HttpResponse } from "../io/http.ts";

/** Whether clients are served at this moment. */
export interface Readiness {
  /** What has to happen first, such as "replaying the log"; empty when clients are served. */
  waitingFor(): readonly string[];
  /** What is not as it should be although clients are served, in words; empty when all is well. */
  troubles(): readonly string[];
}

/** Answers `/livez`, `/readyz` and, by `metrics`, `/metrics`. */
export function consoleHandler(readiness: Readiness, metrics: () => Promise<HttpResponse>): HttpHandler {
  const pages = new Map<string, () => HttpResponse | Promise<HttpResponse>>([
    ["/livez", () => plain(200, "ok")],
    ["/readyz", () => readyPage(readiness)],
    ["/metrics", metrics],
  ]);
  return ({ method, path }) => {
    const page = pages.get(path);
    if (page === undefined) return plain(404, `There are ${[...pages.keys()].join(", ")}.`);
    if (method !== "GET" && method !== "HEAD") return plain(405, "Only GET and HEAD are answered.");
    return page();
  };
}

function readyPage(readiness: Readiness): HttpResponse {
  const waitingFor = readiness.waitingFor();
  const troubles = readiness.troubles().map((trouble) => `\ndegraded: ${trouble}`).join("");
  if (waitingFor.length > 0) return plain(503, `waiting for: ${waitingFor.join(", ")}${troubles}`);
  return plain(200, `ok${troubles}`);
}

function plain(status: number, text: string): HttpResponse {
  return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
}
