#!/usr/bin/env python3
"""A metric of one's own: 1 where the true class is among the two most probable, else 0."""
import json
import sys

for line in sys.stdin:
    question = json.loads(line)
    scores = question["outputs"][0]["values"]
    truth = question["truth"]
    if "label" in truth:
        label = truth["label"]
    else:  # without labels: the class that FP32 finds
        wanted = truth["outputs"][0]["values"]
        label = wanted.index(max(wanted))
    above = sum(score > scores[label] for score in scores)
    print(1 if above < 2 else 0, flush=True)
