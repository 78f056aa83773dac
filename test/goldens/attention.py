"""Attention layers of Keras 3 on small inputs: writes attention.json beside this file.

pip install keras jax && KERAS_BACKEND=jax python attention.py
"""

import json
import os
import pathlib

os.environ.setdefault('KERAS_BACKEND', 'jax')

import keras
import numpy as np
from keras.src import backend

random = np.random.default_rng(7)


def numbers(shape):
    """Of few digits, so that the file is short and both sides read the same values."""
    return random.integers(-15, 16, shape) / 10


def plain(array):
    array = np.asarray(array)
    values = array.reshape(-1).tolist()
    return {'shape': list(array.shape), 'values': [round(v, 6) if isinstance(v, float) else int(v) for v in values]}


def camel(name):
    head, *rest = name.split('_')
    return head + ''.join(word.capitalize() for word in rest)


def case(layer, config, shapes, masks=None, attention_mask=None, **call):
    """Masks are those of query and value; the call goes by the rules of each class."""
    built = getattr(keras.layers, layer)(**config)
    inputs = [numbers(s).astype('float32') for s in shapes]
    simple = layer in ('Attention', 'AdditiveAttention')

    def run():
        if simple:
            given = {} if masks is None else {'mask': [None if m is None else np.array(m, bool) for m in masks]}
            return built(inputs, **given, **call)
        given = {}
        for name, mask in zip(('query_mask', 'value_mask', 'key_mask'), masks or ()):
            if mask is not None:
                given[name] = np.array(mask, bool)
        if attention_mask is not None:
            given['attention_mask'] = np.array(attention_mask, bool)
        given_inputs = [keras.ops.convert_to_tensor(x) for x in inputs]
        # MultiHeadAttention takes the mask of the query from the tensor alone.
        if masks and masks[0] is not None:
            backend.set_keras_mask(given_inputs[0], np.array(masks[0], bool))
        return built(*given_inputs, **given, **call)

    run()
    built.set_weights([numbers(w.shape).astype('float32') for w in built.weights])
    out = run()
    return {
        'layer': layer[0].lower() + layer[1:],
        'config': {camel(k): v for k, v in config.items()},
        'call': {camel(k): v for k, v in call.items()},
        'masks': masks,
        'attentionMask': attention_mask,
        'inputs': [plain(x) for x in inputs],
        'weights': [{'name': w.path.split('/', 1)[1], **plain(w)} for w in built.weights],
        'outputs': [plain(y) for y in (out if isinstance(out, (tuple, list)) else [out])],
    }


scores = {'return_attention_scores': True}
causal = {'use_causal_mask': True}
query_mask = [[1, 1, 0], [1, 0, 1]]
value_mask = [[1, 0, 1, 1], [0, 1, 1, 0]]
pairs = [[[1, 0, 1, 0], [1, 1, 1, 1], [0, 0, 0, 1]], [[0, 1, 0, 0], [1, 1, 0, 0], [1, 0, 0, 1]]]
simple = [[2, 3, 2], [2, 4, 2]]
with_key = [[2, 3, 2], [2, 4, 3], [2, 4, 2]]
seen = [[*pairs[0][:2], [0, 0, 1, 1]], [[1, 1, 0, 0], *pairs[1][1:]]]
heads = {'num_heads': 2, 'key_dim': 2}

cases = [
    case('Attention', {}, simple, **scores),
    case('Attention', {'use_scale': True}, with_key, [query_mask, value_mask], **scores),
    case('Attention', {'score_mode': 'concat', 'use_scale': True}, simple, [None, value_mask], **causal, **scores),
    case('AdditiveAttention', {}, simple, [query_mask, None], **scores),
    case('AdditiveAttention', {'use_scale': False}, with_key, [None, value_mask], **causal),
    case('MultiHeadAttention', heads, [[2, 3, 3], [2, 4, 3]], **scores),
    case('MultiHeadAttention', heads, [[2, 3, 3], [2, 3, 3]], **causal),
    case('MultiHeadAttention', {**heads, 'value_dim': 3, 'output_shape': 2}, with_key, attention_mask=pairs, **scores),
    case('MultiHeadAttention', {**heads, 'use_bias': False}, with_key, [query_mask, value_mask], **scores),
    # Each position has something to look at: for those that have not, Keras gives the mean of all values, or zeros if
    # the scores are returned.
    case('MultiHeadAttention', heads, simple, [None, [[1, 0, 1, 1], [1, 1, 1, 0]]], seen, **causal),
    case('MultiHeadAttention', heads, with_key, [None, value_mask, [[1, 1, 1, 0], [1, 1, 1, 1]]], **scores),
    case('MultiHeadAttention', {**heads, 'output_shape': (2, 2)}, [[1, 2, 3, 2], [1, 2, 2, 2]], **scores),
    case('MultiHeadAttention', {**heads, 'attention_axes': (2,)}, [[1, 2, 3, 2], [1, 2, 2, 2]], **scores),
    case(
        'GroupQueryAttention',
        {'head_dim': 2, 'num_query_heads': 4, 'num_key_value_heads': 2},
        [[2, 3, 2], [2, 4, 2]],
        [None, value_mask],
        **causal,
        **scores,
    ),
]

pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(cases, separators=(',', ':')) + '\n')
