// What samegrad leaves out of TensorFlow.js core, and where it differs from it on purpose, with reasons: read by
// tfjs-core-tests.mjs. `file`, `name` and `source` are patterns of a test, `error` one of how it fails here; all that
// are given must fit.

/** Not there: tests of it are counted apart, whether they pass or not. */
export const OUTSIDE = [
  {
    title: 'complex numbers',
    why: 'The element types are float32, int32 and bool; there is no Fourier transform.',
    source: /complex|\breal\(|\bimag\(|spectral|\b[ir]*fft\b|\bstft\b/,
  },
  { title: 'complex numbers', file: /register_all_chained_ops/, error: /fft/ },
  {
    title: 'strings',
    why: 'Tensors hold numbers; sg.preprocessing has encoders and a vectorizer for texts.',
    file: /^ops\/string\//,
  },
  { title: 'strings', source: /encodeString|(scalar|fill|tensor\d?d?|zeros|ones|buffer|variable)\([^;]*"string"/ },
  {
    title: 'strings',
    error: /strings are not numbers|text|'string'|"string"|(?:number|array), got '|one number or boolean/,
  },
  {
    title: 'sparse and ragged tensors',
    why: 'Operands are dense; `gather`, `scatterND` and `unsortedSegmentSum` do most of it.',
    file: /^ops\/(sparse\/|ragged)/,
  },
  {
    title: "parts of TensorFlow.js' own engine",
    why: 'Kernels, backends and tapes cannot be registered: there is one backend, and programs are planned.',
    file: /^(environment_test|version_test)/,
  },
  {
    title: "parts of TensorFlow.js' own engine",
    source:
      /registerBackend|registerKernel|registerGradient|removeBackend|KernelBackend|getKernel|runKernel|findBackendFactory|ENGINE\.(?!startScope|endScope|tidy)|findBackend\("custom|computeOptimalWindowSize|numDataIds|GPUData|dataToGPU|readToGPU|isDataSync/,
  },
  { title: "parts of TensorFlow.js' own engine", name: /^Switching cpu backends/ },
];

/** There, and other than in TensorFlow.js. */
export const DIFFERENCES = [
  {
    title: 'Integers are taken where TensorFlow.js asks for float32',
    why: 'They are computed with as float32, as Keras and numpy do.',
    error: /must be float32.*nothing was thrown/s,
  },
  {
    title: 'Integers are taken where TensorFlow.js asks for float32',
    name: /int32 throws|dtype != float32|int32 tensor/,
    error: /nothing was thrown/,
  },
  {
    title: 'What TensorFlow.js has not implemented is computed',
    why: 'Softmax along any axis, strides together with dilations, gradients of dilated convolutions, traces and many operands in einsum.',
    name: /throws|not implemented|more than two/,
    file: /softmax|conv1d|pool_test|depthwise|einsum|multinomial|one_hot/,
    error: /nothing was thrown/,
  },
  {
    title: 'NaN spreads',
    why: 'A maximum, minimum, sign or argMax of NaN is NaN (or its place), as in numpy and PyTorch; TensorFlow.js skips it, or takes it for 0.',
    name: /NaN|^sign /i,
    file: /max|min|all|any|sign/,
  },
  {
    title: 'Ties share the gradient of a maximum or minimum',
    why: 'Each of n equals gets 1/n, as in TensorFlow for Python; TensorFlow.js gives the whole to each, so that the gradients no longer add up.',
    name: /\bties\b/,
  },
  {
    title: 'TensorFlow.js is wrong',
    why: 'mirrorPad forgets what was mirrored, avgPool counts padding in its gradient; both disagree with central differences.',
    name: /^mirrorPad grad|avgPool gradient .*explicit/,
  },
  {
    title: 'TensorFlow.js is wrong',
    why: 'A pooling by 1 x 1 windows ignores strides and padding.',
    name: /^pool (max|avg) .*fractional outputs/,
  },
  {
    title: 'TensorFlow.js is wrong',
    why: 'Adadelta acts as plain gradient descent.',
    file: /adadelta/,
    error: /0\.99|expected\[0\] = 0\.8/,
  },
  {
    title: 'TensorFlow.js is wrong',
    why: 'conv2dTranspose computes something for an outputShape that no convolution has.',
    file: /conv2d_transpose/,
  },
  {
    title: 'TensorFlow.js is wrong',
    why: 'Padding of the channels is ignored, or a window is larger than what it moves over: here an error.',
    error: /padding must be|does not fit into/,
  },
  {
    title: 'TensorFlow.js is wrong',
    why: 'A frame step of 0 never ends as soon as a frame fits: here an error.',
    name: /Zero frame step/,
  },
  {
    title: 'Other random numbers',
    why: 'The generator is another one; these tests hold a sample to bounds that are narrower than its scatter.',
    file: /truncated_normal|random_|multinomial|rand_/,
  },
  {
    title: 'Numbers of tensors and bytes',
    why: 'The moments of an optimizer are no tensors; bytes are counted in blocks of 64, and programs count too.',
    file: /optimizer_test|engine_test|tensor_test|slice_test|variable_test|globals_test/,
    error: /^\w*Error: \d+ to(Be|Equal) \d+/,
  },
  {
    title: 'Names of variables need not be unique',
    why: 'The second variable of a name is another variable; TensorFlow.js throws.',
    name: /name already used|same name variable/,
    error: /nothing was thrown/,
  },
  {
    title: 'Names of kernels',
    why: "A profile lists samegrad's own ops: 'square', not 'Square'.",
    name: /kernelNames|^profile/,
  },
  {
    title: 'The wording of errors',
    why: 'Messages are not those of TensorFlow.js.',
    error: /^\w*Error: '[^']*' to(Be|Equal|Match) /,
  },
  { title: 'The wording of errors', name: /deprecation/ },
  {
    title: 'A default for every learning rate',
    why: '`rmsprop()` takes 0.001; TensorFlow.js throws.',
    name: /must define learning rate/,
  },
  {
    title: 'Weights of another optimizer',
    why: "`setWeights` of Adam refuses those of Adagrad; TensorFlow.js' test gives them by mistake.",
    name: /Continue training after loading weights/,
  },
  {
    title: 'null among numbers is an error',
    why: 'TensorFlow.js takes it for 0.',
    error: /got null|number or boolean, got/,
  },
  {
    title: 'A handle of its own',
    why: '`ensureShape` returns another handle on the same memory.',
    name: /ensureShape basic/,
  },
  {
    title: 'One unit in the last place',
    why: 'tan of numbers beyond 1e8, to which an absolute tolerance of 1e-3 does not fit.',
    name: /^tan numbers exceed/,
  },
  {
    title: 'Constants and steps have no gradient',
    why: '`grad` of onesLike or zerosLike is an error, as for what does not depend on its argument; a division of integers rounds down, so its slope is 0; what leads through truth values gives 0.',
    file: /ones_like|zeros_like|arithmetic_test|gradients_test/,
    error: /does not depend|actual\[0\] = 0|nothing was thrown/,
  },
  {
    title: 'A function for gradients has to use its argument',
    why: '`grad(x => f(a))(a)`: TensorFlow.js takes the same tensor outside for the argument.',
    name: /^slice2d grad/,
  },
];

const fits = (entry, { file, name, source, error }) =>
  (!entry.file || entry.file.test(file)) &&
  (!entry.name || entry.name.test(name)) &&
  (!entry.source || entry.source.test(source)) &&
  (!entry.error || (error !== undefined && entry.error.test(error)));

/** The first entry of a list that fits a test. */
export const entryOf = (list, test) => list.find((entry) => fits(entry, test));
