"""Models saved by Keras 3 (torch on the CPU), for test/io/keras; writes the folder keras beside itself.

Each model is trained for two steps, saved as .keras (archives/), .weights.h5 (weights/) and .h5 (legacy/), and trained
for two more: what it predicts before and after, and the losses between, are in models.json.
Run: pip install keras torch h5py, then python test/goldens/keras_files.py
"""

import gzip
import json
import os
import random
import tempfile

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

torch.set_num_threads(1)
layers, optimizers, losses, metrics = keras.layers, keras.optimizers, keras.losses, keras.metrics
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")
BATCH = 4


def values(shape, seed, low=-1.0, high=1.0):
    """Numbers that the test makes alike: exact products modulo 2^32."""
    i = np.arange(int(np.prod(shape)), dtype=np.uint64)
    mixed = ((i + 1) * 2654435761 + (seed + 1) * 2246822519) % 2**32
    mixed = (mixed ^ (mixed >> 15)) * 2654435769 % 2**32
    return (low + (high - low) * (mixed >> 8) / 2**24).astype(np.float32).reshape(shape)


@keras.saving.register_keras_serializable("vae")
class Sampling(keras.layers.Layer):
    """The mean plus a fixed share of the deviation; what it costs is part of the loss."""

    def __init__(self, share_of_deviation=0.1, **kwargs):
        super().__init__(**kwargs)
        self.share_of_deviation = share_of_deviation

    def build(self, input_shape):
        self.offset = self.add_weight(name="offset", shape=(input_shape[0][-1],), initializer="ones")

    def call(self, inputs):
        mean, log_variance = inputs
        cost = keras.ops.mean(mean**2 + keras.ops.exp(log_variance) - log_variance)
        self.add_loss(0.01 * cost)
        return mean + self.share_of_deviation * self.offset * keras.ops.exp(0.5 * log_variance)

    def get_config(self):
        return {**super().get_config(), "share_of_deviation": self.share_of_deviation}


def mlp():
    m = keras.Sequential([keras.Input((5,)), layers.Dense(4, "relu", kernel_regularizer=keras.regularizers.L1L2(0.001, 0.01)),
                          layers.Dropout(0.0), layers.Dense(3, "softmax", bias_constraint="non_neg", name="classes")], name="mlp")
    return m, optimizers.Adam(0.01), "categorical_crossentropy", ["accuracy"]


def cnn():
    m = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(3, 3, padding="same", use_bias=False), layers.BatchNormalization(),
                          layers.ReLU(max_value=6), layers.MaxPooling2D(2), layers.Conv2D(2, 2, activation="leaky_relu"), layers.Flatten(),
                          layers.Dense(2)])
    return m, optimizers.SGD(0.02, momentum=0.9, nesterov=True), losses.CategoricalCrossentropy(from_logits=True), [metrics.CategoricalAccuracy()]


def depthwise():
    x = keras.Input((6, 6, 3), name="image")
    y = layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, activation="relu6")(x)
    z = layers.SeparableConv2D(4, 2, padding="same", activation="hard_sigmoid")(y)
    z = layers.GroupNormalization(2)(layers.Conv2DTranspose(2, 2, strides=2)(z))
    z = layers.LayerNormalization()(layers.PReLU(shared_axes=[1, 2])(layers.UpSampling2D(2, interpolation="bilinear")(z)))
    return keras.Model(x, layers.GlobalAveragePooling2D()(z), name="mobile"), optimizers.RMSprop(0.01, momentum=0.5, centered=True), "mse", ["mae"]


def recurrent():
    x = keras.Input((5, 3))
    a = layers.LSTM(3, return_sequences=True)(layers.Masking()(x))
    b = layers.GRU(2, return_sequences=True)(a)
    c = layers.GRU(2, reset_after=False, return_sequences=True, go_backwards=True, recurrent_activation="hard_sigmoid")(b)
    d, *state = layers.LSTM(2, return_state=True)(c)
    e = layers.RNN([layers.LSTMCell(2), layers.GRUCell(2), layers.SimpleRNNCell(2)])(x)
    return keras.Model(x, [layers.Concatenate()([d, *state]), e]), optimizers.AdamW(0.01, weight_decay=0.01, clipnorm=1.0), ["mse", "mae"], None


