"""Writes metrics.json: metrics of scikit-learn, and of Keras 3 where scikit-learn has none.

pip install scikit-learn keras jax; python test/goldens/metrics.py
"""

import json
import os
import re
import warnings

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
import keras
import numpy as np
import sklearn.metrics as sk

warnings.filterwarnings("ignore")
keras.config.set_floatx("float64")
rng = np.random.default_rng(11)
rows = []
arrays = {}


def plain(v):
    """Numbers as JSON has them: null for NaN, which it lacks."""
    v = np.asarray(v, "float64")
    if v.ndim:
        return [plain(x) for x in v]
    return None if np.isnan(v) else int(v) if v == int(v) else float(v)


def stored(values):
    """The place of an array among all arrays."""
    return arrays.setdefault(json.dumps(plain(values), separators=(",", ":")), len(arrays))


def row(metric, config, data, value):
    y, p, w = data
    rows.append([metric, config, stored(y), stored(p), None if w is None else stored(w), plain(value)])


def snake(name):
    return re.sub(r"([A-Z]+)", lambda m: "_" + m.group(1).lower(), name)


def by_keras(metric, cls, config, data):
    settings = {snake(k): (snake(v) if k == "classAggregation" and v else v) for k, v in config.items()}
    m = getattr(keras.metrics, cls)(**settings)
    y, p, w = data
    m.update_state(np.array(y, "float64"), np.array(p, "float64"), sample_weight=None if w is None else np.array(w, "float64"))
    row(metric, config, data, np.array(m.result()))


def shares(shape):
    """Scores that float32 holds, many of them equal."""
    return rng.integers(1, 64, shape) / 64


def fine(shape, low=0.02, high=0.98):
    return np.float32(rng.uniform(low, high, shape).round(4)).astype("float64")


def weights(n):
    return rng.integers(0, 9, n) / 4


few = (np.arange(37) % 7 == 0).astype(int)
binary = {
    "imbalanced": (few, shares(37)),
    "balanced": (rng.integers(0, 2, 30), shares(30)),
    "perfect": (np.array([0, 0, 1, 1, 1]), np.array([0.125, 0.25, 0.75, 0.875, 0.75])),
    "inverted": (np.array([1, 1, 0, 0]), np.array([0.125, 0.25, 0.75, 0.875])),
    "tied": (np.array([0, 1, 0, 1, 1, 0, 1]), np.full(7, 0.5)),
    "positive": (np.ones(4, int), shares(4)),
    "negative": (np.zeros(5, int), shares(5)),
    "one": (np.array([1]), np.array([0.75])),
}
binary = [(y, p, w) for y, p in binary.values() for w in (None, weights(len(y)) + 0.25)]

classes = np.array([0, 0, 1, 0, 2, 0, 1, 0, 0, 2, 0, 1, 0, 0, 1, 4, 0, 2, 0, 4, 0])
scores = fine((21, 5))
scores[:, 3] *= 0.2
scores = np.float32(scores / scores.sum(1, keepdims=True)).astype("float64")
labels = rng.integers(0, 2, (19, 3))
labels[:, 2] = np.arange(19) % 9 == 0
multi = shares((19, 3))

# Curves.
for y, p, w in binary:
    data = (y, p, w)
    row("auc", {}, data, sk.roc_auc_score(y, p, sample_weight=w))
    row("auc", {"curve": "PR"}, data, sk.average_precision_score(y, p, sample_weight=w))
    if y.any():
        precision, recall, _ = sk.precision_recall_curve(y, p, sample_weight=w)
        row("auc", {"curve": "PR", "summationMethod": "trapezoid"}, data, sk.auc(recall, precision))
    if 0 < y.sum() < len(y):
        precision, recall, _ = sk.precision_recall_curve(y, p, sample_weight=w)
        fall, rise, _ = sk.roc_curve(y, p, sample_weight=w, drop_intermediate=False)
        for least in (0.3, 0.8, 1):
            best = lambda wanted, bound: np.max(wanted * (bound >= least - 1e-12), initial=0)
            row("recallAtPrecision", {"precision": least}, data, best(recall[:-1], precision[:-1]))
            row("precisionAtRecall", {"recall": least}, data, best(precision[:-1], recall[:-1]))
            row("sensitivityAtSpecificity", {"specificity": least}, data, best(rise, 1 - fall))
            row("specificityAtSensitivity", {"sensitivity": least}, data, best(1 - fall, rise))
        for curve in ("ROC", "PR", "PRGAIN"):
            by_keras("auc", "AUC", {"numThresholds": 200, "curve": curve}, data)
            for method in ("interpolation", "majoring", "minoring") if w is None else ():
                by_keras("auc", "AUC", {"numThresholds": 9, "curve": curve, "summationMethod": method}, data)
        by_keras("auc", "AUC", {"thresholds": [0.7, 0.2, 0.25]}, data)
        for count in (9, 1) if w is None else (200,):
            by_keras("recallAtPrecision", "RecallAtPrecision", {"precision": 0.4, "numThresholds": count}, data)
            by_keras("precisionAtRecall", "PrecisionAtRecall", {"recall": 0.6, "numThresholds": count}, data)
            by_keras("sensitivityAtSpecificity", "SensitivityAtSpecificity", {"specificity": 0.6, "numThresholds": count}, data)
            by_keras("specificityAtSensitivity", "SpecificityAtSensitivity", {"sensitivity": 0.6, "numThresholds": count}, data)
