// SPDX-License-Identifier: Apache-2.0
// What is wrong, and what is accepted without effect, in the configuration files read so far.
// All of it is collected: reading never stops at the first mistake.
#pragma once

#include "base/config/origin.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace base::config {

class Report {
 public:
  /// `FILE:LINE: subject: text`; the subject (a directive as written) may be empty.
  void error(const Origin& origin, std::string_view subject, std::string_view text);
  void notice(const Origin& origin, std::string_view subject, std::string_view text);

  [[nodiscard]] bool has_errors() const noexcept { return !errors_.empty(); }
  /// By file in order of reading, then by line; lines said twice stand once.
  [[nodiscard]] std::vector<std::string> errors() const { return sorted(errors_); }
  [[nodiscard]] std::vector<std::string> notices() const { return sorted(notices_); }

  /// Files in the order they were opened: the order of the lists above.
  void note_file(const std::string& name);

 private:
  struct Entry {
    Origin origin;
    std::string text;
  };
  [[nodiscard]] std::vector<std::string> sorted(const std::vector<Entry>& entries) const;
  static Entry entry(const Origin& origin, std::string_view subject, std::string_view text);

  std::vector<Entry> errors_;
  std::vector<Entry> notices_;
  std::vector<std::string> files_;
};

/// `text` fit for a message: control and non-ASCII bytes as \xHH, cut after 80 bytes.
std::string printable(std::string_view text);

}  // namespace base::config
