#!/usr/bin/env python3
"""Twins of core/metrics, written from the definitions alone: twins.py FILE.json prints one number a line.

FILE.json: [{"kind": …, and the raw samples}, …]. Plain Python, slow and readable.
"""
import json
import math
import sys


def area(b):
    return (b[2] - b[0]) * (b[3] - b[1])


def iou(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / (area(a) + area(b) - w * h)


def average_precision(samples, category, threshold):
    """samples: [{"found": [[class, score, x1, y1, x2, y2]…], "labels": [[class, x1, y1, x2, y2]…]}…]"""
    ranked, wanted = [], 0
    for sample in samples:
        labels = [label[1:] for label in sample["labels"] if label[0] == category]
        wanted += len(labels)
        free = list(range(len(labels)))
        for found in sorted((f for f in sample["found"] if f[0] == category), key=lambda f: -f[1])[:100]:
            best = max(free, key=lambda g: iou(found[2:], labels[g]), default=None)
            hit = best is not None and iou(found[2:], labels[best]) >= threshold
            if hit:
                free.remove(best)
            ranked.append((found[1], hit))
    if not wanted:
        return None
    ranked.sort(key=lambda r: -r[0])
    points, hits = [], 0
    for i, (_, hit) in enumerate(ranked, 1):
        hits += hit
        points.append((hits / wanted, hits / i))
    return sum(max((p for r, p in points if r >= k / 100), default=0.0) for k in range(101)) / 101


def mean_average_precision(case):
    categories = {label[0] for sample in case["samples"] for label in sample["labels"]}
    values = [average_precision(case["samples"], c, 0.5 + 0.05 * t) for c in categories for t in range(10)]
    return 100 * sum(values) / len(values)


def edits(a, b):
    table = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
    return table[-1][-1]


def greedy(steps):
    best = [max(range(len(s)), key=lambda c: s[c]) for s in steps]
    return [c for i, c in enumerate(best) if c != 0 and (i == 0 or best[i - 1] != c)]


def cer(case):
    pairs = [(greedy(s["steps"]), s["text"]) for s in case["samples"]]
    return 100 * sum(edits(a, b) for a, b in pairs) / sum(len(b) for _, b in pairs)


def exact_match(case):
    return 100 * sum(greedy(s["steps"]) == s["text"] for s in case["samples"]) / len(case["samples"])


def sides(case):
    return ([s["score"] for s in case["samples"] if s["label"]], [s["score"] for s in case["samples"] if not s["label"]])


def auc(case):
    yes, no = sides(case)
    return 100 * sum((p > n) + 0.5 * (p == n) for p in yes for n in no) / (len(yes) * len(no))


def eer(case):
    yes, no = sides(case)
    before = (0.0, 1.0)
    for t in sorted(set(yes + no), reverse=True):
        now = (sum(n >= t for n in no) / len(no), sum(p < t for p in yes) / len(yes))
        if now[0] >= now[1]:
            share = (before[1] - before[0]) / ((before[1] - before[0]) - (now[1] - now[0]))
            return 100 * (before[0] + share * (now[0] - before[0]))
        before = now


def f1(case):
    yes, no = sides(case)
    tp, fp, fn = sum(p >= 0.5 for p in yes), sum(n >= 0.5 for n in no), sum(p < 0.5 for p in yes)
    return 100 * 2 * tp / (2 * tp + fp + fn)


def recall_at_far(case):
    yes, no = sides(case)
    return 100 * max([0.0] + [sum(p >= t for p in yes) / len(yes) for t in yes + no
                              if sum(n >= t for n in no) <= case["rate"] * len(no)])


def argmax_masks(case):
    for s in case["samples"]:
        yield [max(range(len(s["planes"])), key=lambda c: s["planes"][c][i]) for i in range(len(s["mask"]))], s["mask"]


def miou(case):
    pixels = [(a, b) for own, mask in argmax_masks(case) for a, b in zip(own, mask) if b != 255]
    classes = {c for pair in pixels for c in pair}
    shares = [sum(a == b == c for a, b in pixels) / sum(c in pair for pair in pixels) for c in classes]
    return 100 * sum(shares) / len(shares)


def pixel_accuracy(case):
    pixels = [(a, b) for own, mask in argmax_masks(case) for a, b in zip(own, mask) if b != 255]
    return 100 * sum(a == b for a, b in pixels) / len(pixels)


def psnr(case):
    def one(s):
        error = sum((a - b) ** 2 for a, b in zip(s["own"], s["target"])) / len(s["own"])
        return 10 * math.log10(1 / error)
    return sum(map(one, case["samples"])) / len(case["samples"])


def ssim(case):
    """A picture of one channel, case["width"] wide; each window by its definition, two-dimensional."""
    width, total, count = case["width"], 0.0, 0
    g = [[math.exp(-((y - 5) ** 2 + (x - 5) ** 2) / (2 * 1.5 ** 2)) for x in range(11)] for y in range(11)]
    norm = sum(map(sum, g))
    for s in case["samples"]:
        a, b, height = s["own"], s["target"], len(s["own"]) // width
        values = []
        for top in range(height - 10):
            for left in range(width - 10):
                cells = [(g[y][x] / norm, a[(top + y) * width + left + x], b[(top + y) * width + left + x])
                         for y in range(11) for x in range(11)]
                ma, mb = sum(w * p for w, p, _ in cells), sum(w * q for w, _, q in cells)
                va = sum(w * (p - ma) ** 2 for w, p, _ in cells)
                vb = sum(w * (q - mb) ** 2 for w, _, q in cells)
                cov = sum(w * (p - ma) * (q - mb) for w, p, q in cells)
                values.append((2 * ma * mb + 1e-4) * (2 * cov + 9e-4)
                              / ((ma * ma + mb * mb + 1e-4) * (va + vb + 9e-4)))
        total, count = total + sum(values) / len(values), count + 1
    return total / count


def cosine(case):
    def one(a, b):
        return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    return sum(one(s["own"], s["target"]) for s in case["samples"]) / len(case["samples"])


def recall_at_k(case):
    def near(i, j):
        a, b = case["samples"][i]["own"], case["samples"][j]["own"]
        return cosine({"samples": [{"own": a, "target": b}]})
    hits, queries, labels = 0, 0, [s["label"] for s in case["samples"]]
    for i, label in enumerate(labels):
        if labels.count(label) < 2:
            continue
        others = sorted((j for j in range(len(labels)) if j != i), key=lambda j: -near(i, j))[:case["k"]]
        hits, queries = hits + any(labels[j] == label for j in others), queries + 1
    return 100 * hits / queries


def softmax(row):
    e = [math.exp(x - max(row)) for x in row]
    return [x / sum(e) for x in e]


def perplexity(case):
    logs = [-math.log(softmax(row)[t]) for s in case["samples"] for row, t in zip(s["rows"], s["tokens"]) if t >= 0]
    return math.exp(sum(logs) / len(logs))


def kl(case):
    rows = [(softmax(p), softmax(q)) for s in case["samples"] for p, q in zip(s["fp32"], s["rows"])]
    return sum(a * math.log(a / b) for p, q in rows for a, b in zip(p, q)) / len(rows)


def same_top(case):
    rows = [(p, q) for s in case["samples"] for p, q in zip(s["fp32"], s["rows"])]
    return 100 * sum(p.index(max(p)) == q.index(max(q)) for p, q in rows) / len(rows)


def mae(case):
    pairs = [(a, b) for s in case["samples"] for a, b in zip(s["own"], s["target"])]
    return sum(abs(a - b) for a, b in pairs) / len(pairs)


def rmse(case):
    pairs = [(a, b) for s in case["samples"] for a, b in zip(s["own"], s["target"])]
    return math.sqrt(sum((a - b) ** 2 for a, b in pairs) / len(pairs))


def topk(case):
    def hit(s):
        order = sorted(range(len(s["own"])), key=lambda c: (-s["own"][c], c))
        return s["label"] in order[:case["k"]]
    return 100 * sum(map(hit, case["samples"])) / len(case["samples"])


TWINS = {"map": mean_average_precision, "cer": cer, "exact_match": exact_match, "auc": auc, "eer": eer, "f1": f1,
         "recall_at_far": recall_at_far, "miou": miou, "pixel_accuracy": pixel_accuracy, "psnr": psnr, "ssim": ssim,
         "cosine": cosine, "recall_at_k": recall_at_k, "perplexity": perplexity, "kl": kl, "same_top": same_top,
         "mae": mae, "rmse": rmse, "topk": topk}

with open(sys.argv[1], encoding="utf-8") as file:
    for case in json.load(file):
        print(repr(TWINS[case["kind"]](case)))
