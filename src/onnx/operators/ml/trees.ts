/** Ensembles of decision trees. They are walked on the host, between two programs. */
import type { Call } from '../../../graph/core/call';
import type { GraphNode } from '../../../graph/core/graph';
import type { Value } from '../../../graph/core/value';
import { tensor } from '../../../ops/create/creation';
import * as sg from '../../../ops/math/arithmetic';
import { concat, slice } from '../../../ops/shape/shaping';
import { checkElements } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import { type Definitions, define, fixed, same } from '../define';
import { classifierTypes, labelsOf, numbersOf, picked, transformed } from './scores';

type Test = (x: number, value: number) => boolean;

const TESTS: Readonly<Record<string, Test>> = {
  BRANCH_LEQ: (x, v) => x <= v,
  BRANCH_LT: (x, v) => x < v,
  BRANCH_GTE: (x, v) => x >= v,
  BRANCH_GT: (x, v) => x > v,
  BRANCH_EQ: (x, v) => x === v,
  BRANCH_NEQ: (x, v) => x !== v,
};
const BY_NUMBER = Object.values(TESTS);

/** What a leaf adds to a target. */
interface Vote {
  readonly target: number;
  readonly weight: number;
}

type Tree = readonly Vote[] | Branch;

interface Branch {
  readonly feature: number;
  readonly test: (x: number) => boolean;
  /** What is taken for NaN. */
  readonly isTrueForMissing: boolean;
  yes: Tree;
  no: Tree;
}

const isLeaf = (tree: Tree): tree is readonly Vote[] => Array.isArray(tree);

/** Steps from a root to a leaf; a circle has no end. */
const DEEPEST = 10_000;

function leafOf(call: Call, root: Tree, row: (feature: number) => number): readonly Vote[] {
  let tree = root;
  for (let depth = 0; !isLeaf(tree); depth++) {
    if (depth > DEEPEST) throw call.fail('a tree has no end');
    const x = row(tree.feature);
    const isTrue = Number.isNaN(x) ? tree.isTrueForMissing || tree.test(x) : tree.test(x);
    tree = isTrue ? tree.yes : tree.no;
  }
  return tree;
}

type Fold = (a: number, b: number) => number;

const FOLDS: Readonly<Record<string, Fold>> = {
  SUM: (a, b) => a + b,
  AVERAGE: (a, b) => a + b,
  MIN: Math.min,
  MAX: Math.max,
};

/** Votes of all trees for each row: [rows, targets], plus what is given for each target. */
function scored(
  call: Call,
  trees: readonly Tree[],
  targets: number,
  how: string,
  base: ArrayLike<number> | undefined,
): Tensor {
  const fold = Object.hasOwn(FOLDS, how) ? FOLDS[how] : undefined;
  if (!fold) throw call.fail(`attribute aggregate_function must be one of ${Object.keys(FOLDS).join(', ')}`);
  const { data, shape } = call.data(0);
  const features = shape.at(-1) ?? 1;
  const rows = data.length / Math.max(1, features);
  checkElements(rows * targets, call.where);
  const out = new Float64Array(rows * targets);
  for (let r = 0; r < rows; r++) {
    const totals = new Array<number | undefined>(targets).fill(undefined);
    const row = (feature: number): number => {
      if (feature < features) return data[r * features + feature] as number;
      throw call.fail(`a tree looks at feature ${feature} of ${features}`);
    };
    for (const tree of trees)
      for (const { target, weight } of leafOf(call, tree, row)) {
        if (target >= targets) throw call.fail(`a leaf votes for target ${target} of ${targets}`);
        const before = totals[target];
        totals[target] = before === undefined ? weight : fold(before, weight);
      }
    totals.forEach((total, t) => {
      const value = (total ?? 0) / (how === 'AVERAGE' ? trees.length : 1);
      out[r * targets + t] = value + (base?.[t] ?? 0);
    });
  }
  return tensor(out, [rows, targets], 'float32');
}

/** Trees by the node that has them. */
const known = new WeakMap<GraphNode, readonly Tree[]>();

function treesOf(call: Call, make: (call: Call) => readonly Tree[]): readonly Tree[] {
  const found = known.get(call.node) ?? make(call);
  known.set(call.node, found);
  return found;
}

const list = (call: Call, name: string): ArrayLike<number> =>
  numbersOf(call, `${name}_as_tensor`) ?? call.reals(name, []);

