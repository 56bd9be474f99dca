// SPDX-License-Identifier: Apache-2.0
// Reads the Prometheus text format 0.0.4, strictly: what a scrape said, and whether it may say so.
#pragma once

#include "base/result.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tests {

using PrometheusLabels = std::map<std::string, std::string>;

struct PrometheusSample {
  std::string name;  ///< with _bucket, _sum, _count
  PrometheusLabels labels;
  double value = 0;
};

struct PrometheusFamily {
  std::string name, help, type;
  std::vector<PrometheusSample> samples;
};

class PrometheusText {
 public:
  /// The sample with exactly these labels; nothing when there is none.
  [[nodiscard]] std::optional<double> value(std::string_view name,
                                            const PrometheusLabels& labels = {}) const {
    for (const PrometheusFamily& family : families_) {
      for (const PrometheusSample& sample : family.samples) {
        if (sample.name == name && sample.labels == labels) return sample.value;
      }
    }
    return std::nullopt;
  }
  /// Sum of the samples that have at least these labels.
  [[nodiscard]] double sum(std::string_view name, const PrometheusLabels& labels = {}) const {
    double total = 0;
    for (const PrometheusFamily& family : families_) {
      for (const PrometheusSample& sample : family.samples) {
        if (sample.name == name && has_all(sample.labels, labels)) total += sample.value;
      }
    }
    return total;
  }
  [[nodiscard]] const std::vector<PrometheusFamily>& families() const { return families_; }

 private:
  friend class PrometheusParser;
  static bool has_all(const PrometheusLabels& labels, const PrometheusLabels& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& one) {
      const auto at = labels.find(one.first);
      return at != labels.end() && at->second == one.second;
    });
  }
  std::vector<PrometheusFamily> families_;
};

class PrometheusParser {
 public:
  base::Result<PrometheusText> parse(std::string_view text) {
    while (!text.empty()) {
      ++line_number_;
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) return bad("the last line has no end");
      GH_CHECK(line(text.substr(0, end)));
      text.remove_prefix(end + 1);
    }
    for (const PrometheusFamily& family : out_.families_) {
      if (family.type == "histogram") GH_CHECK(check_histogram(family));
    }
    return std::move(out_);
  }

 private:
  base::Result<> line(std::string_view text) {
    if (text.empty()) return {};
    const bool help = text.starts_with("# HELP ");
    if (help || text.starts_with("# TYPE ")) {
      text.remove_prefix(7);
      const std::size_t blank = text.find(' ');
      if (blank == std::string_view::npos) return bad("no text after the name");
      const std::string name(text.substr(0, blank));
      if (help) {
        if (!names_.insert(name).second) return bad("the family comes twice: " + name);
        out_.families_.push_back({name, std::string(text.substr(blank + 1)), "untyped", {}});
      } else {
        if (out_.families_.empty() || out_.families_.back().name != name)
          return bad("TYPE without HELP: " + name);
        out_.families_.back().type = text.substr(blank + 1);
      }
      return {};
    }
    if (text.front() == '#') return {};
    return sample(text);
  }

  base::Result<> sample(std::string_view text) {
    PrometheusSample out;
    const std::size_t name_end = std::min(text.find_first_of("{ "), text.size());
    out.name = text.substr(0, name_end);
    text.remove_prefix(name_end);
    if (text.starts_with('{')) {
      text.remove_prefix(1);
      while (!text.starts_with('}')) GH_CHECK(label(text, out.labels));
      text.remove_prefix(1);
    }
    if (!text.starts_with(' ')) return bad("no value: " + out.name);
    const std::string number(text.substr(1));
    char* end = nullptr;
    out.value = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0') return bad("not a number: " + number);
    if (out_.families_.empty() || !belongs(out.name, out_.families_.back()))
      return bad("a sample outside its family: " + out.name);
    if (!samples_.insert({out.name, out.labels}).second)
      return bad("a sample comes twice: " + out.name);
    out_.families_.back().samples.push_back(std::move(out));
    return {};
  }

  // name="value", with \\ \" \n inside, and the comma after it.
  base::Result<> label(std::string_view& text, PrometheusLabels& labels) {
    const std::size_t equals = text.find("=\"");
    if (equals == std::string_view::npos) return bad("a label without value");
    const std::string name(text.substr(0, equals));
    text.remove_prefix(equals + 2);
    std::string value;
    for (;;) {
      if (text.empty()) return bad("a label that does not end: " + name);
      const char c = text.front();
      text.remove_prefix(1);
      if (c == '"') break;
      if (c != '\\') {
        value += c;
        continue;
      }
      if (text.empty()) return bad("a label that does not end: " + name);
      value += text.front() == 'n' ? '\n' : text.front();
      text.remove_prefix(1);
    }
    if (!labels.emplace(name, std::move(value)).second) return bad("a label comes twice: " + name);
    if (text.starts_with(',')) {
      text.remove_prefix(1);
    } else if (!text.starts_with('}')) {
      return bad("no comma after label " + name);
    }
    return {};
  }

  static bool belongs(std::string_view name, const PrometheusFamily& family) {
    if (!name.starts_with(family.name)) return false;
    const std::string_view rest = name.substr(family.name.size());
    if (family.type == "histogram") return rest == "_bucket" || rest == "_sum" || rest == "_count";
    return rest.empty();
  }

  // Buckets rise, the last is +Inf and equals the count.
  base::Result<> check_histogram(const PrometheusFamily& family) {
    std::map<PrometheusLabels, std::map<double, double>> buckets;
    std::map<PrometheusLabels, double> counts;
    for (const PrometheusSample& sample : family.samples) {
      PrometheusLabels labels = sample.labels;
      if (sample.name.ends_with("_count")) counts[labels] = sample.value;
      if (!sample.name.ends_with("_bucket")) continue;
      const auto edge = labels.find("le");
      if (edge == labels.end()) return bad("a bucket without le: " + family.name);
      const double at = std::strtod(edge->second.c_str(), nullptr);
      labels.erase(edge);
      buckets[labels][at] = sample.value;
    }
    for (const auto& [labels, edges] : buckets) {
      double last = 0;
      for (const auto& [edge, value] : edges) {
        if (value < last) return bad("buckets that fall: " + family.name);
        last = value;
      }
      if (!std::isinf(edges.rbegin()->first)) return bad("no +Inf bucket: " + family.name);
      const auto count = counts.find(labels);
      if (count == counts.end() || count->second != last)
        return bad("+Inf bucket and count differ: " + family.name);
    }
    return {};
  }

  tl::unexpected<base::Error> bad(std::string what) const {
    return base::fail(base::ErrorCode::invalid,
                      "line " + std::to_string(line_number_) + ": " + std::move(what));
  }

  PrometheusText out_;
  std::set<std::string> names_;
  std::set<std::pair<std::string, PrometheusLabels>> samples_;
  int line_number_ = 0;
};

/// Errors name the line and what is wrong there.
inline base::Result<PrometheusText> parse_prometheus(std::string_view text) {
  return PrometheusParser().parse(text);
}

}  // namespace tests
