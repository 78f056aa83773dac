// Runs under workerd: the modules beside it are listed in a configuration that main.mjs writes.
import * as sg from './library/index.js';
import * as onnx from './library/onnx.js';
import bytes from './model.onnx';
import { bertTokenizer, search } from './search.mjs';
import given from './texts.json';
import { Tokenizer } from './tokenizers.mjs';

export default {
  async test() {
    const { words, sentences, queries } = given;
    const model = await onnx.load(bytes);
    const { sha256 } = await search(sg, { model, tokenizer: bertTokenizer(Tokenizer, words), sentences, queries });
    console.log(JSON.stringify({ sha256 }));
  },
};
