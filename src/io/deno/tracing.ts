import type { Span, Tracer } from "../telemetry.ts";

/** As much of a span of the runtime's as is used. */
interface RuntimeSpan {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { readonly code: number; readonly message: string }): unknown;
  end(): void;
}

interface RuntimeTracer {
  startSpan(name: string): RuntimeSpan;
}

/** OpenTelemetry's word for a span that came to nothing. */
const STATUS_ERROR = 2;
/** Spans of one name begun in a second; a busy broker has ten thousands of requests in it. */
const SPANS_A_SECOND = 20;
/** Where the runtime keeps what it does with telemetry, once that is switched on by OTEL_DENO. */
const RUNTIME_API = Symbol.for("opentelemetry.js.api.1");

/**
 * Spans by the runtime's own OpenTelemetry; `null` unless that is switched on. Nothing is loaded for it: the runtime hands
 * out its tracers itself, and sends what they tell without asking for the permission to.
 */
export function runtimeTracer(monotonicMs: () => number): Tracer | null {
  if (!(RUNTIME_API in globalThis)) return null;
  const tracer: RuntimeTracer = Deno.telemetry.tracerProvider.getTracer("klite");
  return sampled(tracer, monotonicMs);
}

/** The first spans of each name in each second, so that what is told is bounded, and a broker with little to do tells all. */
export function sampled(tracer: RuntimeTracer, monotonicMs: () => number): Tracer {
  let secondEndsMs = 0;
  const begun = new Map<string, number>();
  return {
    begin(name) {
      const nowMs = monotonicMs();
      if (nowMs >= secondEndsMs) {
        secondEndsMs = nowMs + 1000;
        begun.clear();
      }
      const count = begun.get(name) ?? 0;
      if (count === SPANS_A_SECOND) return null;
      begun.set(name, count + 1);
      return spanOf(tracer.startSpan(name));
    },
  };
}

function spanOf(span: RuntimeSpan): Span {
  return {
    set: (name, value) => void span.setAttribute(name, value),
    end: (problem) => {
      if (problem !== undefined) span.setStatus({ code: STATUS_ERROR, message: problem });
      span.end();
    },
  };
}
