import type { HttpHandler, HttpResponse } from "../io/http.ts";

/** Whether clients are served at this moment. */
export interface Readiness {
  /** What has to happen first, such as "replaying the log"; empty when clients are served. */
  waitingFor(): readonly string[];
}

/** Answers `/livez` and `/readyz`. */
export function healthHandler(readiness: Readiness): HttpHandler {
  return ({ method, path }) => {
    if (path !== "/livez" && path !== "/readyz") return plain(404, "There are /livez and /readyz.");
    if (method !== "GET" && method !== "HEAD") return plain(405, "Only GET and HEAD are answered.");
    if (path === "/livez") return plain(200, "ok");
    const waitingFor = readiness.waitingFor();
    return waitingFor.length === 0 ? plain(200, "ok") : plain(503, `waiting for: ${waitingFor.join(", ")}`);
  };
}

function plain(status: number, text: string): HttpResponse {
  return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
}
