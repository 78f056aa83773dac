import * as predict from 'samegrad/predict';

const model = predict.sequential();
const y = model.predict(predict.ones([1, 3]));
y.print();
// @ts-expect-error there is no training here
model.fit(y, y);
// @ts-expect-error ops are functions here
y.add(1);
