// Logistic regression by variableGrads and applyGradients, its gradients beside those of tf.grads.
const tf = require('@tensorflow/tfjs');

let state = 5;
const next = () => {
  state = (state * 16807) % 2147483647;
  return state / 2147483647;
};
const rows = Array.from({ length: 60 }, () => [2 * next() - 1, 2 * next() - 1, 2 * next() - 1]);
const labels = rows.map(([x, y, z]) => (x + 2 * y - z > 0.2 ? 1 : 0));

const x = tf.tensor2d(rows);
const y = tf.tensor2d(labels, [60, 1], 'float32');
const w = tf.variable(tf.zeros([3, 1]), true, 'w');
const b = tf.variable(tf.scalar(0), true, 'b');
const f = (w, b) => tf.losses.sigmoidCrossEntropy(y, tf.add(tf.matMul(x, w), b)).asScalar();

const optimizer = tf.train.momentum(0.3, 0.9, true);
for (let step = 0; step < 40; step++) {
  const { value, grads } = tf.variableGrads(() => f(w, b));
  const [dw, db] = tf.grads(f)([w, b]);
  const apart = tf.tidy(() => dw.sub(grads.w).abs().max().add(db.sub(grads.b).abs()).arraySync());
  console.log('loss', value.arraySync(), 'apart', apart);
  optimizer.applyGradients(grads);
  tf.dispose([value, grads, dw, db]);
}
const accuracy = tf.tidy(() => {
  const sure = x.matMul(w).add(b).sigmoid().greater(0.5);
  return sure.equal(y.cast('bool')).mean().dataSync()[0];
});
console.log('accuracy', accuracy);
w.print();
