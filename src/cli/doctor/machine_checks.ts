import { isoTime } from "../../io/iso_time.ts";
import type { DoctorIo } from "../world.ts";
import { type Finding, ok, warning, wrong } from "./finding.ts";

/** Connections that klite takes at most, and some files beside them. */
const FILES_WANTED = 10_100;
/** With fewer it is of little use. */
const FILES_MIN = 256;
/** klite was not there before that. */
const EARLIEST_MS = Date.UTC(2025, 0, 1);
/** From here on stores refuse requests, and records get times that are of no use. */
const FAR_OFF_MS = 300_000;
const SLIGHTLY_OFF_MS = 2000;

export function checkOpenFiles({ machine }: DoctorIo): Finding {
  const files = machine.openFilesUpTo(FILES_WANTED);
  if (files >= FILES_WANTED) {
    return ok("open-files", `at least ${FILES_WANTED} files and connections can be open`);
  }
  const words = `${files} files and connections can be open`;
  const advice =
    "Raise the limit: `ulimit -n`, LimitNOFILE= of systemd, or --ulimit nofile= of the container.";
  return files < FILES_MIN
    ? wrong("open-files", words, advice)
    : warning("open-files", `${words}; klite could take 10,000 connections`, advice);
}

/** `storeMs`: the store's time at about this moment, if there is a store to ask. */
export function checkClock({ clock }: DoctorIo, storeMs: number | null): Finding {
  const nowMs = clock.nowMs();
  const advice =
    "Have the machine's clock set by the network (chrony, systemd-timesyncd, or the host of the container).";
  if (nowMs < EARLIEST_MS) return wrong("clock", `the clock says ${isoTime(nowMs)}`, advice);
  if (storeMs === null) {
    return ok("clock", `the clock says ${isoTime(nowMs)}; there is nothing to compare it with`);
  }
  const offMs = nowMs - storeMs;
  const words = `the clock is ${(Math.abs(offMs) / 1000).toFixed(1)} s ${
    offMs < 0 ? "behind" : "ahead of"
  } the bucket's`;
  if (Math.abs(offMs) > FAR_OFF_MS) return wrong("clock", words, advice);
  if (Math.abs(offMs) > SLIGHTLY_OFF_MS) return warning("clock", words, advice);
  return ok("clock", words);
}
