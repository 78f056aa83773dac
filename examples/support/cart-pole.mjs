// A pole stands on a cart that is pushed to the left or to the right (Barto, Sutton and Anderson, 1983). Carts are rows:
// [carts, 4] with the place of the cart (m), its speed (m/s), the angle of the pole (radians) and its speed (radians/s).
import * as sg from 'samegrad';

/** Steps after which a run counts as balanced to the end. */
export const LIMIT = 500;
/** Seconds of a step. */
export const SECONDS = 0.02;

/** Carts that begin, the poles almost upright. */
export const start = (count) => sg.randomUniform([count, 4], -0.05, 0.05);

/** One step of physics. @param action [carts], 0 pushes to the left and 1 to the right, with 10 newtons */
export function move(state, action) {
  const [, speed, angle, spin] = sg.split(state, 4, 1);
  const force = action.cast('float32').reshape([-1, 1]).mul(20).sub(10);
  const [sin, cos] = [angle.sin(), angle.cos()];
  // Cart 1 kg, pole 0.1 kg, half of its length 0.5 m.
  const push = force.add(spin.square().mul(sin).mul(0.05)).div(1.1);
  const torque = sin.mul(9.8).sub(cos.mul(push));
  const turn = torque.div(sg.sub(4 / 3, cos.square().mul(0.1 / 1.1)).mul(0.5));
  const pull = push.sub(turn.mul(cos).mul(0.05 / 1.1));
  return state.add(sg.concat([speed, pull, spin, turn], 1).mul(SECONDS));
}

/** Whether a pole leans by more than 12 degrees or its cart has left the track, as 0 or 1: [carts] */
export const isDown = (state) => sg.greater(state.abs().div([2.4, 1e9, 0.2095, 1e9]).max(1), 1).cast('float32');

/**
 * Lets carts run until all poles are down or the limit is reached.
 * @param choose from states [carts, 4] to actions [carts]
 * @returns the steps that each pole stood, and all states and actions: [steps][carts, 4] and [steps][carts]
 */
export function run(choose, count, limit = LIMIT) {
  const lengths = new Array(count).fill(0);
  const [states, actions] = [[], []];
  const up = new Array(count).fill(true);
  let state = start(count);
  for (let step = 0; step < limit && up.includes(true); step++) {
    const [action, next, down] = choose(state);
    states.push(state.dataSync());
    actions.push(action.dataSync());
    up.forEach((isUp, i) => {
      lengths[i] += Number(isUp);
    });
    for (const [i, value] of down.dataSync().entries()) if (value) up[i] = false;
    state = next;
  }
  return { lengths, states, actions };
}

/** A compiled step: what `choose` does to states, what follows from it, and which poles fall. */
export const compiled = (choose) =>
  sg.jit((state) => {
    const action = choose(state);
    const next = move(state, action);
    return [action, next, isDown(next)];
  });

/** One run as lines: place of the cart and angle of the pole over time. */
export const linesOf = ({ lengths, states }) => {
  const x = states.slice(0, lengths[0]).map((_, i) => i * SECONDS);
  return [
    { name: 'cart: place (m)', x, y: x.map((_, i) => states[i][0]) },
    { name: 'pole: angle (radians)', x, y: x.map((_, i) => states[i][2]) },
  ];
};

export const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

/** The last `size` rows of what happened: tensors by name, for instance `{ state, action, next, down }`. */
export function memory(size) {
  const columns = {};
  let count = 0;
  return {
    add(happened) {
      let rows = 0;
      for (const [name, tensor] of Object.entries(happened)) {
        const [n, ...shape] = tensor.shape;
        const values = tensor.dataSync();
        const width = values.length / n;
        columns[name] ??= { shape, width, all: new values.constructor(size * width) };
        for (let i = 0; i < n; i++)
          columns[name].all.set(values.subarray(i * width, (i + 1) * width), ((count + i) % size) * width);
        rows = n;
      }
      count += rows;
    },

    /** `batch` of them, drawn at random. */
    draw(batch) {
      const places = sg.randomUniformInt([batch], 0, Math.min(count, size)).dataSync();
      const drawn = ({ shape, width, all }) => {
        const values = new all.constructor(batch * width);
        places.forEach((place, i) => {
          values.set(all.subarray(place * width, (place + 1) * width), i * width);
        });
        return sg.tensor(values, [batch, ...shape]);
      };
      return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, drawn(column)]));
    },
  };
}
