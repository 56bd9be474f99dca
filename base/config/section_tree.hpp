// SPDX-License-Identifier: Apache-2.0
// The configuration as read: directives and sections in order, conditions and includes already
// resolved, nothing understood yet.
#pragma once

#include "base/config/lexer.hpp"
#include "base/config/origin.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace base::config {

/// One directive, or one section with what stands in it.
struct Node {
  std::string name;  ///< as written, without `<`
  bool section = false;
  std::vector<Word> words;  ///< arguments, `${}` already replaced
  Origin origin;
  std::vector<Node> children;
};

/// What a parser of one directive reads: its arguments and where each was written.
class Args {
 public:
  explicit Args(const Node& node) noexcept : node_(&node) {}

  [[nodiscard]] std::size_t size() const noexcept { return node_->words.size(); }
  [[nodiscard]] const std::string& operator[](std::size_t i) const { return node_->words[i].text; }
  [[nodiscard]] const Origin& origin() const noexcept { return node_->origin; }
  /// Of one argument: its own line where the directive is continued over several.
  [[nodiscard]] Origin origin(std::size_t i) const {
    return {node_->origin.file, node_->words[i].line};
  }
  /// How messages name it: `Listen`, `<Directory>`.
  [[nodiscard]] std::string subject() const {
    return node_->section ? "<" + node_->name + ">" : node_->name;
  }

 private:
  const Node* node_;
};

}  // namespace base::config
