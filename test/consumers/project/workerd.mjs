import { result } from './program.mjs';

export default {
  async test() {
    console.log(`hash ${await result()}`);
  },
};
