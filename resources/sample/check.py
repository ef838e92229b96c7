"""Simulates int8 in floating point: how much each layer's weights cost per tensor and per channel."""
import copy

import torch


@torch.no_grad()
def top1(network, inputs, labels):
    return 100.0 * (network(inputs).argmax(1) == labels).double().mean().item()


def fake_quantize(weights, per_channel):
    """Symmetric int8, -127…127, as the default plan does."""
    most = weights.abs().amax(tuple(range(1, weights.dim())), keepdim=True) if per_channel else weights.abs().max()
    scale = (most / 127).clamp_min(2.0**-126)
    return (weights / scale).round().clamp(-127, 127) * scale


@torch.no_grad()
def with_quantized_weights(network, layers, per_channel):
    """A copy whose named layers have rounded weights, after folding the normalization as deployment does."""
    copied = copy.deepcopy(network)
    for unit in copied.units():
        if unit.name in layers:
            weights, _ = unit.folded()
            factor = unit.norm.weight.double() / (unit.norm.running_var.double() + unit.norm.eps).sqrt()
            unit.conv.weight.copy_(fake_quantize(weights, per_channel) / factor.view(-1, 1, 1, 1))
    if "classifier" in layers:
        copied.classifier.weight.copy_(fake_quantize(copied.classifier.weight, per_channel))
    return copied


class QuantizedActivations:
    """Rounds every unit's output and the input to 8 bits, asymmetric, per tensor, min-max of the calibration pictures."""

    def __init__(self, network, calibration):
        self.network, self.ranges, self.observing = network, {}, True
        for module in (*network.units(), network.classifier):
            module.register_forward_pre_hook(lambda m, x: (self.rounded(m, x[0]),))
        network(calibration)
        self.observing = False

    def rounded(self, module, x):
        if self.observing:
            self.ranges[module] = min(x.min().item(), 0.0), max(x.max().item(), 0.0)
        low, high = self.ranges[module]
        scale = (high - low) / 255
        zero = round(-low / scale)
        return ((x / scale).round() + zero).clamp(0, 255).sub(zero) * scale


@torch.no_grad()
def int8_top1(network, calibration, inputs, labels, per_channel):
    """Weights and activations rounded."""
    names = [unit.name for unit in network.units()] + ["classifier"]
    copied = with_quantized_weights(network, names, per_channel)
    QuantizedActivations(copied, calibration)
    return top1(copied, inputs, labels)


@torch.no_grad()
def least_needed_channel(network, inputs, labels):
    """The stem's channel that the answers miss least (least change of the logits when it is zero)."""
    wanted, change = network(inputs), []
    for channel in range(network.stem.conv.out_channels):
        copied = copy.deepcopy(network)
        copied.stem.norm.weight[channel] = 0
        copied.stem.norm.bias[channel] = 0
        change.append((copied(inputs) - wanted).norm().item() / wanted.norm().item())
    print("stem channels, change of the logits without each:", " ".join(f"{c:.3f}" for c in change))
    return min(range(len(change)), key=change.__getitem__)


@torch.no_grad()
def report(network, calibration, inputs, labels):
    names = [unit.name for unit in network.units()] + ["classifier"]
    print(f"FP32 top-1 {top1(network, inputs, labels):.2f} %")
    for per_channel in (False, True):
        label = "per-channel" if per_channel else "per-tensor"
        everything = with_quantized_weights(network, names, per_channel)
        print(f"weights {label}, all layers: {top1(everything, inputs, labels):.2f} %, with activations: "
              f"{int8_top1(network, calibration, inputs, labels, per_channel):.2f} %")
    wanted = network(inputs)
    for name in names:
        line = f"  {name:18}"
        for per_channel in (False, True):
            one = with_quantized_weights(network, [name], per_channel)
            error = ((one(inputs) - wanted).norm() / wanted.norm()).item()
            line += f"  {top1(one, inputs, labels):6.2f} % (logits off by {100 * error:5.2f} %)"
        print(line)
    for unit in network.units():
        most = unit.folded()[0].abs().amax((1, 2, 3))
        print(f"  {unit.name:18} largest folded weight by channel: median {most.median():.3f}, most {most.max():.3f}")
