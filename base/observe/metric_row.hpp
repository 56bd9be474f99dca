// SPDX-License-Identifier: Apache-2.0
// A metric declared once: its name, kind, labels and meaning. Exposition and docs/metrics.md come
// from the rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace base::observe {

enum class MetricKind : std::uint8_t { counter, gauge, histogram };

struct MetricRow {
  std::string_view name;
  MetricKind kind = MetricKind::counter;
  std::array<std::string_view, 3>
      labels;  ///< closed sets or names from configuration; empty ones are none
  std::string_view help;
};

constexpr std::size_t label_count(const MetricRow& row) noexcept {
  std::size_t n = 0;
  while (n < row.labels.size() && !row.labels[n].empty()) ++n;
  return n;
}

/// Whether a row keeps the rules: a counter's name ends in _total, a histogram's in its unit; help
/// is one sentence or more, and says something.
constexpr bool well_formed(const MetricRow& row) noexcept {
  for (const char c : row.name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  const bool total = row.name.ends_with("_total");
  if (total != (row.kind == MetricKind::counter)) return false;
  if (row.kind == MetricKind::histogram && !row.name.ends_with("_seconds")) return false;
  return row.help.size() > 10 && row.help.ends_with('.');
}

/// Whether all rows are well-formed and no name comes twice.
constexpr bool well_formed(std::span<const MetricRow> rows) noexcept {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!well_formed(rows[i])) return false;
    for (std::size_t k = 0; k < i; ++k) {
      if (rows[k].name == rows[i].name) return false;
    }
  }
  return true;
}

/// One Markdown table of the rows, for docs/metrics.md.
std::string metrics_markdown(std::span<const MetricRow> rows);

}  // namespace base::observe
