# SPDX-License-Identifier: Apache-2.0
"""Processes of a stack: started in a session of their own, their CPU time, memory and switches read from /proc."""
import os
import signal
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return {"parent": int(fields[1]), "session": int(fields[3]), "ticks": sum(map(int, fields[11:15]))}


def _pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


class Tree:
    """One program and all that it starts."""

    def __init__(self, command, log, env=None, cwd=None):
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd,
                                            start_new_session=True, env={**os.environ, **(env or {})})

    def members(self):
        stats = {}
        for pid in _pids():
            try:
                stats[pid] = _stat(pid)
            except (OSError, IndexError):
                continue
        found = {self.process.pid}
        while True:
            more = {pid for pid, s in stats.items()
                    if pid not in found and (s["session"] == self.process.pid or s["parent"] in found)}
            if not more:
                return sorted(found & stats.keys())
            found |= more

    def cpu_seconds(self):
        """User and system time of all, children that were waited for included."""
        total = 0
        for pid in self.members():
            try:
                total += _stat(pid)["ticks"]
            except OSError:
                continue
        return total / TICK

    def switches(self):
        total = 0
        for pid in self.members():
            for task in _listed(f"/proc/{pid}/task"):
                total += sum(int(line.split()[1]) for line in _lines(f"/proc/{pid}/task/{task}/status")
                             if "ctxt_switches" in line)
        return total

    def pss_bytes(self, is_application):
        """(all, without the application's processes)"""
        whole = rest = 0
        for pid in self.members():
            size = sum(int(line.split()[1]) * 1024 for line in _lines(f"/proc/{pid}/smaps_rollup")
                       if line.startswith("Pss:"))
            whole += size
            rest += 0 if is_application(command_line(pid)) else size
        return whole, rest

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        for pid in self.members():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        self.process.wait()


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode("latin-1").strip()
    except OSError:
        return ""


def _lines(path):
    try:
        with open(path) as file:
            return file.read().splitlines()
    except OSError:
        return []


def _listed(path):
    try:
        return os.listdir(path)
    except OSError:
        return []


def wait_until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"gave up waiting for {what}")
        time.sleep(0.05)
