// SPDX-License-Identifier: Apache-2.0
// Any bytes as a configuration file: lines, words, definitions, conditions and the section tree.
// Every word must lie on a line of the file, and every node inside it.
#include "base/config/reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

using base::config::Node;

void check(const Node& node, int lines) {
  for (const Node& child : node.children) {
    if (child.origin.line < 1 || child.origin.line > lines || child.name.empty()) std::abort();
    for (const auto& word : child.words) {
      if (word.line < child.origin.line || word.line > lines) std::abort();
    }
    if (!child.section && !child.children.empty()) std::abort();
    check(child, lines);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libFuzzer's entry point
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  base::config::ReaderOptions options;
  options.includes = base::config::ReaderOptions::Includes::refused;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "ENV") return "value \"with\" \\quotes";
    return std::nullopt;
  };
  options.vocabulary = {[](std::string_view name) { return name.size() % 2 == 0; },
                        [](std::string_view name) { return name.size() % 2 == 0; },
                        [](std::string_view name) {
                          return name.size() % 2 == 0 ? base::config::WordStyle::options
                                                      : base::config::WordStyle::words;
                        }};
  base::config::Report report;
  base::config::Reader reader(std::move(options), report);
  reader.read_text("fuzz", text);
  int lines = 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  check(reader.tree(), lines);
  (void)report.errors();
  (void)report.notices();
  return 0;
}
