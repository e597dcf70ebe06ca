/** The long form: `deno task crash [KILLS [SEED]]`. */
import { killRun } from "./kill_run.ts";

const kills = Number(Deno.args[0] ?? 200);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}; to repeat: deno task crash ${kills} ${seed}`);
const { records, topics, stops } = await killRun({
  kills,
  generations: Math.ceil(kills / 25),
  writers: 8,
  seed,
  longestLifeMs: 1500,
  stopChance: 0.1,
  withLibrdkafka: true,
});
console.log(
  `${kills} kills and ${stops} orderly stops: ${records} records in the end, each acknowledged, once and in ` +
    `order; ${topics} topics came and went as acknowledged`,
);
