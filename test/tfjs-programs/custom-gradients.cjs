// Gradients of one's own: a stable log(1 + e^x), a rounding that lets gradients pass, a clipped identity.
const tf = require('@tensorflow/tfjs');

const log1pExp = tf.customGrad((x, save) => {
  const value = tf.tidy(() => tf.relu(x).add(tf.log1p(tf.exp(tf.neg(tf.abs(x))))));
  save([x]);
  return { value, gradFunc: (dy, [x]) => dy.mul(tf.sigmoid(x)) };
});
const passRound = tf.customGrad((x) => ({ value: x.round(), gradFunc: (dy) => [dy] }));
const clipped = tf.customGrad((x) => ({ value: x.clone(), gradFunc: (dy) => dy.clipByValue(-0.05, 0.05) }));

const x = tf.linspace(-40, 40, 9);
console.log('value', ...log1pExp(x).dataSync());
console.log(
  'slope',
  ...tf
    .grad((x) => log1pExp(x).sum())(x)
    .dataSync(),
);

const target = tf.tensor1d([3, -2, 0.4, 7]);
const w = tf.variable(tf.tensor1d([0.1, 0.2, 0.3, 0.4]));
const optimizer = tf.train.rmsprop(0.1);
for (let step = 0; step < 30; step++) {
  const loss = optimizer.minimize(
    () =>
      tf.tidy(() => {
        const error = passRound(clipped(w).mul(3.7)).div(3.7).sub(target);
        return log1pExp(error.abs()).mean();
      }),
    true,
    [w],
  );
  console.log('loss', loss.dataSync()[0]);
  tf.dispose(loss);
}
const { value, grads } = tf.valueAndGrads((a, b) => tf.mul(log1pExp(a), b).sum())([target, w]);
console.log('at last', value.arraySync(), ...grads[0].dataSync(), ...grads[1].arraySync());
