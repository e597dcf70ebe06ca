import { KliteError } from "../base/klite_error.ts";
import type { LogOptions } from "./contract.ts";
import { readSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from "./segment_header.ts";

const SEGMENT_FILE_NAME = /^(\d{8,})\.wal$/;

/** A file with entries. */
export interface LiveFile {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly sizeBytes: number;
}

/** The segment files as they lie in the directory. */
export interface Survey {
  /** By base LSN. */
  readonly live: LiveFile[];
  readonly spare: LiveFile[];
  /** Files without a readable header: half-made spare ones, or damaged. */
  readonly unreadable: { readonly path: string; readonly sizeBytes: number }[];
  readonly nextSlot: number;
}

/** Reads the header of every segment file. Throws `INCOMPATIBLE` for another log's files or another format. */
export function surveySegments(options: LogOptions): Survey {
  const { disk, directory } = options;
  const survey = {
    live: [] as LiveFile[],
    spare: [] as LiveFile[],
    unreadable: [] as Survey["unreadable"],
    nextSlot: 1,
  };
  for (const name of disk.list(directory)) {
    const match = SEGMENT_FILE_NAME.exec(name);
    if (match === null) continue;
    survey.nextSlot = Math.max(survey.nextSlot, Number(match[1]) + 1);
    const path = `${directory}/${name}`;
    const { header, sizeBytes } = readHeaderOf(path, options);
    if (header === null) survey.unreadable.push({ path, sizeBytes });
    else if (header.live) survey.live.push({ path, header, sizeBytes });
    else survey.spare.push({ path, header, sizeBytes });
  }
  survey.live.sort((a, b) => a.header.baseLsn - b.header.baseLsn);
  return survey;
}

function readHeaderOf(
  path: string,
  options: LogOptions,
): { header: SegmentHeader | null; sizeBytes: number } {
  const file = options.disk.open(path);
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  let sizeBytes: number;
  try {
    sizeBytes = file.sizeBytes();
    if (file.readAtSync(bytes, 0) < bytes.length) return { header: null, sizeBytes };
  } finally {
    file.close();
  }
  const reading = readSegmentHeader(bytes, options.checksum);
  if (reading.kind === "unreadable") return { header: null, sizeBytes };
  const where = `${options.disk.root}/${path}`;
  if (reading.kind === "other_version") {
    throw new KliteError(
      "INCOMPATIBLE",
      `${where} is a log segment of format ${reading.version}, which this klite does not read. ` +
        "Start the version of klite that wrote it.",
    );
  }
  if (!reading.header.logId.every((byte, index) => byte === options.logId[index])) {
    throw new KliteError(
      "INCOMPATIBLE",
      `${where} belongs to the log of another cluster. Use the data directory and the cluster id that go together.`,
    );
  }
  return { header: reading.header, sizeBytes };
}
