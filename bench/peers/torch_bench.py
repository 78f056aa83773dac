"""The PyTorch peer. Speaks the protocol of host.mjs: JSON requests on stdin, JSON answers on descriptor 3."""

import json
import math
import os
import sys
import time
from array import array

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(1)


def uniform(seed, shape, scale=1.0):
    """The numbers of uniform() in data.mjs."""
    out = array('f', bytes(4 * math.prod(shape)))
    state = seed
    for i in range(len(out)):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = (state / 2**31 - 1) * scale
    return torch.frombuffer(out, dtype=torch.float32).clone().reshape(shape)


def weights(shapes):
    return [
        uniform(100 + i, shape, math.sqrt(6 / math.prod(shape[:-1]))) if len(shape) > 1 else torch.zeros(shape)
        for i, shape in enumerate(shapes)
    ]


def targets(batch):
    return [torch.tensor([(7 * i + 3 * v) % 10 for i in range(batch)]) for v in range(4)]


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(32, 64, batch_first=True)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[1][0][0])


class Gru(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(32, 64, batch_first=True)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.gru(x)[1][0])


class Bidirectional(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(32, 128, batch_first=True, bidirectional=True)
        self.head = nn.Linear(256, 10)

    def forward(self, x):
        last = self.lstm(x)[1][0]
        return self.head(torch.cat([last[0], last[1]], 1))


class Encoder(nn.Module):
    def __init__(self, dim, layers, heads, hidden):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(dim, heads, hidden, dropout=0.0, batch_first=True) for _ in range(layers)
        )
        self.head = nn.Linear(dim, 10)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean(1))


# Each builds a model from weights in Keras' layout and gives it with its input.


def mlp(params):
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    w1, b1, w2, b2 = weights(params['weights'])
    fill(model, [w1.T, b1, w2.T, b2])
    return model, uniform(1, params['x'])


def cnn(params):
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10),
    )
    k1, c1, k2, c2, w1, b1, w2, b2 = weights(params['weights'])
    w1 = w1.reshape(5, 5, 64, 128).permute(3, 2, 0, 1).reshape(128, 1600)
    fill(model, [k1.permute(3, 2, 0, 1), c1, k2.permute(3, 2, 0, 1), c2, w1, b1, w2.T, b2])
    return model, uniform(1, params['x']).permute(0, 3, 1, 2).contiguous()


def lstm(params):
    w, u, b, w2, b2 = weights(params['weights'])
    model = Lstm()
    fill(model, [w.T, u.T, b, torch.zeros_like(b), w2.T, b2])
    return model, uniform(1, params['x'])


def gru(params):
    """Keras' gates are z, r, h; PyTorch's r, z, n."""
    w, u, b, w2, b2 = weights(params['weights'])
    swap = lambda t: torch.cat([t[..., 64:128], t[..., :64], t[..., 128:]], -1)
    model = Gru()
    fill(model, [swap(w).T, swap(u).T, swap(b[0]), swap(b[1]), w2.T, b2])
    return model, uniform(1, params['x'])


def bidirectional(params):
    w, u, b, w_back, u_back, _, w2, b2 = weights(params['weights'])
    model = Bidirectional()
    fill(model, [w.T, u.T, b, b, w_back.T, u_back.T, b, b, w2.T, b2])
    return model, uniform(1, params['x'])


def encoder(params):
    dim, layers, hidden = params['x'][2], params['layers'], params['hidden']
    square, up, down = [dim, dim], [dim, hidden], [hidden, dim]
    values = iter(weights((4 * [square] + [up, down]) * layers + [[dim, 10]]))
    model = Encoder(dim, layers, params['heads'], hidden)
    zeros = lambda n: torch.zeros(n)
    with torch.no_grad():
        for block in model.blocks:
            fill(block.self_attn, [
                torch.cat([next(values).T for _ in range(3)]), zeros(3 * dim), next(values).T, zeros(dim),
            ])
            fill(block.linear1, [next(values).T, zeros(hidden)])
            fill(block.linear2, [next(values).T, zeros(dim)])
        fill(model.head, [next(values).T, zeros(10)])
    return model, uniform(1, params['x'])


def fill(model, values):
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values):
            parameter.copy_(value)


def adam(model):
    """The fastest form that this version has on the CPU."""
    try:
        return torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, fused=True)
    except (RuntimeError, TypeError):
        return torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, foreach=True)


def train(build):
    def case(params):
        model, x = build(params)
        optimizer = adam(model)
        ys = targets(params['x'][0])
        step = 0

        def run():
            nonlocal step
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(model(x), ys[step % len(ys)])
            loss.backward()
            optimizer.step()
            step += 1
            return loss.item()

        return run

    return case


def predict(build):
    def case(params):
        model, x = build(params)
        model.eval()

        @torch.inference_mode()
        def run():
            return F.softmax(model(x), dim=-1)[0, 0].item()

        return run

    return case


def images(params):
    x, kernel = uniform(1, params['x']), uniform(2, params['filter'])
    return x.permute(0, 3, 1, 2).contiguous(), kernel.permute(3, 2, 0, 1).contiguous()


def conv(params):
    x, kernel = images(params)
    return lambda: nn.functional.conv2d(x, kernel, padding=1)[0, 0, 0, 0].item()


def conv_grads(params):
    x, kernel = images(params)

    def run():
        dx = nn.grad.conv2d_input(x.shape, kernel, x, padding=1)
        nn.grad.conv2d_weight(x, kernel.shape, x, padding=1)
        return dx[0, 0, 0, 0].item()

    return run


def gemm(params):
    n = params['n']
    a, b = uniform(1, [n, n]), uniform(2, [n, n])
    return lambda: (a @ b)[0, 0].item()


CASES = {
    'gemm': gemm,
    'conv': conv,
    'convGrads': conv_grads,
    'trainMlp': train(mlp),
    'trainCnn': train(cnn),
    'trainLstm': train(lstm),
    'trainGruReset': train(gru),
    'trainBidirectional': train(bidirectional),
    'trainEncoder': train(encoder),
    'predictMlp': predict(mlp),
    'predictCnn': predict(cnn),
}


class Host:
    def open(self, request):
        if request['id'] not in CASES:
            return {'missing': True}
        self.run = CASES[request['id']](request['params'])
        self.values = []
        return {}

    def time(self, request):
        start = time.perf_counter()
        for _ in range(request['count']):
            value = self.run()
            if len(self.values) < 2:
                self.values.append(value)
        return {'ms': 1000 * (time.perf_counter() - start), 'values': self.values}

    def close(self, _):
        self.run = None
        return {}


def main():
    host = Host()
    with os.fdopen(3, 'w') as answers:
        for line in sys.stdin:
            request = json.loads(line)
            try:
                answer = getattr(host, request['do'])(request)
            except Exception as error:  # goes to the table
                answer = {'error': str(error)}
            print(json.dumps(answer), file=answers, flush=True)


main()
