// SPDX-License-Identifier: Apache-2.0
// The status page as plain HTML: every value from configuration is escaped, every number is ours.
#include "appserver/metrics/labels.hpp"
#include "appserver/metrics/status.hpp"
#include "base/observe/wall_time.hpp"

#include <cstdio>

namespace appserver::metrics {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Gatehouse app server</title>
<style>
:root{color-scheme:light dark;--ink:#1d2733;--soft:#64748b;--line:#e2e8f0;--card:#fff;--back:#f4f6f9;--good:#15803d;
--warn:#b45309;--bad:#b91c1c;--busy:#2563eb;--idle:#cbd5e1}
@media(prefers-color-scheme:dark){:root{--ink:#e5eaf0;--soft:#94a3b8;--line:#2b3646;--card:#18212d;--back:#0f1620;
--good:#4ade80;--warn:#fbbf24;--bad:#f87171;--busy:#60a5fa;--idle:#334155}}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:baseline;margin-bottom:1rem}
h1{font-size:1.35rem;margin:0}h2{font-size:1.05rem;margin:0 0 .5rem}
.soft{color:var(--soft)}.pill{padding:.1rem .7rem;border-radius:1rem;color:#fff;font-weight:600}
.pill.up{background:#15803d}.pill.down{background:#b91c1c}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin-bottom:1rem;
overflow-x:auto}
table{border-collapse:collapse;width:100%}th{color:var(--soft);font-weight:500;text-align:left}
th,td{padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line);white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}tr:last-child td{border-bottom:0}
.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
.slots{display:flex;flex-wrap:wrap;gap:2px;max-width:20rem}.slots i{width:.6rem;height:.9rem;border-radius:2px;
background:var(--idle)}.slots i.busy{background:var(--busy)}
</style></head><body><main>
)";

constexpr unsigned kSlotsShown = 128;  // boxes a process

class Page {
 public:
  Page() { out_ = kHead; }

  Page& raw(std::string_view html) {
    out_ += html;
    return *this;
  }
  Page& text(std::string_view value) {
    for (const char c : value) {
      switch (c) {
        case '&':
          out_ += "&amp;";
          break;
        case '<':
          out_ += "&lt;";
          break;
        case '>':
          out_ += "&gt;";
          break;
        case '"':
          out_ += "&quot;";
          break;
        case '\'':
          out_ += "&#39;";
          break;
        default:
          out_ += c;
          break;
      }
    }
    return *this;
  }
  template <class Number>
  Page& cell(Number value, std::string_view style = "") {
    return raw("<td class=\"n ").raw(style).raw("\">").raw(std::to_string(value)).raw("</td>");
  }
  Page& text_cell(std::string_view value, std::string_view style = "") {
    return raw("<td class=\"").raw(style).raw("\">").text(value).raw("</td>");
  }
  Page& number_text_cell(std::string_view value) {
    return raw("<td class=\"n\">").text(value).raw("</td>");
  }
  Page& heads(
      std::initializer_list<std::string_view> names) {  // those of number columns begin with '#'
    raw("<tr>");
    for (std::string_view name : names) {
      const bool number = name.starts_with('#');
      if (number) name.remove_prefix(1);
      raw(number ? "<th class=\"n\">" : "<th>").text(name).raw("</th>");
    }
    return raw("</tr>");
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

std::string duration_text(std::int64_t us) {
  if (us < 0) return "> 65 s";
  if (us == 0) return "–";
  char text[32];
  if (us < 1000) {
    (void)std::snprintf(text, sizeof text, "≤ %d µs", static_cast<int>(us));
  } else if (us < 1'000'000) {
    (void)std::snprintf(text, sizeof text, "≤ %d ms", static_cast<int>(us / 1000));
  } else {
    (void)std::snprintf(text, sizeof text, "≤ %.1f s", static_cast<double>(us) / 1e6);
  }
  return text;
}

std::string age_text(std::int64_t us) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  const std::int64_t seconds = us / 1'000'000;
  if (seconds < 2 * kMinute) return std::to_string(seconds) + " s";
  if (seconds < 2 * kHour) return std::to_string(seconds / kMinute) + " min";
  if (seconds < 2 * kDay) return std::to_string(seconds / kHour) + " h";
  return std::to_string(seconds / kDay) + " d";
}

std::string since(const Status& status, std::int64_t us) {
  return us == 0 ? "–" : age_text(status.now_us - us);
}

std::string megabytes(std::uint64_t bytes) {
  if (bytes == 0) return "–";
  return std::to_string((bytes >> 20U)) + " MiB";
}

std::string_view state_style(ProcessState state) noexcept {
  switch (state) {
    case ProcessState::ready:
      return "good";
    case ProcessState::starting:
    case ProcessState::draining:
      return "warn";
    default:
      return "bad";
  }
}

void add_slots(Page& page, std::int64_t busy, unsigned threads) {
  page.raw("<td><span class=\"slots\" title=\"").raw(std::to_string(busy)).raw(" of ");
  page.raw(std::to_string(threads)).raw(" threads busy\">");
  for (unsigned i = 0; i < threads && i < kSlotsShown; ++i)
    page.raw(static_cast<std::int64_t>(i) < busy ? "<i class=\"busy\"></i>" : "<i></i>");
  page.raw("</span></td>");
}

void add_group(Page& page, const Status& status, const GroupStatus& group) {
  page.raw("<section><h2>");
  if (group.name.empty()) {
    page.raw("Embedded mode");
  } else {
    page.raw("Daemon group ").text(group.name);
  }
  page.raw("</h2><table>");
  page.heads({"#running", "#waiting", "#requests", "#4xx", "#5xx", "#crashed", "#queue timeouts",
              "#overflows", "#queue p95", "#duration p50", "#p95", "#p99"});
  const TrafficStatus& traffic = group.traffic;
  page.raw("<tr>").cell(group.active).cell(group.waiting, group.waiting > 0 ? "warn" : "");
  page.cell(traffic.total).cell(traffic.requests[3]);
  page.cell(traffic.requests[4], traffic.requests[4] > 0 ? "bad" : "");
  page.cell(group.crashed, group.crashed > 0 ? "bad" : "");
  page.cell(group.queue_timeouts, group.queue_timeouts > 0 ? "bad" : "");
  page.cell(group.queue_overflows, group.queue_overflows > 0 ? "bad" : "");
  page.number_text_cell(duration_text(group.queue_time.p95_us));
  page.number_text_cell(duration_text(traffic.duration.p50_us));
  page.number_text_cell(duration_text(traffic.duration.p95_us));
  page.number_text_cell(duration_text(traffic.duration.p99_us)).raw("</tr></table>");
  if (!group.processes.empty()) {
    page.raw("<table>").heads(
        {"process", "state", "#pid", "#age", "#memory", "#requests", "threads"});
    for (const ProcessStatus& process : group.processes) {
      page.raw("<tr>").text_cell(std::to_string(process.index));
      page.text_cell(label(process.state), state_style(process.state)).cell(process.pid);
      page.number_text_cell(since(status, process.started_us));
      page.number_text_cell(megabytes(process.resident_bytes)).cell(process.requests);
      add_slots(page, process.threads_busy, group.threads);
      page.raw("</tr>");
    }
    page.raw("</table>");
  }
  page.raw("</section>\n");
}

void add_hosts(Page& page, const Status& status) {
  page.raw("<section><h2>Virtual hosts</h2><table>");
  page.heads({"host", "#requests", "#2xx", "#3xx", "#4xx", "#5xx", "#p50", "#p95", "#p99"});
  for (const HostStatus& host : status.hosts) {
    const TrafficStatus& traffic = host.traffic;
    page.raw("<tr>").text_cell(host.name).cell(traffic.total);
    for (std::size_t code = 1; code < 5; ++code)
      page.cell(traffic.requests[code], code == 4 && traffic.requests[code] > 0 ? "bad" : "");
    page.number_text_cell(duration_text(traffic.duration.p50_us));
    page.number_text_cell(duration_text(traffic.duration.p95_us));
    page.number_text_cell(duration_text(traffic.duration.p99_us)).raw("</tr>");
  }
  page.raw("</table></section>\n");
}

void add_fronts(Page& page, const Status& status) {
  page.raw("<section><h2>Fronts</h2><table>").heads({"front", "state", "#pid", "#age", "#memory"});
  for (const ProcessStatus& front : status.fronts) {
    page.raw("<tr>").text_cell(std::to_string(front.index));
    page.text_cell(label(front.state), state_style(front.state)).cell(front.pid);
    page.number_text_cell(since(status, front.started_us));
    page.number_text_cell(megabytes(front.resident_bytes)).raw("</tr>");
  }
  page.raw("</table></section>\n");
}

void add_exits(Page& page, const Status& status) {
  if (status.exits.empty()) return;
  page.raw("<section><h2>Last process ends</h2><table>");
  page.heads({"when (UTC)", "process", "#pid", "reason", "how"});
  for (const ExitStatus& exit : status.exits) {
    char when[base::observe::kIsoTimeBytes];
    const std::size_t n = base::observe::write_iso_time(when, exit.record.at_us);
    const bool bad = exit.record.reason == ExitReason::crash ||
                     exit.record.reason == ExitReason::killed ||
                     exit.record.reason == ExitReason::startup_failed;
    page.raw("<tr>").text_cell({when, n}).text_cell(exit.who).cell(exit.record.pid);
    page.text_cell(label(exit.record.reason), bad ? "bad" : "").text_cell(exit.how).raw("</tr>");
  }
  page.raw("</table></section>\n");
}

}  // namespace

std::string status_page(const Status& status) {
  Page page;
  page.raw("<header><h1>Gatehouse app server</h1>");
  if (status.not_ready.empty()) {
    page.raw("<span class=\"pill up\">ready</span>");
  } else {
    page.raw("<span class=\"pill down\">not ready</span><span>")
        .text(status.not_ready)
        .raw("</span>");
  }
  page.raw("<span class=\"soft\">version ").text(status.build.version);
  page.raw(" · Python ").text(status.build.python);
  page.raw(" · up ").text(since(status, status.started_us));
  page.raw(" · generation ").raw(std::to_string(status.generation));
  page.raw(" · configuration read ").text(since(status, status.config_loaded_us)).raw(" ago");
  if (status.last_reload_us != 0) {
    page.raw(" · last reload ").text(since(status, status.last_reload_us)).raw(" ago ");
    page.raw(status.last_reload_ok ? "succeeded" : "<b class=\"bad\">failed</b>");
  }
  page.raw(" · ")
      .raw(std::to_string(status.connections_open))
      .raw(" connections</span></header>\n");
  for (const GroupStatus& group : status.groups) add_group(page, status, group);
  add_hosts(page, status);
  add_fronts(page, status);
  add_exits(page, status);
  page.raw("<p class=\"soft\">Numbers since the start of this generation. The same as ")
      .raw(
          "<a href=\"status.json\">JSON</a>, and for Prometheus under <a "
          "href=\"metrics\">/metrics</a>.</p>");
  page.raw("</main></body></html>\n");
  return page.take();
}

}  // namespace appserver::metrics
