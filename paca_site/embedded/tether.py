"""Runs a program that dies with its parent: `tether.py [--signal NAME] [--account WHO] -- program argument ...`.

It sets the parent-death signal of Linux, optionally gives up being root, and then *becomes* the program (exec), so
that supervisord sees the program's own process. It imports the standard library only and runs before every child.

Source: prctl(2) PR_SET_PDEATHSIG, user_namespaces(7).
"""

import argparse
import ctypes
import os
import signal
import sys
from pathlib import Path

KEEPER_VARIABLE = "PACA_KEEPER_PID"
NAMESPACE_ACCOUNT = "namespace"
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_NOBODY_ID = 65534


def become_nobody_in_namespace() -> None:
    """Enter a new user namespace as account 65534; outside it the process and its files stay root's."""
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"user namespaces are not allowed here: {os.strerror(code)}")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_NOBODY_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{_NOBODY_ID} {gid} 1")


def become_account(account: str) -> None:
    """Become `account`: empty (stay), `namespace`, or `uid:gid` for good."""
    if account == NAMESPACE_ACCOUNT:
        become_nobody_in_namespace()
    elif account:
        uid, gid = (int(number) for number in account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def die_with_parent(number: signal.Signals) -> None:
    """Ask the kernel to send `number` when the parent ends; where there is no prctl (not Linux), do nothing."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl(PR_SET_PDEATHSIG) failed: {os.strerror(code)}")


def main(arguments: list[str]) -> None:
    """Become the program; never returns."""
    parser = argparse.ArgumentParser(prog="tether")
    parser.add_argument("--signal", default="KILL", help="what the program gets when its parent ends")
    parser.add_argument("--account", default="", help="empty, 'namespace' or 'uid:gid'")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)

    # Changing account clears the signal, so the order matters.
    become_account(options.account)
    die_with_parent(signal.Signals[f"SIG{options.signal}"])
    # The parent may have ended before the signal was armed; who it was is known from the environment.
    keeper = os.environ.get(KEEPER_VARIABLE, "")
    if keeper and os.getppid() != int(keeper):
        sys.exit("tether: the process that started this program has gone.")
    os.environ[KEEPER_VARIABLE] = str(os.getpid())
    os.execvp(options.command[0], options.command)  # noqa: S606 - that is its job; no shell


if __name__ == "__main__":
    main(sys.argv[1:])
