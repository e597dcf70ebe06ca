/**
 * What the hot path was designed to cost, from trials of its parts before the broker was whole: no
 * idempotence, no recovery, no durable metadata. Where two trials gave two figures both are kept.
 */

import type { ExchangeShape } from "../load/job.ts";

/** What one scenario was to cost. */
export interface DesignTarget {
  readonly scenario: string;
  /** Of the trials: millions of bytes, or requests, a second. */
  readonly rates: readonly number[];
  readonly rateUnit: "MB/s" | "requests/s";
  /** Broker CPU: milliseconds for a megabyte of record values, or microseconds for a request. */
  readonly costs: readonly number[];
  readonly costUnit: "ms/MB" | "µs/request";
  /** The same bytes over as many connections, with nothing done to them. */
  readonly exchange: ExchangeShape;
}

/** About what a request or an answer takes beside its records. */
const FRAME_BYTES = 100;

function produced(payloadBytes: number, connections: number, inFlight: number): ExchangeShape {
  return { requestBytes: payloadBytes + FRAME_BYTES, answerBytes: FRAME_BYTES, connections, inFlight };
}

function fetched(payloadBytes: number, connections: number): ExchangeShape {
  return { requestBytes: FRAME_BYTES, answerBytes: payloadBytes + FRAME_BYTES, connections, inFlight: 1 };
}

export const DESIGN_TARGETS: readonly DesignTarget[] = [
  {
    scenario: "produce-1m",
    rates: [325, 405],
    rateUnit: "MB/s",
    costs: [1.6, 1.8],
    costUnit: "ms/MB",
    exchange: produced(1024 * 1024, 1, 4),
  },
  {
    scenario: "produce-64k",
    rates: [332, 255],
    rateUnit: "MB/s",
    costs: [1.4, 2.1],
    costUnit: "ms/MB",
    exchange: produced(64 * 1024, 4, 4),
  },
  {
    scenario: "produce-one",
    rates: [14_600],
    rateUnit: "requests/s",
    costs: [32],
    costUnit: "µs/request",
    exchange: produced(1024, 16, 1),
  },
  {
    scenario: "produce-one-64",
    rates: [14_400],
    rateUnit: "requests/s",
    costs: [37],
    costUnit: "µs/request",
    exchange: produced(1024, 64, 1),
  },
  {
    scenario: "produce-one-pipelined",
    rates: [48_000, 42_600],
    rateUnit: "requests/s",
    costs: [10, 11],
    costUnit: "µs/request",
    exchange: produced(1024, 16, 8),
  },
  {
    scenario: "fetch-1m",
    rates: [1_817, 2_678],
    rateUnit: "MB/s",
    costs: [0.26, 0.19],
    costUnit: "ms/MB",
    exchange: fetched(1024 * 1024, 1),
  },
  {
    scenario: "fetch-64k",
    rates: [1_068, 1_962],
    rateUnit: "MB/s",
    costs: [0.49, 0.27],
    costUnit: "ms/MB",
    exchange: fetched(64 * 1024, 4),
  },
];

/** How far above a trial the whole broker may be. */
export const DESIGN_FACTOR_MAX = 1.3;
