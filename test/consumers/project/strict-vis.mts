import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';

const options: vis.LinesOptions = { title: 'Loss', theme: 'dark', xLabel: 'step' };
const picture: vis.Picture = vis.lines({ loss: sg.tensor1d([3, 2, 1]) }, options);
const svg: Promise<string> = vis.toSVG(picture);
const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
const drawn: Promise<vis.Picture> = vis.modelGraph(model);
const shown: string[] = [];
const fitted: Promise<sg.History> = model.fit(sg.ones([4, 2]), sg.ones([4, 1]), {
  callbacks: [
    vis.live((one) => {
      shown.push(one.$schema);
    }),
    vis.recordDistributions(),
  ],
});
vis.history(await fitted);
vis.decisionRegions(model, sg.ones([4, 2]), ['a', 'b', 'a', 'b']);
// @ts-expect-error a theme that there is not
vis.lines({ loss: [1] }, { theme: 'blue' });

export { drawn, shown, svg };
