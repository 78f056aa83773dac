"""What scikit-learn and Keras 3 make of small data: writes preprocessing.json beside this file, and the iris data
(Fisher 1936, as scikit-learn has it) to ../fixtures/iris.csv.

pip install scikit-learn keras tensorflow-cpu && KERAS_BACKEND=tensorflow python preprocessing.py
"""

import collections
import json
import os
import pathlib

os.environ.setdefault('KERAS_BACKEND', 'tensorflow')
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

import keras
import numpy as np
from sklearn import datasets, model_selection, preprocessing
from sklearn.utils.class_weight import compute_class_weight

here = pathlib.Path(__file__).parent
bunch = datasets.load_iris()
names = [str(name) for name in bunch.target_names]
iris = bunch.data.astype('float32')
lines = ['sepalLength,sepalWidth,petalLength,petalWidth,species']
lines += [','.join([*(f'{v:.1f}' for v in row), names[k]]) for row, k in zip(bunch.data, bunch.target)]
(here / '../fixtures/iris.csv').write_text('\n'.join(lines) + '\n')


def plain(array, digits=9):
    """Nested lists; NaN as null."""
    array = np.asarray(array)
    if array.ndim:
        return [plain(v, digits) for v in array]
    v = array.item()
    if not isinstance(v, float):
        return v
    return None if np.isnan(v) else round(v, digits)


def camel(name):
    head, *rest = name.split('_')
    return head + ''.join(word.capitalize() for word in rest)


def settings(config):
    return {camel(k): list(v) if isinstance(v, tuple) else v for k, v in config.items()}


def scaled(kind, config, data, seen=None):
    """The statistics of `data`, and what becomes of `seen` (every tenth row of iris)."""
    x = iris if data is None else np.array(data, 'float32')
    z = x[::10] if seen is None and data is None else np.array(data if seen is None else seen, 'float32')
    scaler = getattr(preprocessing, kind)(**config).fit(x.astype('float64'))
    y = scaler.transform(z.astype('float64'))
    statistics = ['data_min_', 'data_max_'] if kind == 'MinMaxScaler' else ['mean_', 'var_']
    return {
        'scaler': kind[0].lower() + kind[1:],
        'config': settings(config),
        'data': None if data is None else plain(x, 6),
        'seen': plain(z, 6),
        'statistics': [plain(getattr(scaler, s), 12) for s in statistics],
        'scaled': plain(y),
        'back': plain(scaler.inverse_transform(y)),
    }


nan = float('nan')
holes = [[1.5, nan, -4.25], [nan, 2, 0.5], [-3, 7.5, 1e6], [0.125, nan, -1e6]]
constant = [[5, 1, -0.1], [5, 2, -0.1], [5, 4, -0.1]]
both = [('MinMaxScaler', {}), ('StandardScaler', {})]
scalers = [
    *(scaled(kind, config, data) for kind, config in both for data in (None, holes, constant, [[3, -2]])),
    scaled('MinMaxScaler', {'feature_range': (-1, 2.5)}, None),
    scaled('MinMaxScaler', {'feature_range': (0.1, 0.2), 'clip': True}, [[0], [10]], [[-5], [0], [2.5], [10], [11]]),
    scaled('StandardScaler', {'with_mean': False}, None),
    scaled('StandardScaler', {'with_std': False}, None),
]

# Sorted by code points: the last two are beyond and at the end of the basic plane, the reverse in UTF-16.
words = ['b', 'a', '\uff5e', 'é', 'z', 'B', '', 'a', '\U0001d4b3', '10', '9', 'b']
numbers = [3, -1, 0.5, 3, 20, -1]
table = [['red', 'S'], ['blue', 'XL'], ['red', 'M'], ['Grün', 'S']]
encoder = preprocessing.LabelEncoder().fit(words)
columns = preprocessing.OneHotEncoder(handle_unknown='ignore').fit(table)
unseen = [['blue', 'M'], ['black', 'S'], ['red', 'XXL']]
encoders = {
    'words': words,
    'classes': [str(c) for c in encoder.classes_],
    'indices': plain(encoder.transform(words)),
    'numbers': numbers,
    'numberClasses': plain(preprocessing.LabelEncoder().fit(numbers).classes_),
    'table': table,
    'categories': [[str(c) for c in column] for column in columns.categories_],
    'unseen': unseen,
    'rows': plain(columns.transform(unseen).toarray().astype(int)),
    'back': columns.inverse_transform(columns.transform(unseen)).tolist(),
}


def split(count, labels, **config):
    """Sizes; if stratified, sorted pairs of the size of a class and of its share in the test part."""
    rows = np.arange(count)
    train, test = model_selection.train_test_split(rows, stratify=labels, random_state=0, **config)
    case = {'count': count, 'labels': labels, 'config': settings(config)}
    if config.get('shuffle') is False:
        return {**case, 'rows': [plain(train), plain(test)]}
    if labels is None:
        return {**case, 'sizes': [len(train), len(test)]}
    whole = collections.Counter(labels)
    shares = [sorted([whole[k], n] for k, n in collections.Counter(np.array(labels)[part].tolist()).items()) for part in (train, test)]
    return {**case, 'sizes': [len(train), len(test)], 'shares': shares}


