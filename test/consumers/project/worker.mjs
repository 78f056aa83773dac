import { result } from './program.mjs';

result().then(postMessage, (error) => postMessage(`${error.stack}`));
