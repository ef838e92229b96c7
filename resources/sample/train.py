#!/usr/bin/python3
"""Makes the built-in sample: trains the network, plants the quantization problem, writes model, data and numbers.

Needs Debian's python3-torch, python3-sklearn, python3-onnx and python3-h5py; building and testing need none of them.
"""
import json
from pathlib import Path

import h5py
import torch
import torch.nn.functional as F

import check
import digits
from export_onnx import export
from network import Network, spread_channel

HERE = Path(__file__).parent
EPOCHS = 150
BATCH = 64
SPREAD = 8.0  # a power of two: exact in floating point


def train(images, labels, generator):
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=4e-3, weight_decay=1e-2)
    steps = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 8e-3, total_steps=EPOCHS * steps)
    for epoch in range(EPOCHS):
        order = torch.randperm(len(images), generator=generator)
        for step in range(steps):
            batch = order[step * BATCH:(step + 1) * BATCH]
            pixels = digits.photograph(images[batch], generator)
            loss = F.cross_entropy(network(digits.normalize(pixels)), labels[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {loss.item():.3f}", flush=True)
    return network.eval()


def write_data(path, pixels, labels):
    with h5py.File(path, "w") as file:
        images = pixels.permute(0, 2, 3, 1).to(torch.uint8).numpy()
        file.create_dataset("images", data=images, chunks=(50, *images.shape[1:]), compression="gzip")
        file.create_dataset("labels", data=labels.to(torch.uint8).numpy())


def write_expected(path, network, pixels, labels):
    """What the network answers to a few pictures: the tests compare with these numbers."""
    with torch.no_grad():
        logits = network.double()(digits.normalize(pixels.double()))
    network.float()
    samples = [{"index": i, "label": int(labels[i]), "pixels": pixels[i].flatten().int().tolist(),
                "logits": [round(v, 6) for v in logits[i].tolist()]} for i in range(4)]
    text = ",\n ".join(json.dumps(sample, separators=(",", ":")) for sample in samples)
    path.write_text(f'{{"mean": {digits.MEAN}, "std": {digits.STD}, "samples": [\n {text}\n]}}\n')


def main():
    torch.manual_seed(1)
    generator = torch.Generator().manual_seed(1)
    (images, labels), (test_images, test_labels) = digits.split()
    test_pixels = digits.photograph(test_images, generator)
    calibration_pixels = digits.photograph(images[:digits.CALIBRATION], generator)

    network = train(images, labels, generator)
    test = digits.normalize(test_pixels)
    before = check.top1(network, test, test_labels)
    channel = check.least_needed_channel(network, digits.normalize(calibration_pixels), labels[:digits.CALIBRATION])
    spread_channel(network.stem, network.depthwise1, channel, SPREAD)
    print(f"top-1 {before:.2f} %, after spreading channel {channel}: {check.top1(network, test, test_labels):.2f} %")

    export(network, digits.SIDE, HERE / "digits.onnx")
    write_data(HERE / "digits_test.h5", test_pixels, test_labels)
    write_data(HERE / "digits_calibration.h5", calibration_pixels, labels[:digits.CALIBRATION])
    write_expected(HERE / "expected.json", network, test_pixels, test_labels)
    check.report(network, digits.normalize(calibration_pixels), test, test_labels)


if __name__ == "__main__":
    main()