def bidirectional():
    x = keras.Input((4, 3))
    y = layers.Bidirectional(layers.LSTM(2, return_sequences=True), merge_mode="concat")(x)
    y = layers.Bidirectional(layers.GRU(2), merge_mode="sum")(layers.TimeDistributed(layers.Dense(3, "tanh"))(y))
    return keras.Model(x, y), optimizers.Nadam(0.01), losses.Huber(), [metrics.RootMeanSquaredError()]


def convolutional_lstm():
    m = keras.Sequential([keras.Input((3, 4, 4, 2)), layers.ConvLSTM2D(2, 2, padding="same", return_sequences=True), layers.ConvLSTM2D(1, 2), layers.Flatten()])
    return m, optimizers.Adagrad(0.05), "mse", None


def embedding():
    x = keras.Input((6,), dtype="int32")
    e = layers.Embedding(9, 4)(x)
    a = layers.Attention(use_scale=True)([e, e])
    b = layers.AdditiveAttention()([e, a])
    y = layers.Dense(1, "sigmoid")(layers.GlobalAveragePooling1D()(layers.Concatenate()([a, b])))
    return keras.Model(x, y), optimizers.Adadelta(1.0), "binary_crossentropy", [metrics.BinaryAccuracy(threshold=0.6), metrics.AUC(num_thresholds=20)]


def transformer():
    x = keras.Input((5, 4))
    a = layers.MultiHeadAttention(2, 3, value_dim=2)(x, x)
    h = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, a]))
    f = layers.Dense(4)(layers.Dense(6, "gelu")(h))
    y = layers.RMSNormalization()(h + f) * 0.5
    g = layers.GroupQueryAttention(2, 4, 2)(y, h, use_causal_mask=True)
    return keras.Model(x, layers.Dense(2)(g)), optimizers.Lamb(0.01), "mse", None


def autoencoder():
    encoder = keras.Sequential([keras.Input((6,)), layers.Dense(3, "elu", kernel_initializer="he_normal")], name="encoder")
    z = keras.Input((3,))
    decoder = keras.Model(z, layers.Dense(6, "sigmoid")(z), name="decoder")
    x = keras.Input((6,))
    return keras.Model(x, decoder(encoder(x)), name="autoencoder"), optimizers.Adamax(0.01, use_ema=True), "log_cosh", None


def many_inputs():
    a, b, c = keras.Input((3,), name="a"), keras.Input((3,), name="b"), keras.Input((4, 2), name="c")
    shared = layers.Dense(4, "tanh", name="shared")
    p = layers.Dot(1, normalize=True)([shared(a), shared(b)])
    q = layers.GlobalMaxPooling1D()(layers.Conv1D(3, 2, dilation_rate=2, padding="causal")(c))
    r = layers.Concatenate()([p, layers.Multiply()([q, a]), layers.Maximum()([a, b])])
    schedule = optimizers.schedules.ExponentialDecay(0.05, 10, 0.9, staircase=True)
    m = keras.Model({"a": a, "b": b, "c": c}, {"score": layers.Dense(1, name="score")(r), "rest": layers.Dense(2, name="rest")(r)})
    return m, optimizers.Adam(schedule, amsgrad=True), {"score": "mse", "rest": "mae"}, {"rest": ["mse"]}


def nested():
    x = keras.Input((4,))
    block = lambda n: keras.Sequential([layers.Dense(n, "selu"), layers.BatchNormalization()], name=f"block_{n}")
    inner_input = keras.Input((4,))
    twice = block(4)
    inner = keras.Model(inner_input, layers.Add()([twice(inner_input), inner_input]), name="inner")
    frozen = layers.Dense(4, name="frozen", trainable=False)
    y = inner(frozen(inner(x)))
    return keras.Model(x, block(3)(y), name="outer"), optimizers.Ftrl(0.05), "mse", None