/** Trees of nodes with numbers of their own, votes in the attributes that begin with `kind`. */
const numbered =
  (kind: 'class' | 'target') =>
  (call: Call): readonly Tree[] => {
    const [ids, owners] = [call.numbers('nodes_nodeids'), call.numbers('nodes_treeids')];
    const [yes, no] = [call.numbers('nodes_truenodeids'), call.numbers('nodes_falsenodeids')];
    const [modes, features] = [call.textsOf('nodes_modes'), call.numbers('nodes_featureids')];
    const values = list(call, 'nodes_values');
    const forMissing = call.numbers('nodes_missing_value_tracks_true', []);
    const keyOf = (tree: number, node: number): string => `${tree}:${node}`;
    const votes = new Map<string, Vote[]>();
    const weights = list(call, `${kind}_weights`);
    const nodes = call.numbers(`${kind}_nodeids`);
    const [trees, targets] = [call.numbers(`${kind}_treeids`), call.numbers(`${kind}_ids`)];
    nodes.forEach((node, i) => {
      const key = keyOf(trees[i] as number, node);
      const all = votes.get(key) ?? [];
      all.push({ target: targets[i] as number, weight: weights[i] as number });
      votes.set(key, all);
    });
    const made = new Map<string, Tree>();
    const roots = new Map<number, Tree>();
    ids.forEach((id, i) => {
      const owner = owners[i] as number;
      const key = keyOf(owner, id);
      const mode = modes[i] as string;
      const test = Object.hasOwn(TESTS, mode) ? TESTS[mode] : undefined;
      if (!test && mode !== 'LEAF') throw call.fail(`a node has the unknown mode '${mode}'`);
      // Features are float32.
      const value = Math.fround(values[i] as number);
      const tree: Tree = test
        ? {
            feature: features[i] as number,
            test: (x) => test(x, value),
            isTrueForMissing: Boolean(forMissing[i]),
            yes: [],
            no: [],
          }
        : (votes.get(key) ?? []);
      made.set(key, tree);
      if (!roots.has(owner)) roots.set(owner, tree);
    });
    ids.forEach((id, i) => {
      const owner = owners[i] as number;
      const tree = made.get(keyOf(owner, id)) as Tree;
      if (isLeaf(tree)) return;
      const [a, b] = [made.get(keyOf(owner, yes[i] as number)), made.get(keyOf(owner, no[i] as number))];
      if (!a || !b) throw call.fail(`node ${id} of tree ${owner} leads to a node that is not there`);
      [tree.yes, tree.no] = [a, b];
    });
    return [...roots.values()];
  };

/** Trees of opset 5: nodes and leaves by their positions. */
function positioned(call: Call): readonly Tree[] {
  const modes = numbersOf(call, 'nodes_modes') ?? [];
  const splits = numbersOf(call, 'nodes_splits') ?? [];
  const features = call.numbers('nodes_featureids');
  const [yes, no] = [call.numbers('nodes_truenodeids'), call.numbers('nodes_falsenodeids')];
  const [isYesLeaf, isNoLeaf] = [call.numbers('nodes_trueleafs'), call.numbers('nodes_falseleafs')];
  const forMissing = call.numbers('nodes_missing_value_tracks_true', []);
  const [weights, targets] = [numbersOf(call, 'leaf_weights') ?? [], call.numbers('leaf_targetids')];
  const members: Set<number>[] = [new Set()];
  for (const value of Array.from(numbersOf(call, 'membership_values') ?? [])) {
    if (Number.isNaN(value)) members.push(new Set());
    else members.at(-1)?.add(Math.fround(value));
  }
  let sets = 0;
  const nodes = features.map((feature, i): Branch => {
    const mode = modes[i] as number;
    const set = mode === BY_NUMBER.length ? members[sets++] : undefined;
    const test = BY_NUMBER[mode];
    if (!set && !test) throw call.fail(`a node has the unknown mode ${mode}`);
    const value = Math.fround(splits[i] as number);
    return {
      feature,
      test: set ? (x) => set.has(x) : (x) => (test as Test)(x, value),
      isTrueForMissing: Boolean(forMissing[i]),
      yes: [],
      no: [],
    };
  });
  const leaf = (i: number): Tree => [{ target: targets[i] as number, weight: weights[i] as number }];
  const next = (at: number, isAtLeaf: boolean): Tree => {
    const tree = isAtLeaf ? leaf(at) : nodes[at];
    if (tree && at >= 0 && at < (isAtLeaf ? targets.length : nodes.length)) return tree;
    throw call.fail(`a node leads to ${at}, which is not there`);
  };
  nodes.forEach((node, i) => {
    node.yes = next(yes[i] as number, Boolean(isYesLeaf[i]));
    node.no = next(no[i] as number, Boolean(isNoLeaf[i]));
  });
  return call.numbers('tree_roots').map((root) => next(root, false));
}

const NUMBERED = ['AVERAGE', 'SUM', 'MIN', 'MAX'];
const TRANSFORMS = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT'];

function ensemble(call: Call): Tensor {
  const how = NUMBERED[call.wholeOf('aggregate_function', 1)] ?? '';
  const scores = scored(call, treesOf(call, positioned), call.wholeOf('n_targets'), how, undefined);
  return transformed(call, scores, TRANSFORMS[call.wholeOf('post_transform', 0)] ?? '');
}

function regressed(call: Call): Tensor {
  const trees = treesOf(call, numbered('target'));
  const how = call.text('aggregate_function', 'SUM');
  return transformed(call, scored(call, trees, call.wholeOf('n_targets', 1), how, list(call, 'base_values')));
}

function classified(call: Call): readonly Value[] {
  const labels = labelsOf(call, 'classlabels_int64s', 'classlabels_strings');
  const trees = treesOf(call, numbered('class'));
  let scores = scored(call, trees, labels.length, 'SUM', list(call, 'base_values'));
  if (labels.length === 2 && new Set(call.numbers('class_ids')).size === 1) {
    // One score for two classes.
    const one = slice(scores, [0, call.numbers('class_ids')[0] as number], [scores.shape[0] as number, 1]);
    const isPlain = call.text('post_transform', 'NONE') === 'NONE';
    scores = concat([isPlain ? sg.sub(1, one) : sg.neg(one), one], 1);
  }
  const y = transformed(call, scores);
  return [picked(call, y, labels), y];
}

export const trees: Definitions = {
  TreeEnsemble: define({ 5: ensemble }, { types: same() }),
  TreeEnsembleRegressor: define(regressed, { types: fixed('float32') }),
  TreeEnsembleClassifier: define(classified, { types: classifierTypes('classlabels_strings') }),
};
