// SPDX-License-Identifier: Apache-2.0
// What `${NAME}` stands for: Define, UnDefine, -D and the process environment (wsgi-hosting 1.1).
#pragma once

#include "base/config/lexer.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base::config {

class Definitions {
 public:
  using Environment = std::function<std::optional<std::string>(const std::string& name)>;
  explicit Definitions(Environment environment) : environment_(std::move(environment)) {}

  void define(std::string name, std::string value) { values_[std::move(name)] = std::move(value); }
  void undefine(const std::string& name) { values_.erase(name); }
  [[nodiscard]] bool is_defined(std::string_view name) const { return values_.contains(name); }

  /// Replaces every `${NAME}` of a line, once (values are not looked through again) and before it
  /// is cut into words. Unknown names stay as they are and are returned.
  std::vector<std::string> expand(LogicalLine& line) const;

 private:
  [[nodiscard]] std::optional<std::string> value(const std::string& name) const;

  std::map<std::string, std::string, std::less<>> values_;
  Environment environment_;
};

}  // namespace base::config
