// SPDX-License-Identifier: Apache-2.0
// One program's table: its own rows joined, and the names that belong to the other program.
#pragma once

#include "base/assert.hpp"
#include "base/config/conditions.hpp"
#include "base/config/directive.hpp"
#include "base/config/directive_owners.hpp"
#include "base/config/report.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base::config {

/// Look-up by name, free of the builder's type.
class DirectiveIndex {
 public:
  explicit DirectiveIndex(Program program) noexcept : program_(program) {}
  void add(const DirectiveInfo& info) { infos_.push_back(&info); }
  void sort();

  static constexpr std::size_t kNone = SIZE_MAX;
  /// Position among the rows as added, or kNone.
  [[nodiscard]] std::size_t find(std::string_view name, bool section) const noexcept;
  [[nodiscard]] bool foreign(std::string_view name, bool section) const noexcept;
  /// "unknown directive; did you mean ServerAlias?"
  [[nodiscard]] std::string unknown_text(const Node& node) const;
  [[nodiscard]] const std::vector<const DirectiveInfo*>& infos() const noexcept { return infos_; }
  [[nodiscard]] Program program() const noexcept { return program_; }
  [[nodiscard]] Vocabulary vocabulary() const;  ///< refers to this index

 private:
  [[nodiscard]] bool known(std::string_view name, bool section) const noexcept;

  Program program_;
  std::vector<const DirectiveInfo*> infos_;  // as added
  std::vector<std::size_t> by_name_;  // positions, sorted by name, sections behind directives
};

/// "" when the number of arguments is right.
std::string arity_problem(const DirectiveInfo& info, std::size_t got);
/// "server config, <VirtualHost>".
std::string context_names(Contexts contexts);

template <class Builder>
class DirectiveTable {
 public:
  using Rows = std::span<const Row<Builder>>;

  DirectiveTable(Program program, std::initializer_list<Rows> groups) : index_(program) {
    for (const Rows group : groups) {
      for (const Row<Builder>& row : group) {
        GH_ASSERT(row.info.standing != Standing::honoured || row.parse != nullptr);
        rows_.push_back(&row);
        index_.add(row.info);
      }
    }
    index_.sort();
  }

  [[nodiscard]] const Row<Builder>* find(std::string_view name, bool section) const noexcept {
    const std::size_t at = index_.find(name, section);
    return at == DirectiveIndex::kNone ? nullptr : rows_[at];
  }
  [[nodiscard]] const DirectiveIndex& index() const noexcept { return index_; }

 private:
  std::vector<const Row<Builder>*> rows_;
  DirectiveIndex index_;
};

}  // namespace base::config