hot = np.eye(5, dtype=int)[classes]
seen = [0, 1, 2, 4]
for w in (None, weights(19)):
    data = (labels, multi, w)
    row("auc", {"multiLabel": True}, data, sk.roc_auc_score(labels, multi, average="macro", sample_weight=w))
    row("auc", {}, data, sk.roc_auc_score(labels, multi, average="micro", sample_weight=w))
    row("auc", {"curve": "PR", "multiLabel": True}, data, sk.average_precision_score(labels, multi, average="macro", sample_weight=w))
    each = sk.roc_auc_score(labels, multi, average=None, sample_weight=w)
    row("auc", {"multiLabel": True, "labelWeights": [1, 2, 0.5]}, data, each @ [1, 2, 0.5] / 3.5)
    by_keras("auc", "AUC", {"numThresholds": 33, "multiLabel": True}, data)
    by_keras("auc", "AUC", {"numThresholds": 33, "multiLabel": True, "labelWeights": [1, 2, 0.5], "curve": "PR"}, data)
    by_keras("auc", "AUC", {"numThresholds": 33, "labelWeights": [1, 2, 0.5]}, data)
    by_keras("auc", "AUC", {"numThresholds": 33, "fromLogits": True}, (labels, multi * 8 - 4, w))
four = np.arange(21) % 4
each = [sk.roc_auc_score(four == k, scores[:, k]) for k in range(4)]
row("auc", {"multiLabel": True}, (four, scores[:, :4], None), np.mean(each))

# Counts.
scored = {"precision": sk.precision_score, "recall": sk.recall_score, "f1Score": sk.f1_score}
for y, p, w in binary:
    for name, fn in scored.items():
        row(name, {}, (y, p, w), fn(y, p > 0.5, sample_weight=w))
        key = "threshold" if name == "f1Score" else "thresholds"
        row(name, {key: 0.25}, (y, p, w), fn(y, p > 0.25, sample_weight=w))
    row("fBetaScore", {"beta": 2}, (y, p, w), sk.fbeta_score(y, p > 0.5, beta=2, sample_weight=w))
    cm = sk.confusion_matrix(y, p > 0.5, labels=[0, 1], sample_weight=w)
    for (i, j), name in zip(np.ndindex(2, 2), ["trueNegatives", "falsePositives", "falseNegatives", "truePositives"]):
        row(name, {}, (y, p, w), cm[i, j])
        by_keras(name, name[0].upper() + name[1:], {"thresholds": [0.25, 0.5]}, (y, p, w))
    by_keras("precision", "Precision", {"thresholds": [0, 0.3, 0.5, 1]}, (y, p, w))
    by_keras("recall", "Recall", {"thresholds": [0, 0.3, 0.5, 1]}, (y, p, w))
    row("binaryAccuracy", {}, (y, p, w), sk.accuracy_score(y, p > 0.5, sample_weight=w))
    row("binaryAccuracy", {"threshold": 0.25}, (y, p, w), sk.accuracy_score(y, p > 0.25, sample_weight=w))
    row("confusionMatrix", {}, (y, p, w), cm)
    row("binaryIoU", {"targetClassIds": [1]}, (y, p, w), sk.jaccard_score(y, p >= 0.5, labels=[1], average="macro", sample_weight=w))
