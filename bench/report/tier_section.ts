/** What the page and the terminal say of objects. */
import { spread } from "../measure/statistics.ts";
import { briefFailure, formatSpread, markdownTable, textTable } from "./format.ts";
import { TIER_COLUMNS, TIER_PARTS, type TierColumn, type TierFigures, type TierPart } from "./tier_model.ts";

interface PartWords {
  readonly head: string;
  readonly words: string;
}

const WORDS: Readonly<Record<TierPart, PartWords>> = {
  store: {
    head: "The S3 server by itself",
    words:
      `What there is to reach: whole objects put and got by a plain HTTP client that signs nothing but the address,
and by the client that klite uses, which sums and signs what it sends.`,
  },
  flush: {
    head: "Into the bucket",
    words:
      `Records gather in the log; then the broker is asked to end, which stores all of them. Each batch is read from
the log's files, checked, summed and put, and each object is looked at in the bucket before the log says that it is there.`,
  },
  cold: {
    head: "Back from the bucket",
    words:
      `The data directory is deleted and klite started anew: nothing that consumers read is on this disk or in the
broker's memory. Each batch is checked before it is handed on.`,
  },
  beside: {
    head: "Beside it",
    words: `What producers and consumers of new records feel of all that. The S3 server and those who load it
share the same few cores, which a real one would not.`,
  },
  recovery: {
    head: "Starting on many records",
    words:
      `From the start of the process to its first answer. For records in the log the time of a start on nothing is
taken off before it is divided by them; most of what is left is reading behind the last snapshot.`,
  },
  partitions: {
    head: "Many partitions",
    words:
      "Time is to the first answer of a start, or to the end of a stop. At rest is a second after the start.",
  },
  starts: {
    head: "Start and idle with objects",
    words:
      `On an empty data directory. With a bucket klite loads its client for it and takes the cluster's lease before
it serves anybody; without one, it loads nothing of that until the log needs the room.`,
  },
};

/** The page's chapter; empty when nothing of it was measured. */
export function tierSection(figures: TierFigures | undefined): string {
  const parts = tables(figures).map(({ part, rows, failures }) => {
    const { head, words } = WORDS[part];
    const table = rows.length > 1 ? [markdownTable(rows, { textColumns: [0] })] : [];
    return [`### ${head}`, words, ...table, ...failures.map((failure) => `Failed: ${failure}`)].join("\n\n");
  });
  if (parts.length === 0) return "";
  return [
    `## Objects

klite alone, with a real S3 server (versitygw, which keeps objects as files) on the same machine. MB/s and CPU are for
millions of bytes of record values, or of objects where these are what is counted. The S3 server's own figures are of the
same run, and swing with the machine as everything else.`,
    ...parts,
  ].join("\n\n");
}

/** The same for a terminal. */
export function tierText(figures: TierFigures | undefined): string {
  return tables(figures).map(({ part, rows, failures }) => {
    return [
      `objects: ${WORDS[part].head}`,
      textTable(rows),
      ...failures.map((failure) => `  failed: ${failure}`),
    ]
      .join("\n");
  }).join("\n\n");
}

interface Table {
  readonly part: TierPart;
  readonly rows: readonly (readonly string[])[];
  readonly failures: readonly string[];
}

/** A row for each measurement, a column for each figure that any of them has. */
function tables(figures: TierFigures | undefined): Table[] {
  if (figures === undefined) return [];
  return TIER_PARTS.flatMap((part) => {
    const measured = figures.rows.filter((row) => row.part === part);
    const failures = figures.failures.filter((failed) => failed.part === part)
      .map(({ failure }) => briefFailure(failure));
    if (measured.length === 0 && failures.length === 0) return [];
    const has = (column: TierColumn) => measured.some(({ runs }) => runs.some((run) => column in run));
    const columns = COLUMNS.filter(has);
    const rows = measured.map(({ title, runs }) => [
      title,
      ...columns.map((column) => {
        const values = runs.flatMap((run) => run[column] ?? []);
        return values.length === 0 ? "–" : formatSpread(spread(values));
      }),
    ]);
    return [{ part, rows: [["", ...columns.map((column) => TIER_COLUMNS[column])], ...rows], failures }];
  });
}

const COLUMNS = Object.keys(TIER_COLUMNS).filter((column): column is TierColumn => column in TIER_COLUMNS);
