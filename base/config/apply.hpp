// SPDX-License-Identifier: Apache-2.0
// Walks the section tree with one program's table: every node is judged, the good ones reach their
// parser.
#pragma once

#include "base/config/directive_table.hpp"
#include "base/config/report.hpp"
#include "base/config/section_tree.hpp"

#include <set>
#include <string>

namespace base::config {

/// The builder says where the walk stands: `Contexts context() const`, and what to call it in a
/// message: `std::string place() const` ("<Directory /srv> of FILE:LINE").
template <class Builder>
class Walk {
 public:
  Walk(const DirectiveTable<Builder>& table, Builder& builder, Report& report)
      : table_(table), builder_(builder), report_(report) {}

  void children(const Node& parent) {
    for (const Node& node : parent.children) visit(node);
  }

 private:
  void visit(const Node& node) {
    const Row<Builder>* const row = table_.find(node.name, node.section);
    if (row == nullptr) {
      if (table_.index().foreign(node.name, node.section)) return;
      report_.error(node.origin, subject(node), table_.index().unknown_text(node));
      return;
    }
    const DirectiveInfo& info = row->info;
    if ((builder_.context() & info.elsewhere) != 0) return;
    if (info.standing == Standing::refused && row->parse == nullptr) {
      report_.error(node.origin, subject(node), "not supported by this version: " + reason(info));
      return;
    }
    if ((builder_.context() & info.contexts) == 0) {
      report_.error(
          node.origin, subject(node),
          "not allowed in " + builder_.place() + "; allowed in: " + context_names(info.contexts));
      return;
    }
    if (info.standing == Standing::no_effect && row->parse == nullptr) {
      note_no_effect(node, info);
      return;
    }
    if (const std::string problem = arity_problem(info, node.words.size()); !problem.empty()) {
      report_.error(node.origin, subject(node), problem);
      return;
    }
    run(node, *row);
  }

  void run(const Node& node, const Row<Builder>& row) {
    if (const auto done = row.parse(Args(node), builder_); !done) {
      report_.error(node.origin, subject(node), done.error().detail);
      return;
    }
    if (!node.section || row.close == nullptr) return;
    children(node);
    row.close(builder_);
  }

  /// One notice for each name: stock files repeat some lines dozens of times.
  void note_no_effect(const Node& node, const DirectiveInfo& info) {
    if (!noted_.insert(lower_case(node.name)).second) return;
    report_.notice(node.origin, subject(node), "has no effect: " + reason(info));
  }

  /// The row's sentence without its full stop.
  static std::string reason(const DirectiveInfo& info) {
    return std::string(info.doc.substr(0, info.doc.size() - 1));
  }

  static std::string subject(const Node& node) {
    return node.section ? "<" + printable(node.name) + ">" : printable(node.name);
  }

  const DirectiveTable<Builder>& table_;
  Builder& builder_;
  Report& report_;
  std::set<std::string> noted_;
};

}  // namespace base::config
