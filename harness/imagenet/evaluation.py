"""What is measured of a net after every epoch, the images shared among the processes."""

from __future__ import annotations

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.functional import cross_entropy

from memorization_claims.imagenet.images import Folder, Images, loader, measured, scaled
from memorization_claims.spec.imagenet import ImagenetSpec

PORTION = 256
"""Images that each process evaluates at a time."""
TOP = 5


class Evaluation:
    """Loss and accuracies on training images, without augmentation, and on validation images with their true labels.

    Args:
        spec: what is trained.
        folder: the images.
        labels: of all training images, as they are trained on.
        device: of this process.
        workers: processes that read images for it.
    """

    def __init__(
        self, spec: ImagenetSpec, folder: Folder, labels: np.ndarray, device: torch.device, workers: int
    ) -> None:
        some = measured(spec).tolist()
        self._training = Images([folder.training[place] for place in some], labels[some], spec)
        self._validation = Images(folder.validation, [label for _, label in folder.validation], spec)
        self._device, self._workers = device, workers

    def __call__(self, net: nn.Module) -> dict[str, float]:
        """Measure a net that is the same in every process; it is in training mode afterwards."""
        trained, held_out = self.measure(net, self._training), self.measure(net, self._validation)
        return {
            "loss": trained["loss"],
            "train_accuracy": trained["top1"],
            "train_top5_accuracy": trained["top5"],
            "validation_accuracy": held_out["top1"],
            "validation_top5_accuracy": held_out["top5"],
            "validation_accuracy_even": held_out["even"],
            "validation_accuracy_odd": held_out["odd"],
        }

    @torch.no_grad()
    def measure(self, net: nn.Module, given: Images) -> dict[str, float]:
        """The mean `loss`, `top1` and `top5`, and `even` and `odd`: top-1 on every other image."""
        mine = range(dist.get_rank(), len(given), dist.get_world_size())
        portions = [list(mine[start : start + PORTION]) for start in range(0, len(mine), PORTION)]
        sums = torch.zeros(5, dtype=torch.float64, device=self._device)
        net.eval()
        for images, labels, places in loader(given, portions, self._workers):
            logits, targets = net(scaled(images.to(self._device))), labels.to(self._device)
            losses = cross_entropy(logits, targets, reduction="none")
            among = logits.topk(min(TOP, logits.shape[1])).indices == targets[:, None]
            right, even = among[:, 0], (places % 2 == 0).to(self._device)
            counted = (losses, right, among.any(1), right & even, right & ~even)
            sums += torch.stack([each.double().sum() for each in counted])
        net.train()
        dist.all_reduce(sums)
        number = len(given)
        odds = number // 2
        counts = dict(zip(("loss", "top1", "top5", "even", "odd"), sums.tolist(), strict=True))
        of = {"loss": number, "top1": number, "top5": number, "even": number - odds, "odd": max(1, odds)}
        return {name: counts[name] / of[name] for name in counts}
