/** Prints what `init` does with the settings of the command line. */
import { init } from '../../../src/distributed/index';

const print = (text: string): void => console.log(text);
await init(JSON.parse(process.argv[2] ?? '{}')).then(
  async (world) => print(`rank ${world.rank} of ${world.size}, ${world === (await init()) ? 'once' : 'twice'}`),
  (error: Error) => print(`${error.name}: ${error.message}`),
);
