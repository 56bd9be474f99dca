// SPDX-License-Identifier: Apache-2.0
#include "base/config/definitions.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace base::config {

std::optional<std::string> Definitions::value(const std::string& name) const {
  if (const auto found = values_.find(name); found != values_.end()) return found->second;
  return environment_ ? environment_(name) : std::nullopt;
}

std::vector<std::string> Definitions::expand(LogicalLine& line) const {
  std::vector<std::string> unknown;
  if (line.text.find("${") == std::string::npos) return unknown;
  const std::string source = std::exchange(line.text, {});
  std::vector<std::size_t> joins;
  std::size_t next_join = 0;
  // Joins keep their place among the text that is copied; one inside a `${...}` moves behind its
  // value.
  const auto keep_joins = [&](std::size_t upto, std::size_t delta_source) {
    while (next_join < line.joins.size() && line.joins[next_join] <= upto) {
      const std::size_t behind = upto - line.joins[next_join];
      joins.push_back(line.text.size() - std::min(behind, delta_source));
      ++next_join;
    }
  };
  std::size_t at = 0;
  while (at < source.size()) {
    const std::size_t open = source.find("${", at);
    const std::size_t close = open == std::string::npos ? open : source.find('}', open);
    if (close == std::string::npos || line.text.size() > kMaxLineBytes) {
      line.text.append(source, at);
      keep_joins(source.size(), source.size() - at);
      break;
    }
    line.text.append(source, at, open - at);
    keep_joins(open, open - at);
    const std::string name = source.substr(open + 2, close - open - 2);
    if (const auto found = value(name); found && !name.empty()) {
      line.text.append(*found);
      keep_joins(close + 1, 0);
    } else {
      if (!name.empty()) unknown.push_back(name);
      line.text.append(source, open, close + 1 - open);
      keep_joins(close + 1, close + 1 - open);
    }
    at = close + 1;
  }
  line.joins = std::move(joins);
  return unknown;
}

}  // namespace base::config