def vae():
    x = keras.Input((5,))
    h = layers.Dense(4, "softplus")(x)
    z = Sampling(name="sampling")([layers.Dense(2, name="mean")(h), layers.Dense(2, name="log_variance")(h)])
    return keras.Model(x, layers.Dense(5)(z), name="vae"), optimizers.Lion(0.002), "mse", None


MODELS = [mlp, cnn, depthwise, recurrent, bidirectional, convolutional_lstm, embedding, transformer, autoencoder, many_inputs, nested, vae]


def numbers(outputs):
    outputs = [outputs[k] for k in sorted(outputs)] if isinstance(outputs, dict) else outputs if isinstance(outputs, list) else [outputs]
    return [{"shape": list(np.shape(y)), "values": [float(f"{v:.7g}") for v in np.ravel(y)]} for y in outputs]


def pack(path, folder):
    with open(path, "rb") as file:
        data = gzip.compress(file.read(), 9, mtime=0)
    os.makedirs(os.path.join(FOLDER, folder), exist_ok=True)
    with open(os.path.join(FOLDER, folder, os.path.basename(path) + ".gz"), "wb") as file:
        file.write(data)
    return len(data)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    goldens, total = {}, 0
    for make in MODELS:
        keras.utils.clear_session()
        keras.utils.set_random_seed(7)
        random.seed(7)
        model, optimizer, loss, metric = make()
        model.compile(optimizer=optimizer, loss=loss, metrics=metric)
        inputs = {}
        for i, x in enumerate(model.inputs):
            data = values((BATCH, *x.shape[1:]), i)
            inputs[x.name] = (np.floor((data + 1) * 4.5)).astype("int32") if x.dtype == "int32" else data
        xs = inputs if len(inputs) > 1 else next(iter(inputs.values()))
        outputs = model(xs, training=False)
        # Targets: probabilities of classes, or numbers.
        tail = lambda y, i: values(tuple(y.shape), 50 + i)
        if make in (mlp, cnn):
            ys = np.eye(outputs.shape[1], dtype="float32")[np.arange(BATCH) % outputs.shape[1]]
        elif make is embedding:
            ys = (np.arange(BATCH) % 2).astype("float32").reshape(BATCH, 1)
        elif isinstance(outputs, dict):
            ys = {k: tail(y, i) for i, (k, y) in enumerate(sorted(outputs.items()))}
        elif isinstance(outputs, list):
            ys = [tail(y, i) for i, y in enumerate(outputs)]
        else:
            ys = tail(outputs, 0)
        for _ in range(2):
            model.train_on_batch(xs, ys)
        name = make.__name__
        with tempfile.TemporaryDirectory() as folder:
            for suffix, save, kind in [("keras", model.save, "archives"), ("h5", model.save, "legacy"), ("weights.h5", model.save_weights, "weights")]:
                path = os.path.join(folder, f"{name}.{suffix}")
                save(path)
                total += pack(path, kind)
        before = numbers(model.predict(xs, verbose=0))
        steps = [float(f"{np.ravel(model.train_on_batch(xs, ys))[0]:.7g}") for _ in range(2)]
        after = numbers(model.predict(xs, verbose=0))
        goldens[name] = {
            "inputs": [{"name": x.name, "shape": list(x.shape[1:]), "words": x.dtype == "int32"} for x in model.inputs],
            "before": before,
            "losses": steps,
            "after": after,
        }
    with open(os.path.join(FOLDER, "models.json"), "w") as file:
        file.write("{\n" + ",\n".join(f'"{k}": {json.dumps(v, separators=(",", ":"))}' for k, v in goldens.items()) + "\n}\n")
    print(total, "bytes")


main()
