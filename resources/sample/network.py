"""A MobileNet in small: stem, four depthwise-separable blocks (one with a residual Add), classifier."""
import torch
from torch import nn


class Unit(nn.Module):
    """Convolution, BatchNormalization, activation ("relu", "relu6" or none)."""

    def __init__(self, name, cin, cout, kernel, stride=1, groups=1, activation="relu"):
        super().__init__()
        self.name, self.activation = name, activation
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(cout)

    def forward(self, x):
        x = self.norm(self.conv(x))
        if self.activation == "relu":
            return x.relu()
        return x.clamp(0, 6) if self.activation == "relu6" else x

    def folded(self):
        """Weights and bias of the convolution with the normalization folded in, double."""
        norm = self.norm
        factor = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
        bias = norm.bias.double() - norm.running_mean.double() * factor
        return self.conv.weight.double() * factor.view(-1, 1, 1, 1), bias


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = Unit("stem", 1, 16, 3, 2)
        self.depthwise1 = Unit("block1/depthwise", 16, 16, 3, groups=16, activation="relu6")
        self.pointwise1 = Unit("block1/pointwise", 16, 24, 1)
        self.depthwise2 = Unit("block2/depthwise", 24, 24, 3, 2, groups=24, activation="relu6")
        self.pointwise2 = Unit("block2/pointwise", 24, 32, 1)
        self.depthwise3 = Unit("block3/depthwise", 32, 32, 3, groups=32, activation="relu6")
        self.pointwise3 = Unit("block3/pointwise", 32, 32, 1, activation=None)
        self.depthwise4 = Unit("block4/depthwise", 32, 32, 3, 2, groups=32, activation="relu6")
        self.pointwise4 = Unit("block4/pointwise", 32, 48, 1)
        self.classifier = nn.Linear(48, 10)

    def units(self):
        return [m for m in self.children() if isinstance(m, Unit)]

    def forward(self, x):
        x = self.pointwise1(self.depthwise1(self.stem(x)))
        x = self.pointwise2(self.depthwise2(x))
        x = (x + self.pointwise3(self.depthwise3(x))).relu()
        x = self.pointwise4(self.depthwise4(x))
        return self.classifier(x.mean((2, 3)))


@torch.no_grad()
def spread_channel(first, depthwise, channel, factor):
    """Makes one channel between two units `factor` times smaller without changing what the network computes.

    `first` (ending in Relu, which commutes with a positive factor) gives the channel at 1/factor, and the normalization
    behind `depthwise` multiplies it up again, so folding multiplies the channel's weights by `factor`. With a power of
    two every step is exact in floating point.
    """
    first.norm.weight[channel] /= factor
    first.norm.bias[channel] /= factor
    depthwise.norm.running_mean[channel] /= factor
    depthwise.norm.weight[channel] *= factor
