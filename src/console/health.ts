import { equalSecrets } from "../base/bytes.ts";
import type { HttpHandler, HttpResponse } from "../io/http.ts";

/** Whether clients are served at this moment. */
export interface Readiness {
  /** What has to happen first, such as "replaying the log"; empty when clients are served. */
  waitingFor(): readonly string[];
  /** What is not as it should be although clients are served, in words; empty when all is well. */
  troubles(): readonly string[];
}

/**
 * Answers `/livez`, `/readyz` and, by `metrics`, `/metrics`. With a token, whoever does not show it learns of the first
 * two whether, but not why: probes of an orchestrator have no secrets.
 */
export function consoleHandler(
  readiness: Readiness,
  metrics: () => Promise<HttpResponse>,
  token: string | null,
): HttpHandler {
  const pages = new Map<string, (isTrusted: boolean) => HttpResponse | Promise<HttpResponse>>([
    ["/livez", () => plain(200, "ok")],
    ["/readyz", (isTrusted) => isTrusted ? readyPage(readiness) : bareReadyPage(readiness)],
    ["/metrics", (isTrusted) => isTrusted ? metrics() : plain(401, "A token is needed.")],
  ]);
  const expected = token === null ? null : utf8.encode(`Bearer ${token}`);
  return ({ method, path, authorization }) => {
    const page = pages.get(path);
    if (page === undefined) return plain(404, `There are ${[...pages.keys()].join(", ")}.`);
    if (method !== "GET" && method !== "HEAD") return plain(405, "Only GET and HEAD are answered.");
    return page(expected === null || equalSecrets(utf8.encode(authorization ?? ""), expected));
  };
}

function bareReadyPage(readiness: Readiness): HttpResponse {
  return readiness.waitingFor().length > 0 ? plain(503, "not ready") : plain(200, "ok");
}

function readyPage(readiness: Readiness): HttpResponse {
  const waitingFor = readiness.waitingFor();
  const troubles = readiness.troubles().map((trouble) => `\ndegraded: ${trouble}`).join("");
  if (waitingFor.length > 0) return plain(503, `waiting for: ${waitingFor.join(", ")}${troubles}`);
  return plain(200, `ok${troubles}`);
}

const utf8 = new TextEncoder();

function plain(status: number, text: string): HttpResponse {
  return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
}
