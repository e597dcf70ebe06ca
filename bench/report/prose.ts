/** The parts of the page that no figure changes. */

export const MEANING = `## What the figures mean

- **MB/s** counts record values alone, before compression, in millions of bytes; batch and request headers come on top.
- **Latency** of a produce or a fetch runs from the request's first byte sent to its answer read, with as many requests
  waiting before it as the scenario keeps in flight. At a fixed rate it runs from the moment a producer has a record,
  which it sends at once, to its acknowledgement, or to the moment a consumer on another connection has read it. Real
  clients count the time that a record waits inside them.
- **CPU** is user and system time of all the broker's threads and processes, from /proc, for 10^9 bytes of record values
  or for one request. It depends little on the load generator and on what else the machine does: it is the figure to
  compare. Milliseconds per MB are the same number.
- **Peak MB** is the highest resident memory of the broker's processes since the load began. The scenarios of a group run
  against the same process, so a heap that once grew stays grown. Kafka runs with the one gigabyte of heap that its start
  script gives.
- **Generator** is what part of one core the load generator took. Close to 100 % it may be what limits the rate.
- **Others** is what part of one core everything else on the machine took meanwhile: the more, the less a rate means.
- **The promise** differs. klite answers a produce after fdatasync; Apache Kafka as it comes answers once the bytes are
  in the page cache, where a power cut takes them. \`kafka-fsync\` makes Kafka keep the same promise.
- **The disk alone**: right before each run at a fixed rate the disk syncs what comes, an entry of 4 KiB every
  millisecond, each with the first sync that begins behind it; the millisecond of a timer is in all of it. When the disk
  stalls for 100 ms, all that comes meanwhile waits, there as in a broker. A disk that does so is given up to a minute,
  and a little more, before the run begins all the same.
- **Fresh and allocated blocks**: overwriting blocks that a file has is faster than having the file system find new ones.
  klite allocates its log's files ahead of need and uses them again when it may; a log that only grows is written to
  fresh blocks in the end.

Every run of our own generator checks itself: each connection owns its partitions and each acknowledgement must name the
very next offset; everything written is read back and compared byte by byte with what was sent. A run in which anything
is wrong shows as failed and gives no figure. A broker's first load, up to 400 MB, does not count, and every
partition is written to once before the time that does. Before each run klite's topics of earlier ones are deleted, for
it would copy them into objects meanwhile, and the disk is given time until its syncs are prompt again: brokers leave data
in the page cache, and deleted files are given back to the disk long after. Requests are encoded before the load begins;
the sequence numbers of idempotent producers are stamped into them, and the CRC is corrected by what each bit changes
in it. What real clients consume was written by our own generator, in the same batches at every broker.`;

export const REPRODUCE = `## How to reproduce

The bench needs Linux, Java 17 or newer and Maven, which fetches Apache Kafka once, for librdkafka python3 with venv and
pip, for objects Go, which builds the S3 server once, and some 30 GB of free disk.

\`\`\`sh
deno task bench --json figures.json             # everything but what rights cost, about 35 minutes
deno task bench --group tier --json tier.json   # objects alone, about seven minutes; --tier puts them on the page
deno task soak > soak.txt                       # ten minutes of constant load
deno task bench --write-docs figures.json --soak soak.txt # this page and its charts
deno task bench --group security --runs 15 --seconds 1.5 --starts 0 --json rights.json # rights and quotas, ten minutes; --more puts them on the page
deno task bench --quick                         # a first look, under two minutes
deno task bench --scenario produce-64k --runs 5 # one scenario; --group takes whole groups
deno task bench --peer "other=other-broker --port {port} --data {dir}" # another broker beside
deno task bench --list                          # what there is
deno task bench --profile                       # where klite's own time goes
\`\`\`

[profiling.md](profiling.md) says how to read a profile.`;
