import { SimClock } from "../../src/io/sim/clock.ts";
import { DenoClock } from "../../src/io/deno/clock.ts";
import { DenoDisk } from "../../src/io/deno/disk.ts";
import { DirectoryStore } from "../../src/io/directory_store.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import { storeContract, type StoreWorld } from "./store_contract.ts";

const MIB = 1024 * 1024;

storeContract("directory", openDirectory, { largeSizes: [3 * MIB + 1, 20 * MIB], manyKeys: 2_050 });
storeContract("directory on a simulated disk", openSimDirectory, { largeSizes: [20_000], manyKeys: 1_010 });
storeContract("simulated store", openSim, { largeSizes: [20_000], manyKeys: 55 });

async function openDirectory(): Promise<StoreWorld> {
  const root = await Deno.makeTempDir();
  const store = new DirectoryStore({
    disk: new DenoDisk(root),
    clock: new DenoClock(),
    directory: "objects",
  });
  return {
    store,
    run: (promise) => promise,
    async [Symbol.asyncDispose]() {
      await store.close();
      await Deno.remove(root, { recursive: true });
    },
  };
}

function openSimDirectory(): Promise<StoreWorld> {
  const { clock, random } = simulated();
  const disk = new SimDisk({ clock, random });
  return Promise.resolve(simWorld(clock, new DirectoryStore({ disk, clock, directory: "objects" })));
}

function openSim(): Promise<StoreWorld> {
  const { clock, random } = simulated();
  return Promise.resolve(simWorld(clock, new SimObjectStore({ clock, random })));
}

function simulated() {
  return { clock: new SimClock(), random: new SimRandom(1) };
}

function simWorld(clock: SimClock, store: DirectoryStore | SimObjectStore): StoreWorld {
  return {
    store,
    run: (promise) => clock.run(promise),
    [Symbol.asyncDispose]: () => store.close(),
  };
}