for w in (None, weights(21)):
    found = scores.argmax(1)
    for average in ("macro", "micro", "weighted", None):
        for y in (classes, hot):
            for name, fn in scored.items():
                row(name, {"average": average}, (y, scores, w), fn(classes, found, labels=range(5), average=average, sample_weight=w))
            row("fBetaScore", {"average": average, "beta": 0.5}, (y, scores, w), sk.fbeta_score(classes, found, beta=0.5, labels=range(5), average=average, sample_weight=w))
        for name, fn in scored.items():
            key = "threshold" if name == "f1Score" else "thresholds"
            value = fn(labels, multi > 0.5, average=average, sample_weight=None if w is None else w[:19])
            row(name, {"average": average, key: 0.5}, (labels, multi, None if w is None else w[:19]), value)
    for k in (1, 2, 4):
        row("topKCategoricalAccuracy", {"k": k}, (hot, scores, w), sk.top_k_accuracy_score(classes, scores, k=k, labels=range(5), sample_weight=w))
        row("sparseTopKCategoricalAccuracy", {"k": k}, (classes, scores, w), sk.top_k_accuracy_score(classes, scores, k=k, labels=range(5), sample_weight=w))
        by_keras("precision", "Precision", {"topK": k}, (hot, scores, w))
        by_keras("recall", "Recall", {"topK": k, "thresholds": [0.2, 0.3]}, (hot, scores, w))
        by_keras("recall", "Recall", {"classId": k, "thresholds": 0.2}, (hot, scores, w))
        by_keras("precision", "Precision", {"classId": k, "topK": 2}, (hot, scores, w))
    row("categoricalAccuracy", {}, (hot, scores, w), sk.accuracy_score(classes, found, sample_weight=w))
    row("sparseCategoricalAccuracy", {}, (classes, scores, w), sk.accuracy_score(classes, found, sample_weight=w))
    row("accuracy", {}, (classes, found, w), sk.accuracy_score(classes, found, sample_weight=w))
    for normalize in ("true", "pred", "all", None):
        cm = sk.confusion_matrix(classes, found, labels=range(5), normalize=normalize, sample_weight=w)
        row("confusionMatrix", {"numClasses": 5, "normalize": normalize}, (classes, found, w), cm)
        row("confusionMatrix", {"numClasses": 5, "normalize": normalize}, (hot, scores, w), cm)
    jaccard = sk.jaccard_score(classes, found, labels=seen, average=None, sample_weight=w)
    union = [i for i in range(5) if i in classes or i in found]
    each = sk.jaccard_score(classes, found, labels=union, average=None, sample_weight=w)
    row("meanIoU", {"numClasses": 5}, (classes, found, w), each.mean())
    row("oneHotMeanIoU", {"numClasses": 5}, (hot, scores, w), each.mean())
    row("iou", {"numClasses": 5, "targetClassIds": [0, 4]}, (classes, found, w), jaccard[[0, 3]].mean())
    row("oneHotIoU", {"numClasses": 5, "targetClassIds": [1, 2]}, (hot, scores, w), jaccard[[1, 2]].mean())
    # Keras counts in whole numbers here.
    counts = None if w is None else 4 * w
    by_keras("meanIoU", "MeanIoU", {"numClasses": 5, "ignoreClass": 2}, (classes, found, counts))
    by_keras("oneHotIoU", "OneHotIoU", {"numClasses": 5, "targetClassIds": [0, 1], "ignoreClass": 0}, (hot, scores, counts))
by_keras("f1Score", "F1Score", {"average": None, "threshold": 0.5}, (labels, multi, weights(19)))
by_keras("fBetaScore", "FBetaScore", {"average": "weighted", "threshold": 0.25, "beta": 3.0}, (labels, multi, weights(19)))

