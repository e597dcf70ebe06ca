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
  /** The same bytes over as many connections; what is produced is made durable. Nothing else is done to them. */
  readonly exchange: ExchangeShape;
}

/** About what a request or an answer takes beside its records. */
const FRAME_BYTES = 100;

function produced(payloadBytes: number, connections: number, inFlight: number): ExchangeShape {
  const requestBytes = payloadBytes + FRAME_BYTES;
  return { requestBytes, answerBytes: FRAME_BYTES, connections, inFlight, isDurable: true };
}

function fetched(payloadBytes: number, connections: number): ExchangeShape {
  const answerBytes = payloadBytes + FRAME_BYTES;
  return { requestBytes: FRAME_BYTES, answerBytes, connections, inFlight: 1, isDurable: false };
}

function perMegabyte(
  scenario: string,
  exchange: ExchangeShape,
  rates: number[],
  costs: number[],
): DesignTarget {
  return { scenario, exchange, rates, rateUnit: "MB/s", costs, costUnit: "ms/MB" };
}

function perRequest(
  scenario: string,
  exchange: ExchangeShape,
  rates: number[],
  costs: number[],
): DesignTarget {
  return { scenario, exchange, rates, rateUnit: "requests/s", costs, costUnit: "µs/request" };
}

const MIB = 1024 * 1024;

export const DESIGN_TARGETS: readonly DesignTarget[] = [
  perMegabyte("produce-1m", produced(MIB, 1, 4), [325, 405], [1.6, 1.8]),
  perMegabyte("produce-64k", produced(64 * 1024, 4, 4), [332, 255], [1.4, 2.1]),
  perRequest("produce-one", produced(1024, 16, 1), [14_600], [32]),
  perRequest("produce-one-64", produced(1024, 64, 1), [14_400], [37]),
  perRequest("produce-one-pipelined", produced(1024, 16, 8), [48_000, 42_600], [10, 11]),
  perMegabyte("fetch-1m", fetched(MIB, 1), [1_817, 2_678], [0.26, 0.19]),
  perMegabyte("fetch-64k", fetched(64 * 1024, 4), [1_068, 1_962], [0.49, 0.27]),
];

/** How far above a trial the whole broker may be. */
export const DESIGN_FACTOR_MAX = 1.3;
