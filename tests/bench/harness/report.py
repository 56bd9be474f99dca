# SPDX-License-Identifier: Apache-2.0
"""Medians and ratios as Markdown, everything as JSON."""
import json
import platform
import statistics

SHOWN = ("requests_per_second", "cpu_per_10k", "p50_ms", "p99_ms", "mean_ms", "switches")


def median_row(rows):
    return {key: statistics.median(row[key] for row in rows) for key in SHOWN if all(key in row for row in rows)}


def _number(value, digits=3):
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}g}"


def case_table(case, results):
    """`results`: stack -> list of rows, or a string that says why there are none. Ratios: ours to each peer's."""
    ours = next((name for name in case.stacks if name.startswith("gatehouse") and isinstance(results.get(name), list)), None)
    base = median_row(results[ours]) if ours else None
    out = [f"### {case.name}: {case.title}", "",
           "| stack | requests/s | CPU s per 10,000 | p50 ms | p99 ms | switches/request | ours: requests/s | ours: CPU |",
           "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for name in case.stacks:
        rows = results.get(name)
        if rows is None:
            continue
        if isinstance(rows, str):
            out.append(f"| {name} | invalid: {rows.replace('|', '/')[:160]} | | | | | | |")
            continue
        row = median_row(rows)
        ratios = ["", ""]
        if base and name != ours:
            ratios = [f"× {base['requests_per_second'] / row['requests_per_second']:.2f}",
                      f"× {base['cpu_per_10k'] / row['cpu_per_10k']:.2f}" if row["cpu_per_10k"] else ""]
        latency = row.get("p50_ms", row.get("mean_ms"))
        out.append(f"| {name} | {_number(row['requests_per_second'])} | {_number(row['cpu_per_10k'])} | "
                   f"{_number(latency)}{' (mean)' if 'mean_ms' in row else ''} | {_number(row.get('p99_ms'))} | "
                   f"{_number(row['switches'])} | {ratios[0]} | {ratios[1]} |")
    return "\n".join(out) + "\n"


def stack_table(facts):
    """`facts`: stack -> dict of one-off figures."""
    out = ["### Per stack", "",
           "| stack | PSS MiB | without the application | system calls per hello, 64 conn. | 1 conn. | switches/s idle |",
           "|---|---:|---:|---:|---:|---:|"]
    for name, fact in facts.items():
        whole, rest = fact["pss_bytes"]
        out.append(f"| {name} | {whole / 2**20:.1f} | {rest / 2**20:.1f} | {_number(fact.get('calls_64'))} | "
                   f"{_number(fact.get('calls_1'))} | {_number(fact['idle_switches'])} |")
    return "\n".join(out) + "\n"


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    cores = sum(line.startswith("processor") for line in open("/proc/cpuinfo"))
    return f"{cores} × {cpu}, Linux {platform.release()}"


def write_json(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1) + "\n")
