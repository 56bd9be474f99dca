// SPDX-License-Identifier: Apache-2.0
#include "base/config/report.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace base::config {

Report::Entry Report::entry(const Origin& origin, std::string_view subject, std::string_view text) {
  std::string line;
  if (origin.file) line = origin.text() + ": ";
  if (!subject.empty()) line.append(subject).append(": ");
  line.append(text);
  return {origin, std::move(line)};
}

void Report::error(const Origin& origin, std::string_view subject, std::string_view text) {
  errors_.push_back(entry(origin, subject, text));
}

void Report::notice(const Origin& origin, std::string_view subject, std::string_view text) {
  notices_.push_back(entry(origin, subject, text));
}

void Report::note_file(const std::string& name) {
  if (std::find(files_.begin(), files_.end(), name) == files_.end()) files_.push_back(name);
}

std::vector<std::string> Report::sorted(const std::vector<Entry>& entries) const {
  struct Placed {
    std::ptrdiff_t file;
    int line;
    const std::string* text;
  };
  std::vector<Placed> placed;
  placed.reserve(entries.size());
  for (const Entry& e : entries) {
    // What belongs to no file (a check of the whole) comes last.
    const auto at =
        e.origin.file ? std::find(files_.begin(), files_.end(), *e.origin.file) : files_.end();
    placed.push_back({at - files_.begin(), e.origin.line, &e.text});
  }
  std::stable_sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return a.file != b.file ? a.file < b.file : a.line < b.line;
  });
  std::vector<std::string> out;
  out.reserve(placed.size());
  for (const Placed& p : placed) {
    if (std::find(out.begin(), out.end(), *p.text) == out.end()) out.push_back(*p.text);
  }
  return out;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMaxBytes = 80;
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text.substr(0, kMaxBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) {
      out.append("\\x").push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 0xfU]);
    } else {
      out.push_back(c);
    }
  }
  if (text.size() > kMaxBytes) out.append("...");
  return out;
}

}  // namespace base::config