skewed = [0] * 53 + [1] * 22 + [2] * 11 + [3] * 4
splits = [
    *(split(n, None, **config) for n in (5, 10, 97) for config in (
        {}, {'test_size': 0.3}, {'train_size': 0.5}, {'test_size': 2}, {'train_size': 3},
        {'test_size': 0.2, 'train_size': 0.4}, {'test_size': 1, 'train_size': 0.6},
    )),
    split(7, None, test_size=0.3, shuffle=False),
    split(7, None, train_size=3, test_size=2, shuffle=False),
    *(split(len(skewed), skewed, **config) for config in ({}, {'test_size': 0.1}, {'test_size': 17}, {'test_size': 20, 'train_size': 31})),
    split(150, plain(bunch.target), test_size=0.2),
    split(150, plain(bunch.target), test_size=0.25),
]

mixed = [1, 0, 2, 2, 0, 1, 1, 0, 0, 2, 1, 0, 2]
folds = [
    {'nSplits': k, 'labels': labels, 'tests': [plain(test) for _, test in splitter(n_splits=k).split(np.zeros(13), labels)]}
    for labels, splitter in ((None, model_selection.KFold), (mixed, model_selection.StratifiedKFold))
    for k in (2, 3)
]
weights = [
    {'labels': labels, 'weights': dict(zip([str(c) for c in np.unique(labels)], plain(compute_class_weight('balanced', classes=np.unique(labels), y=labels), 15)))}
    for labels in (mixed, skewed, [4, 4, 7])
]

corpus = [
    "Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do:",
    "once or twice she had peeped into the book her sister was reading, but it had no pictures or conversations in it,",
    "'and what is the use of a book,' thought Alice 'without pictures or conversation?'",
    '',
]
fresh = ["Alice and the White-Rabbit had it; pictures -- no pictures!", '   ', "\tthe\nTHE  the's"]


def vectorized(**config):
    """The vocabulary of the corpus, equally frequent tokens ascending (Keras has them descending), and fresh text."""
    limit = config.pop('max_tokens', None)
    mode = config.get('output_mode', 'int')
    adapted = keras.layers.TextVectorization(**config)
    adapted.adapt(corpus)
    tokens = [t.decode() for row in adapted._preprocess(corpus).to_list() for t in row]
    counts = collections.Counter(tokens)
    found = adapted.get_vocabulary(include_special_tokens=False)
    assert sorted(found) == sorted(set(tokens))
    order = sorted(found, key=lambda t: (-counts[t], t))
    if limit:
        order = order[: limit - (2 if mode == 'int' else 1)]
    idf = None
    if mode == 'tf_idf':
        by_token = dict(zip(found, np.array(adapted._lookup_layer.idf_weights)[1:].tolist()))
        idf = [by_token[t] for t in order]
    layer = keras.layers.TextVectorization(**config, vocabulary=order, **({'idf_weights': idf} if idf else {}))
    return {
        'config': {**settings(config), **({'maxTokens': limit} if limit else {})},
        'vocabulary': layer.get_vocabulary(),
        'output': plain(layer(np.array(fresh)), 7),
    }


text = {
    'corpus': corpus,
    'fresh': fresh,
    'cases': [
        vectorized(),
        vectorized(max_tokens=6, output_sequence_length=5),
        vectorized(standardize='lower', output_sequence_length=30, max_tokens=25),
        vectorized(standardize='strip_punctuation', ngrams=2, max_tokens=30),
        vectorized(standardize=None, split='character'),
        vectorized(ngrams=(3, 1), max_tokens=40, output_mode='count'),
        vectorized(output_mode='multi_hot', max_tokens=12),
        vectorized(output_mode='count', split='character'),
        vectorized(output_mode='tf_idf', max_tokens=20),
    ],
}


def padded(sequences, **config):
    return {
        'sequences': sequences,
        'config': settings({'max_len' if k == 'maxlen' else k: v for k, v in config.items()}),
        'output': plain(keras.utils.pad_sequences(sequences, **config), 6),
    }


ragged = [[1], [2, 3, 4, 5], [], [6, 7]]
pads = [
    *(padded(ragged, padding=p, truncating=t, maxlen=m) for p in ('pre', 'post') for t in ('pre', 'post') for m in (1, 3, 6)),
    padded(ragged),
    padded(ragged, value=-1),
    padded([[0.5], [], [1.25, -2]], dtype='float32', value=0.1),
    padded([[], [[1, 2], [3, 4]], [[5, 6]]], padding='post'),
    padded([[], []]),
]


def windows(count, features, has_targets, **config):
    data = np.arange(count * max(features, 1), dtype='float32').reshape((count, features) if features else (count,))
    targets = -np.arange(count, dtype='float32') if has_targets else None
    found = list(keras.utils.timeseries_dataset_from_array(data, targets, batch_size=1000, **config))[0]
    x, y = found if has_targets else (found, None)
    return {
        'count': count, 'features': features, 'config': settings(config),
        'x': plain(x), 'y': None if y is None else plain(y),
    }


series = [
    windows(10, 0, True, sequence_length=3),
    windows(11, 2, True, sequence_length=3, sequence_stride=2, sampling_rate=2),
    windows(12, 1, False, sequence_length=4, sequence_stride=3, start_index=2, end_index=11),
    windows(9, 3, True, sequence_length=1, start_index=4),
    windows(6, 2, False, sequence_length=6),
]

goldens = {
    'scalers': scalers, 'encoders': encoders, 'splits': splits, 'folds': folds, 'weights': weights,
    'text': text, 'pads': pads, 'series': series,
}
(here / 'preprocessing.json').write_text(json.dumps(goldens, separators=(',', ':'), ensure_ascii=False) + '\n')
