"""A disk that is full, for a process about to start: `preexec_fn=partial(allow_files_of, size)`."""

import resource
import signal


def allow_files_of(size: int) -> None:
    """A file that grows beyond `size` bytes fails to be written, without a signal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