# Numbers.
y, p = fine((17, 3), -3, 3), fine((17, 3), -3, 3)
p = np.float32(0.5 * p + y).astype("float64")
for w in (None, weights(17)):
    for a, b in ((y, p), (y[:, :1], p[:, :1]), (y[:, 0], p[:, 0])):
        data = (a, b, w)
        row("meanAbsoluteError", {}, data, sk.mean_absolute_error(a, b, sample_weight=w))
        row("meanSquaredError", {}, data, sk.mean_squared_error(a, b, sample_weight=w))
        row("rootMeanSquaredError", {}, data, np.sqrt(sk.mean_squared_error(a, b, sample_weight=w)))
        row("meanAbsolutePercentageError", {}, data, 100 * sk.mean_absolute_percentage_error(a, b, sample_weight=w))
        row("meanSquaredLogarithmicError", {}, (abs(a), abs(b), w), sk.mean_squared_log_error(abs(a), abs(b), sample_weight=w))
        for key, multioutput in (("uniformAverage", "uniform_average"), ("varianceWeightedAverage", "variance_weighted"), (None, "raw_values")):
            row("r2Score", {"classAggregation": key}, data, np.reshape(sk.r2_score(a, b, sample_weight=w, multioutput=multioutput), -1 if key is None else ()))
        far = [np.float32(1000 + v).astype("float64") for v in (a, b)]
        row("r2Score", {"numRegressors": 0}, (*far, w), sk.r2_score(*far, sample_weight=w))
        columns = [(a, b)] if a.ndim == 1 else list(zip(a.T, b.T))
        cov = [np.cov(u, v, aweights=w, ddof=0) for u, v in columns]
        row("pearsonCorrelation", {"axis": 0}, data, np.mean([c[0, 1] / np.sqrt(c[0, 0] * c[1, 1]) for c in cov]))
        shift = [np.average(u, weights=w) - np.average(v, weights=w) for u, v in columns]
        row("concordanceCorrelation", {"axis": 0}, data, np.mean([2 * c[0, 1] / (c[0, 0] + c[1, 1] + s * s) for c, s in zip(cov, shift)]))
    by_keras("pearsonCorrelation", "PearsonCorrelation", {}, (y, p, w))
    by_keras("concordanceCorrelation", "ConcordanceCorrelation", {}, (y, p, w))
    by_keras("cosineSimilarity", "CosineSimilarity", {}, (y, p, w))
    by_keras("logCosh", "LogCoshError", {}, (y, p, w))
    by_keras("poisson", "Poisson", {}, (abs(y).round(), abs(p), w))
    by_keras("hinge", "Hinge", {}, (np.sign(y), p, w))
    by_keras("hinge", "Hinge", {}, (y > 0, p, w))
    by_keras("squaredHinge", "SquaredHinge", {}, (np.sign(y), p, w))
    by_keras("categoricalHinge", "CategoricalHinge", {}, (hot[:17], scores[:17], w))
    by_keras("klDivergence", "KLDivergence", {}, (scores[4:], scores[:17], w))
    by_keras("binaryCrossentropy", "BinaryCrossentropy", {}, (y > 0, fine((17, 3)), w))
    by_keras("binaryCrossentropy", "BinaryCrossentropy", {"fromLogits": True, "labelSmoothing": 0.2}, (y > 0, p, w))
    by_keras("categoricalCrossentropy", "CategoricalCrossentropy", {}, (hot[:17], scores[:17], w))
    by_keras("categoricalCrossentropy", "CategoricalCrossentropy", {"fromLogits": True, "labelSmoothing": 0.1}, (hot[:17], scores[:17] * 9, w))
    by_keras("sparseCategoricalCrossentropy", "SparseCategoricalCrossentropy", {}, (classes[:17], scores[:17], w))
by_keras("r2Score", "R2Score", {"numRegressors": 3}, (y[:, :1], p[:, :1], None))

# Reports.
reports = []


def report(y, p, options, **settings):
    text = sk.classification_report(y, p, **settings)
    entries = sk.classification_report(y, p, output_dict=True, **settings)
    flat = {k: {h: plain(x) for h, x in v.items()} if isinstance(v, dict) else plain(v) for k, v in entries.items()}
    listed = lambda v: [x if isinstance(x, str) else int(x) for x in v]
    reports.append({"y": listed(y), "p": listed(p), "options": options, "text": text, "dict": flat})


found = scores.argmax(1)
report(classes, found, {})
names = ["zero", "one", "two", "a name longer than the rest", "é"][: len(np.unique([*classes, *found]))]
report(classes, found, {"digits": 4, "targetNames": names}, digits=4, target_names=names)
w = weights(21)
report(classes, found, {"sampleWeight": w.tolist()}, sample_weight=w)
for zero, name in ((0, 0), (1, 1), (np.nan, None)):
    report([0, 0, 1, 2], [0, 0, 3, 0], {"zeroDivision": name}, zero_division=zero)
    report([0, 0, 1, 2], [0, 0, 3, 0], {"labels": [1, 3, 7], "zeroDivision": name}, labels=[1, 3, 7], zero_division=zero)
# Shares of eighths: ties of the rounding.
report([0] * 8 + [1] * 8, [0] * 7 + [1] * 4 + [0] * 3 + [1] * 2, {})
report([0] * 8 + [1] * 8, [0] * 5 + [1] * 3 + [1] * 3 + [0] * 5, {"digits": 0}, digits=0)
report([0] * 8 + [1] * 8, [0] * 1 + [1] * 7 + [1] * 3 + [0] * 5, {"digits": 2}, digits=2)
report(["cat", "dog", "cat", "Ant"], ["dog", "dog", "cat", "cat"], {})
report([1], [1], {})
report([-1, 10, 2], [10, 10, 2], {"digits": 12}, digits=12)
report([0, 1, 2, 0], [0, 2, 1, 0], {"labels": [2, 0]}, labels=[2, 0])

path = os.path.join(os.path.dirname(__file__), "metrics.json")
with open(path, "w") as f:
    lines = [json.dumps(r, separators=(",", ":")) for r in rows]
    texts = [json.dumps(r, separators=(",", ":")) for r in reports]
    parts = {"arrays": list(arrays), "metrics": lines, "reports": texts}
    f.write("{" + ",".join(f'"{k}":[\n' + ",\n".join(v) + "\n]" for k, v in parts.items()) + "}\n")
print(len(rows), len(reports), os.path.getsize(path))
