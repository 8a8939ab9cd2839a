"""Gives up, for good, whatever a process needs no more before it reads a stranger's file.

Two steps, because Landlock binds only the calling thread and those it starts: `lock_libraries` while there is one thread
(the parsers' own threads inherit it), `lock` when everything is imported. Every guard says whether it holds; a guard that
the platform lacks is reported, never skipped in silence.
"""

import ctypes
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

if sys.platform != "win32":
    import resource

try:
    import landlock
except (ImportError, OSError):  # macOS
    landlock = None
try:
    import pyseccomp
except (ImportError, OSError, RuntimeError):  # RuntimeError: libseccomp itself is not installed
    pyseccomp = None

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
CLONE_THREAD = 0x10000
OPEN_FILES = 256
THREADS = 64

SYSTEM_LIBRARIES = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/localtime",
    "/dev/null", "/dev/urandom", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
)  # fmt: skip

# What no parser and no metric needs: sockets, other programs, other processes, other people's rights, the kernel's insides,
# and what Landlock does not judge (modes, owners, links, shared memory).
FORBIDDEN_CALLS = (
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
    "execve", "execveat", "fork", "vfork",
    "ptrace", "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal", "pidfd_getfd",
    "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "setpriority", "ioprio_set", "sched_setscheduler",
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset",
    "setsid", "setpgid", "unshare", "setns", "chroot", "pivot_root", "personality",
    "mount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig", "fspick", "mount_setattr",
    "bpf", "perf_event_open", "keyctl", "add_key", "request_key", "userfaultfd", "seccomp",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "name_to_handle_at", "open_by_handle_at",
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
    "acct", "quotactl", "syslog", "iopl", "ioperm", "clock_settime", "settimeofday", "adjtimex", "sethostname",
    "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "setxattr", "lsetxattr", "fsetxattr",
    "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "utime", "utimes", "utimensat", "futimesat",
    "inotify_init", "inotify_init1", "fanotify_init", "memfd_create", "memfd_secret",
    "shmget", "shmat", "shmctl", "semget", "semop", "semctl", "msgget", "msgsnd", "msgrcv", "mq_open",
)  # fmt: skip


class Guard(NamedTuple):
    """One wall around the scoring child; ``why`` says in English what is missing where it is not ``active``."""

    name: str
    active: bool
    why: str = ""
    needed: bool = True  # the setting sandbox=require insists on it


def lock_libraries(readable: Iterable[Path]) -> None:
    """From here on no thread sees files beyond the working folder, the libraries and ``readable``."""
    if landlock is None:
        return
    places = [*map(Path, SYSTEM_LIBRARIES), *readable]
    look = landlock.FSAccess.READ_FILE | landlock.FSAccess.READ_DIR | landlock.FSAccess.EXECUTE
    try:
        rules = landlock.Ruleset()
        for place in places:
            if place.is_dir():
                rules.allow(place, rules=look)
            elif place.exists():
                rules.allow(place, rules=look & ~landlock.FSAccess.READ_DIR)
        rules.allow(".", rules=_working_rights())
        rules.apply()
    except (OSError, landlock.SyscallError, landlock.LandlockError):
        return  # the second step meets the same obstacle, and says so


def lock(*, uid: int | None, memory_bytes: int, file_bytes: int, parent: int) -> list[Guard]:
    """Locks the calling process to its working folder; irrevocable. ``uid`` None: it stays who it is.

    The order matters: rights are dropped before the filter that forbids to change rights.
    """
    return [
        _limits(memory_bytes, file_bytes, own_uid=uid is not None),
        _own_uid(uid),
        _tied_to(parent),
        _attempt("no new privileges", lambda: _prctl(PR_SET_NO_NEW_PRIVS, 1)),
        _files(),
        _calls(),
    ]


def _attempt(name: str, act: Callable[[], None], *, needed: bool = True) -> Guard:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever keeps a guard from holding is reported, never fatal here
        return Guard(name, False, f"{type(error).__name__}: {error}", needed)
    return Guard(name, True, "", needed)


