# SPDX-License-Identifier: Apache-2.0
"""One measurement: a load of some seconds on one stack, with CPU time before and after. Whatever is not a clean run
(an error, an answer that is not 2xx) makes the row invalid rather than slow."""
import json
import re
import subprocess
import time
import urllib.request
import ssl

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


class Invalid(Exception):
    """The answer was wrong: no figure may come of it."""


def check_answer(stack, case):
    """The stack's answer to the case has status 200 and the expected length."""
    url = case.url(stack)
    if case.protocol == "h2":
        done = subprocess.run(["curl", "-sk", "--http2", "-o", "/dev/null", "-w",
                               "%{http_code} %{http_version} %{size_download}", url],
                              capture_output=True, text=True, check=False)
        if done.stdout != f"200 2 {case.length}":
            raise Invalid(f"{stack.name} answers {url} with '{done.stdout}', expected '200 2 {case.length}'")
        return
    body = b"z" * 65536 if case.post else None
    context = ssl._create_unverified_context() if url.startswith("https") else None
    try:
        with urllib.request.urlopen(url, data=body, timeout=20, context=context) as answer:
            status, length = answer.status, len(answer.read())
    except OSError as error:
        raise Invalid(f"{stack.name} answers {url} with {error}") from error
    if (status, length) != (200, case.length):
        raise Invalid(f"{stack.name} answers {url} with {status} and {length} bytes, expected {case.length}")


def _ms(text):
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if not found:
        raise Invalid(f"no latency ('{text}'): too few requests in this time")
    return float(found.group(1)) * UNITS[found.group(2)]


def _wrk(url, case, seconds, post_script):
    command = ["wrk", "--latency", "-t", "1", "-c", str(case.connections), "-d", f"{seconds}s", "--timeout", "10s"]
    if case.post:
        command += ["-s", str(post_script)]
    text = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise Invalid(re.search(r".*(Non-2xx|Socket errors).*", text).group(0).strip())
    count, length = re.search(r"(\d+) requests in ([\d.]+\w+)", text).groups()
    return {"requests": int(count), "seconds": _ms(length) / 1000,
            "p50_ms": _ms(re.search(r"^\s+50%\s+(\S+)", text, re.M).group(1)),
            "p99_ms": _ms(re.search(r"^\s+99%\s+(\S+)", text, re.M).group(1))}


def _h2load(url, case, seconds):
    command = ["h2load", "-t", "1", "-c", str(case.connections), "-m", str(case.streams), "-D", str(seconds), url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    done = dict((name, int(count)) for count, name in
                re.findall(r"(\d+) (succeeded|failed|errored|timeout)", re.search(r"requests: .*", text).group(0)))
    codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text).groups()
    if done["failed"] or done["errored"] or done["timeout"] or any(map(int, codes[1:])):
        raise Invalid(re.search(r"requests: .*", text).group(0))
    if "Application protocol: h2" not in text:
        raise Invalid("h2load did not negotiate h2")
    mean = re.search(r"time for request:\s+\S+\s+\S+\s+(\S+)", text).group(1)
    return {"requests": done["succeeded"], "seconds": float(seconds), "mean_ms": _ms(mean)}


def measure(stack, case, seconds, tools):
    """requests_per_second, cpu_per_10k (seconds of all processes), latencies, switches per request."""
    url = case.url(stack)
    cpu, switches = stack.cpu_seconds(), stack.switches()
    if case.mix:
        text = subprocess.run([str(tools.mixload), "127.0.0.1", str(stack.ports["http"]), str(case.connections),
                               str(seconds), "20", "/hello", "/sleep"], capture_output=True, text=True, check=True).stdout
        result = json.loads(text)
        fast = result["fast"]
        if result["hung"] or fast["truncated"] or set(fast["statuses"]) | set(result["slow"]["statuses"]) != {"200"}:
            raise Invalid(text.strip())
        row = {"requests": fast["count"] + result["slow"]["count"], "seconds": float(seconds),
               "p50_ms": fast["p50_ms"], "p99_ms": fast["p99_ms"]}
    elif case.protocol == "h2":
        row = _h2load(url, case, seconds)
    else:
        row = _wrk(url, case, seconds, tools.post_script)
    row["cpu_per_10k"] = (stack.cpu_seconds() - cpu) / row["requests"] * 10000
    row["switches"] = (stack.switches() - switches) / row["requests"]
    row["requests_per_second"] = row["requests"] / row["seconds"]
    return row


def system_calls(stack, case, tools):
    """System calls per request, counted by the kernel's tracepoint (perf), else by strace. None where neither may."""
    pids = ",".join(map(str, stack.members()))
    counter = subprocess.Popen(["perf", "stat", "-x,", "-e", "raw_syscalls:sys_enter", "-p", pids], text=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(0.3)
    if counter.poll() is None:
        row = _wrk(case.url(stack), case, 2, tools.post_script)
        counter.send_signal(2)
        found = re.search(r"^(\d+),", counter.communicate()[1], re.M)
        return int(found.group(1)) / row["requests"] if found else None
    counter = subprocess.Popen(["strace", "-f", "-c", "-U", "calls,name", "-p", pids], text=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(1)
    row = _wrk(case.url(stack), case, 3, tools.post_script)
    counter.send_signal(2)
    found = re.search(r"^\s*(\d+)\s+total", counter.communicate()[1], re.M)
    return int(found.group(1)) / row["requests"] if found else None


def idle_switches(stack, seconds=3):
    """Context switches a second while nothing is asked."""
    time.sleep(1)
    before = stack.switches()
    time.sleep(seconds)
    return (stack.switches() - before) / seconds
