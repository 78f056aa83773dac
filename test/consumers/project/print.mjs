import { result } from './program.mjs';

console.log(`hash ${await result()}`);
