/** The short form of the switches of threads: how many, and the seed. */
import { switches } from '../../runtimes/inside/switches';

process.stdout.write(`${JSON.stringify(await switches(Number(process.argv[2]), Number(process.argv[3])))}\n`);
