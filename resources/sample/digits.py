"""The data set: scikit-learn's 8x8 digits, drawn into 32x32 pictures as a cheap camera would see them."""
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SIDE = 32
TEST = 600
CALIBRATION = 100
MEAN, STD = 32.0, 64.0  # exact in binary; close to what the pictures have


def split():
    """(training images, labels), (test images, labels): float tensors N x 1 x 8 x 8 in 0…1, stratified."""
    digits = load_digits()
    images = torch.from_numpy(digits.images / 16.0).float().unsqueeze(1)
    labels = torch.from_numpy(digits.target).long()
    train, test = train_test_split(np.arange(len(labels)), test_size=TEST, stratify=digits.target, random_state=7)
    return (images[train], labels[train]), (images[test], labels[test])


def photograph(images, generator):
    """Pixels 0…255 (float, whole numbers), N x 1 x SIDE x SIDE: each digit turned, scaled, moved, unevenly exposed,
    with sensor noise; one picture in twelve has a few hot pixels, which give the activations their long tail."""
    count = len(images)

    def uniform(low, high, *shape):
        return low + (high - low) * torch.rand(shape or (count,), generator=generator)

    angle = uniform(-0.45, 0.45)
    scale = uniform(1.1, 2.0)
    shear = uniform(-0.3, 0.3)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = scale * angle.cos(), scale * (shear - angle.sin())
    theta[:, 1, 0], theta[:, 1, 1] = scale * angle.sin(), scale * angle.cos()
    theta[:, :, 2] = uniform(-1, 1, count, 2) * (scale - 1).unsqueeze(1) * 0.8
    grid = F.affine_grid(theta, (count, 1, SIDE, SIDE), align_corners=False)
    picture = F.grid_sample(images, grid, mode="bicubic", align_corners=False).clamp(0, 1)

    exposure = uniform(30, 150).view(-1, 1, 1, 1)
    floor = uniform(0, 15).view(-1, 1, 1, 1)
    picture = floor + exposure * picture + 15 * torch.randn(picture.shape, generator=generator)
    hot = (uniform(0, 1) < 1 / 12).view(-1, 1, 1, 1) & (torch.rand(picture.shape, generator=generator) < 2 / SIDE**2)
    picture = torch.where(hot, torch.full_like(picture, 255.0), picture)
    return picture.round().clamp(0, 255)


def normalize(pixels):
    return (pixels - MEAN) / STD
