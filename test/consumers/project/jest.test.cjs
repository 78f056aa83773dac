const result = require('./required.cjs');

test('trains and predicts', async () => {
  expect(typeof document).toBe('object');
  console.log(`hash ${await result()}`);
});
