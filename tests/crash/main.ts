/** The long form: `deno task crash [KILLS] [SEED]`. */
import { killRun } from "./kill_run.ts";

const kills = Number(Deno.args[0] ?? 200);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}; to repeat: deno task crash ${kills} ${seed}`);
const { acknowledged, stored } = await killRun({ kills, writers: 8, seed });
console.log(`${kills} kills: ${acknowledged} records acknowledged, ${stored} stored, each once and in order`);
