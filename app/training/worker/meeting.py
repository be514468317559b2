"""How do a run's processes find each other and talk, so that nobody on the network can take part?

PyTorch's own ways are ports at all of the machine's addresses that ask for no password; what `torchrun` reads there it
unpickles. Here both meet by files that only our own user can open, and talk over the loopback interface.
"""

import os
import socket
from datetime import timedelta
from pathlib import Path

import torch.distributed

MEET_AT = "PENSET_MEET_AT"  # variable: the file by which a run's processes find each other
PATIENCE = timedelta(days=7)  # for another process, which may be measuring; one that has died is noticed


def torchrun_in(folder: Path) -> list[str]:
    """Options of `torchrun`: what it keeps of the run lies in a file of this folder."""
    return [
        "--rdzv-backend", "c10d", "--rdzv-conf", "store_type=file", "--rdzv-endpoint", str(folder / "torchrun"),
        "--rdzv-id", "run", "--local-addr", "127.0.0.1",
    ]  # fmt: skip


def processes_in(folder: Path) -> dict[str, str]:
    """The environment of processes that meet in this folder."""
    loopback = next(name for _, name in socket.if_nameindex() if name.startswith("lo"))
    return {
        "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
        "GLOO_SOCKET_IFNAME": loopback,
        "NCCL_SOCKET_IFNAME": loopback,
        MEET_AT: str(folder / "processes"),
    }


def meet(rank: int, of: int, *, cpu: bool) -> None:
    """Find the other processes, if there are any, before the trainer does so in its own way."""
    if of > 1:
        backend, by_file = "gloo" if cpu else "nccl", f"file://{os.environ[MEET_AT]}"
        torch.distributed.init_process_group(backend, init_method=by_file, rank=rank, world_size=of, timeout=PATIENCE)