def _limits(memory_bytes: int, file_bytes: int, *, own_uid: bool) -> Guard:
    def act() -> None:
        limits = [
            (resource.RLIMIT_FSIZE, file_bytes),
            (resource.RLIMIT_NOFILE, OPEN_FILES),
            (resource.RLIMIT_CORE, 0),
        ]
        if sys.platform == "linux":  # elsewhere the address space cannot be limited
            limits.append((resource.RLIMIT_AS, memory_bytes))
        if own_uid:  # counts per user: as ourselves it would count our other programs
            limits.append((resource.RLIMIT_NPROC, THREADS))
        for what, limit in limits:
            resource.setrlimit(what, (limit, limit))

    return _attempt("limits on memory, files and threads", act)


def _own_uid(uid: int | None) -> Guard:
    name = "a user of its own"
    if uid is None:
        return Guard(name, False, "only root can give each child its own user", needed=False)

    def act() -> None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        if os.getresuid() != (uid, uid, uid) or os.getgroups():
            raise OSError(errno.EPERM, "the rights of root were kept")

    return _attempt(name, act, needed=False)


def _tied_to(parent: int) -> Guard:
    def act() -> None:
        # After the change of user, which clears it. The signal comes when the parent's thread ends, kill -9 included.
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _prctl(PR_SET_DUMPABLE, 0)
        if os.getppid() != parent:
            os._exit(1)  # it died before we asked

    return _attempt("ends with the worker", act, needed=False)


def _working_rights() -> Any:
    """What the child may do in its folder: no symbolic links, no devices, no pipes, no sockets, nothing to execute."""
    access = landlock.FSAccess
    rights = (
        access.READ_FILE | access.READ_DIR | access.WRITE_FILE | access.MAKE_REG | access.MAKE_DIR
        | access.REMOVE_FILE | access.REMOVE_DIR
    )  # fmt: skip
    abi = landlock.landlock_abi_version()
    if abi >= 2:
        rights |= access.REFER  # to move files between folders of its own
    if abi >= 3:
        rights |= access.TRUNCATE
    return rights


def _files() -> Guard:
    name = "files: its own folder only (Landlock)"
    if landlock is None:
        return Guard(name, False, "the package landlock is missing, or this is not Linux")

    def act() -> None:
        rules = landlock.Ruleset()
        rules.allow("in", rules=landlock.FSAccess.READ_FILE | landlock.FSAccess.READ_DIR)
        rules.allow("out", rules=_working_rights())
        rules.apply()
        try:
            next(Path("/").iterdir(), None)
        except PermissionError:
            return
        raise OSError(errno.ENOSYS, "the kernel took the rules and does not keep them")

    return _attempt(name, act)


def _calls() -> Guard:
    name = "system calls: no network, programs or other processes (seccomp)"
    if pyseccomp is None:
        return Guard(name, False, "libseccomp or the package pyseccomp is missing, or this is not Linux")

    def act() -> None:
        block = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        block.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)  # the parsers' threads too
        for call in _known(FORBIDDEN_CALLS):
            block.add_rule(pyseccomp.ERRNO(errno.EPERM), call)
        # A new process is refused, a new thread is not; clone3 hides its flags, so libraries are sent back to clone.
        block.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD, 0))
        block.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
        block.add_rule(pyseccomp.ERRNO(errno.EPERM), "tgkill", pyseccomp.Arg(0, pyseccomp.NE, os.getpid()))
        block.load()
        if not _refused(os.fork):
            raise OSError(errno.ENOSYS, "the kernel took the filter and does not keep it")

    return _attempt(name, act)


def _refused(call: Callable[[], int]) -> bool:
    try:
        if call() == 0:
            os._exit(0)
    except PermissionError:
        return True
    return False


def _known(calls: Sequence[str]) -> list[str]:
    """Those that this kernel's architecture has: arm64, for one, never had fork or chmod."""
    native = pyseccomp.system_arch()
    return [call for call in calls if pyseccomp.resolve_syscall(native, call) >= 0]


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "only Linux has prctl")
    if ctypes.CDLL(None, use_errno=True).prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
