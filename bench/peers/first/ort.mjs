import { readFileSync } from 'node:fs';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';

env.wasm.numThreads = 1;
const session = await InferenceSession.create(readFileSync(process.argv[2]), { executionProviders: ['wasm'] });
const { y } = await session.run({ x: new Tensor('float32', new Float32Array(784).fill(1), [1, 784]) });
y.data[0];
process.exit();
