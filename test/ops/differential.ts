/** `npm run ops -- --differential`: the same calls on TensorFlow.js, with the largest difference of each function. */
import * as tf from '@tensorflow/tfjs-core';
import { compare } from '../differential/differential';
import { families } from '../differential/families';

await tf.setBackend('cpu');
let failures = 0;
const faults: string[] = [];
for (const [family, rows] of Object.entries(families)) {
  let cases = 0;
  console.log(
    `\n${family.padEnd(56)}${'calls'.padStart(8)}${'largest difference'.padStart(22)}${'bound'.padStart(12)}`,
  );
  for (const row of rows) {
    const report = await compare(row);
    cases += report.cases;
    failures += report.disagreements.length;
    const bound = row.bound ?? 2e-6;
    console.log(
      `${row.op.padEnd(56)}${String(report.cases).padStart(8)}${report.largest.toExponential(1).padStart(22)}${bound.toExponential(0).padStart(12)}`,
    );
    for (const text of report.disagreements.slice(0, 3)) console.log(`    ${text}`);
    if (row.fault) faults.push(`${row.op}: ${row.fault} (${report.faults.length} of ${report.cases} calls)`);
  }
  console.log(`${`${rows.length} functions`.padEnd(56)}${String(cases).padStart(8)}`);
}
console.log('\nTensorFlow.js is wrong, as an independent computation shows:');
for (const fault of faults) console.log(`  ${fault}`);
console.log(failures ? `\n${failures} calls disagree` : '\nno call disagrees');
process.exitCode = failures ? 1 : 0;
