#!/usr/bin/env node
/** The command `samegrad`: trains a network on a table, predicts with it, and serves models. */
import { parseArgs } from 'node:util';
import * as sg from '../index';
import { inspectModel, runModel } from './onnx';
import { predict } from './predict';
import { serveFolder } from './serve';
import { train } from './train';
import { UsageError } from './usage';

const HELP = `samegrad ${sg.version.samegrad}

  samegrad train FILE.csv --target COLUMN [--task classification|regression] [--out FOLDER] [--epochs 300] [--seed 1]
      Finds out what the columns hold, splits the rows into three parts, trains a network that predicts COLUMN, says how
      good it is on rows that it has not seen, and writes the model, a report and pictures to FOLDER.

  samegrad predict FOLDER FILE.csv [--output FILE.csv]
      Adds to each row what the model predicts, and prints the table, or writes it to the file. A row may have gaps, and
      more columns than the model knows. If the table has the column that is predicted, says how good the predictions are.

  samegrad serve FOLDER [--port 8000] [--host 127.0.0.1] [--processes N] [--grace 1000]
      Serves all models in FOLDER over HTTP by the Open Inference Protocol: files .safetensors, .keras, .h5 and .onnx,
      and folders with a model.json or one of those as model.*. Its log is a line of JSON for each request. If the
      environment has SAMEGRAD_TOKEN, requests need it as their bearer token. N processes share the port; on SIGHUP each is
      replaced by one with the models of now, and no request is lost. On SIGTERM it answers what has come, and for GRACE
      milliseconds what still comes on open connections.

  samegrad onnx info FILE.onnx
      Says what a model in ONNX takes and returns, which operators it has, and which of them cannot run.

  samegrad onnx run FILE.onnx --input NAME=FILE.npy [--input NAME=FILE.json …] [--output FOLDER]
      Computes its outputs, and prints their shapes and first elements, or writes them to FOLDER as NAME.npy. A .json file
      has nested arrays of numbers.`;

const TASKS = { classification: 'classes', regression: 'number' } as const;

/** @throws UsageError unless the text is a whole number from `least` on */
function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${name} must be a whole number, at least ${least}, got '${text}'`);
  return value;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        target: { type: 'string' },
        task: { type: 'string' },
        out: { type: 'string' },
        output: { type: 'string' },
        input: { type: 'string', multiple: true, default: [] },
        epochs: { type: 'string', default: '300' },
        seed: { type: 'string', default: '1' },
        port: { type: 'string', default: '8000' },
        host: { type: 'string', default: '127.0.0.1' },
        processes: { type: 'string' },
        grace: { type: 'string', default: '1000' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${HELP}`);
  }
}

/** @throws UsageError for what cannot be understood or done */
async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  const [command, ...files] = positionals;
  if (values.version) return console.log(sg.version.samegrad);
  if (values.help || command === undefined) return console.log(HELP);
  if (command === 'train') {
    const [file] = files;
    const { target, task, out } = values;
    if (file === undefined || files.length > 1 || target === undefined)
      throw new UsageError(`train needs one file and --target COLUMN\n\n${HELP}`);
    if (task !== undefined && !(task in TASKS))
      throw new UsageError(`--task must be ${Object.keys(TASKS).join(' or ')}, got '${task}'`);
    return train(file, {
      target,
      task: task === undefined ? undefined : TASKS[task as keyof typeof TASKS],
      out,
      epochs: whole('epochs', values.epochs, 1),
      seed: whole('seed', values.seed, 0),
      print: console.log,
    });
  }
  if (command === 'predict') {
    const [saved, file] = files;
    if (saved === undefined || file === undefined || files.length > 2)
      throw new UsageError(`predict needs the folder of a model and a file\n\n${HELP}`);
    return predict(saved, file, { file: values.output, print: console.log, remark: console.error });
  }
  if (command === 'serve') {
    const [folder] = files;
    if (folder === undefined || files.length > 1)
      throw new UsageError(`serve needs the folder of the models\n\n${HELP}`);
    const { host, processes } = values;
    return serveFolder(folder, {
      port: whole('port', values.port, 0),
      host,
      token: process.env.SAMEGRAD_TOKEN,
      processes: processes === undefined ? undefined : whole('processes', processes, 1),
      grace: whole('grace', values.grace, 0),
      print: console.log,
    });
  }
  if (command === 'onnx') {
    const [what, file] = files;
    if ((what !== 'info' && what !== 'run') || file === undefined || files.length > 2)
      throw new UsageError(`onnx needs info or run, and a file\n\n${HELP}`);
    if (what === 'info') return inspectModel(file, console.log);
    return runModel(file, { inputs: values.input, folder: values.output, print: console.log });
  }
  throw new UsageError(`there is no command '${command}'; there are train, predict, serve and onnx\n\n${HELP}`);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
