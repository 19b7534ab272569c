"""Encryption by gpg: an OpenPGP message with a passphrase (RFC 4880), AES-256, checked for changes.

`gpg --decrypt FILE | tar -t` opens one without us. Why gpg: docs/backup.md. It works on a pipe and
starts no agent; the passphrase comes by a pipe of its own, never in arguments or environment.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from io import FileIO
from pathlib import Path
from typing import IO

from faasd.base.errors import FaasdError, InvalidInput, Unavailable

_FIRST_BYTES = (0x8C, 0xC3)
"""How a message begins that a passphrase opens: a packet of tag 3, in its old and new form."""

_COUNT = "65011712"
"""Times that the passphrase is hashed, bytes: the most of RFC 4880; 0.1 s on a PC."""

_SEAL = (
    "--symmetric", "--cipher-algo", "AES256", "--s2k-mode", "3", "--s2k-digest-algo", "SHA512",
    "--s2k-count", _COUNT, "--compress-algo", "none", "--set-filename", "",
)  # fmt: skip
_WRONG = "BAD_PASSPHRASE"
_WHOLE = ("[GNUPG:] DECRYPTION_OKAY", "[GNUPG:] GOODMDC")
"""What gpg says of a message that was encrypted, and not changed (gpg's DETAILS)."""

_DRAIN = 2**20


@contextmanager
def sealing(target: IO[bytes], passphrase: str) -> Iterator[IO[bytes]]:
    """Give a file to write to; what is written is in `target`, encrypted, when the block ends.

    Raises:
        Unavailable: gpg is missing, or failed.
    """
    with _gpg(_SEAL, passphrase, stdin=subprocess.PIPE, stdout=target) as (gpg, said):
        assert gpg.stdin  # noqa: S101  # it is a pipe
        try:
            with gpg.stdin as file:
                yield file
        except BrokenPipeError:
            pass  # Its status says more.
        if gpg.wait():
            raise Unavailable(f"gpg did not encrypt the backup: {_last_line(said)}")


@contextmanager
def unsealing(source: Path, passphrase: str) -> Iterator[IO[bytes]]:
    """Give a file to read from. What is read may be trusted only when the block has ended well.

    Raises:
        InvalidInput: the passphrase is wrong, or the file is no backup, or not whole.
        Unavailable: gpg is missing.
    """
    with source.open("rb", buffering=0) as sealed:  # gpg goes on where this file stands.
        check_kind(source, sealed)
        with _gpg(("--decrypt",), passphrase, stdin=sealed, stdout=subprocess.PIPE) as (gpg, said):
            assert gpg.stdout  # noqa: S101  # it is a pipe
            problem: FaasdError | None = None
            with closing(gpg.stdout):
                try:
                    yield gpg.stdout
                except InvalidInput as error:
                    problem = error
                    _drain(gpg.stdout, source.stat().st_size)
            status = gpg.wait()
            _judge(source, status, said, problem)


def check_kind(path: Path, file: IO[bytes] | FileIO) -> None:
    """Check that a file may be a backup, before a passphrase is asked for; rewinds it.

    Raises:
        InvalidInput: it is not.
    """
    first = file.read(1)
    file.seek(0)
    if not first or first[0] not in _FIRST_BYTES:
        raise InvalidInput(f"{path} is no backup: it is not encrypted with a passphrase")


def _judge(source: Path, status: int, said: IO[str], problem: FaasdError | None) -> None:
    """Say what is wrong: gpg's own verdict goes before what was found inside."""
    said.seek(0)
    text = said.read()
    if _WRONG in text:
        raise InvalidInput(f"the passphrase is not that of {source}")
    lines = text.splitlines()
    if status or not all(line in lines for line in _WHOLE):
        raise InvalidInput(f"{source} was changed, or cut off: take another copy")
    if problem is not None:
        raise InvalidInput(f"{source} cannot be restored: {problem}") from problem


@contextmanager
def _gpg(
    arguments: Sequence[str],
    passphrase: str,
    *,
    stdin: int | IO[bytes] | FileIO,
    stdout: int | IO[bytes],
) -> Iterator[tuple[subprocess.Popen[bytes], IO[str]]]:
    with (
        tempfile.TemporaryDirectory(prefix="faasd-gpg-") as home,
        tempfile.TemporaryFile("w+", errors="replace") as said,
        _passphrase_pipe(passphrase) as pipe,
    ):
        command = (
            "gpg", "--homedir", home, "--batch", "--no-tty", "--no-options", "--no-autostart",
            "--no-random-seed-file", "--quiet", "--pinentry-mode", "loopback",
            "--passphrase-fd", str(pipe), "--status-fd", "2", *arguments,
        )  # fmt: skip
        try:
            gpg = subprocess.Popen(
                command, stdin=stdin, stdout=stdout, stderr=said, pass_fds=(pipe,)
            )
        except FileNotFoundError:
            raise Unavailable("gpg is not installed: sudo apt-get install gpg") from None
        try:
            yield gpg, said
        finally:
            if gpg.poll() is None:
                gpg.kill()
            gpg.wait()


@contextmanager
def _passphrase_pipe(passphrase: str) -> Iterator[int]:
    """Give the end of a pipe that the passphrase lies in; it is shorter than a pipe holds."""
    read, write = os.pipe()
    try:
        os.write(write, passphrase.encode() + b"\n")
        os.close(write)
        yield read
    finally:
        os.close(read)


def _drain(pipe: IO[bytes], most: int) -> None:
    """Let gpg come to its verdict; a plain message is never longer than its file."""
    while most > 0 and (chunk := pipe.read(_DRAIN)):
        most -= len(chunk)


def _last_line(said: IO[str]) -> str:
    said.seek(0)
    lines = [line for line in said.read().splitlines() if not line.startswith("[GNUPG:]")]
    return lines[-1] if lines else "it said nothing"
