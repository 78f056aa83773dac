// In a page: the result is what the runner reads.
import { result } from './program.mjs';

globalThis.result = result().catch((error) => `${error.stack}`);
