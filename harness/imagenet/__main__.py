"""The command that trains on ImageNet: `torchrun --nproc-per-node=8 -m memorization_claims.imagenet --imagenet DIR`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memorization_claims.errors import HarnessError
from memorization_claims.imagenet.record import OPTIONS, key_of, option
from memorization_claims.spec.data import Corruption
from memorization_claims.spec.imagenet import ImagenetSpec

if TYPE_CHECKING:
    from memorization_claims.imagenet.images import Folder

LABELS = {"true": "none", "random": "random-labels"}
FOLDER = click.Path(path_type=Path)
Command = Callable[..., Any]


def _recipe(command: Command) -> Command:
    """Options for the fields of a spec."""
    for each in reversed(OPTIONS):
        given: dict[str, Any] = {"is_flag": True} if each.default is False else {"type": type(each.default)}
        command = click.option(option(each.name), default=each.default, show_default=True, **given)(command)
    return command


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--imagenet", "root", type=FOLDER, required=True, metavar="DIR", help="Has train/CLASS/ and val/CLASS/.")
@click.option(
    "--store", type=FOLDER, default=".claims/store", show_default=True, metavar="DIR", help="That of the claims."
)
@click.option("--seed", "seeds", type=click.IntRange(0), multiple=True, required=True, help="One or more.")
@click.option("--labels", type=click.Choice(list(LABELS)), default="true", show_default=True)
@click.option(
    "--workers", type=click.IntRange(0), default=8, show_default=True, help="Readers of images, each process."
)
@_recipe
def main(root: Path, store: Path, seeds: tuple[int, ...], labels: str, workers: int, **recipe: Any) -> None:
    """Train Inception v3 on ImageNet, once for each seed, and keep its accuracies in the store, for claims.

    All processes see the folder of images and the store. What the store has is not trained again, and after a kill the
    same command goes on at the last whole epoch.
    """
    if "RANK" not in os.environ:
        raise click.UsageError("legal is to start it by torchrun --nproc-per-node=N -m memorization_claims.imagenet")
    # cuBLAS reads this when it starts; without it some of its products differ from call to call.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    from memorization_claims.imagenet.images import open_folder

    try:
        folder = open_folder(root.expanduser())
        with _processes() as device:
            for seed in seeds:
                spec = folder.fit(seed=seed, corruption=Corruption(kind=LABELS[labels]), **recipe)
                _obtain(spec, folder, store.expanduser(), device, workers)
    except HarnessError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _processes() -> Iterator[Any]:
    """The group of processes, and the device of this one, set up so that one seed gives the same numbers if it can."""
    import torch
    import torch.distributed as dist

    gpu = torch.cuda.is_available()
    device = torch.device(f"cuda:{os.environ['LOCAL_RANK']}" if gpu else "cpu")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    if gpu:
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if gpu else "gloo")
    try:
        yield device
    finally:
        dist.destroy_process_group()


def _obtain(spec: ImagenetSpec, folder: Folder, store_path: Path, device: Any, workers: int) -> None:
    """Train what the store lacks, and keep it; the first process alone looks, writes and speaks."""
    import torch
    import torch.distributed as dist
    import torchvision

    from memorization_claims.imagenet.training import Place, train
    from memorization_claims.store import Entry, Store

    first, key = dist.get_rank() == 0, key_of(spec)
    store = Store(store_path) if first else None
    there = [store is not None and store.load(key) is not None]
    dist.broadcast_object_list(there)
    say: Callable[[str], None] = click.echo if first else lambda line: None
    if there[0]:
        say(f"seed {spec.seed}: in the store")
        return
    checkpoint = store_path / "imagenet" / f"{key}.pt"
    place = Place(device, workers, checkpoint, lambda line: say(f"seed {spec.seed}: {line}"))
    arrays, seconds = train(spec, folder, place)
    if store is not None:
        facts = {
            "spec": spec.name,
            "seconds": seconds,
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
            "processes": dist.get_world_size(),
            "images": folder.digest,
        }
        store.save(key, Entry(arrays, facts))
        checkpoint.unlink()


if __name__ == "__main__":
    main()
