"""Disks of a few megabytes, which really get full: mounted where nobody but this process and its children sees them."""

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

DISK_BYTES: Final = 64 << 20
_CLONE_NEWNS: Final = 0x20000
_PIECE: Final = bytes(4096)


@cache
def may_mount() -> bool:
    """Whether this process may have mounts of its own, which only root may, and not everywhere."""
    trying = ("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    try:
        return subprocess.run(trying, stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def hide_mounts() -> None:
    """From now on what is mounted here is seen by this process and its children alone, and goes with them."""
    if may_mount():
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS):
            raise OSError(ctypes.get_errno(), "mounts cannot be hidden")
        subprocess.run(("mount", "--make-rprivate", "/"), check=True)


@contextmanager
def small_disk(directory: Path) -> Iterator[None]:
    """A disk of its own at a directory, where that can be had."""
    directory.mkdir(parents=True, exist_ok=True)
    if not may_mount():
        yield
        return
    subprocess.run(("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(directory)), check=True)
    try:
        yield
    finally:
        subprocess.run(("umount", "--lazy", str(directory)), check=True)


@contextmanager
def filled(directory: Path) -> Iterator[None]:
    """No byte is left on the disk of a directory, until the block is over."""
    ballast = directory / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        room = os.statvfs(directory)
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize)
        file.seek(0, os.SEEK_END)
        while True:
            file.write(_PIECE)
    try:
        yield
    finally:
        ballast.unlink()
