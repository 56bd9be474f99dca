// SPDX-License-Identifier: Apache-2.0
#include "base/config/directive_docs.hpp"

#include "base/config/reader.hpp"

#include <algorithm>
#include <ostream>
#include <string>

namespace base::config {
namespace {

std::string shown(std::string_view name, bool section) {
  return section ? "<" + std::string(name) + ">" : std::string(name);
}

/// A cell of a Markdown table: the bar would end it, angle brackets would be HTML.
std::string cell(std::string_view text) {
  std::string out;
  bool code = false;
  for (const char c : text) {
    if (c == '`') code = !code;
    if (c == '|') {
      out += "\\|";
    } else if (c == '<' && !code) {
      out += "&lt;";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string code(std::string_view text) {
  if (text.empty()) return "";
  std::string out = "`";
  for (const char c : text) {
    if (c == '|') out.push_back('\\');
    out.push_back(c);
  }
  return out + "`";
}

std::string_view override_name(Override o) {
  switch (o) {
    case Override::none:
      return "";
    case Override::auth_config:
      return "AuthConfig";
    case Override::file_info:
      return "FileInfo";
    case Override::indexes:
      return "Indexes";
    case Override::limit:
      return "Limit";
    case Override::options:
      return "Options";
    case Override::all:
      return "All";
  }
  return "";
}

std::vector<const DirectiveInfo*> sorted_rows(const DirectiveIndex& index, Standing standing) {
  std::vector<const DirectiveInfo*> out;
  for (const DirectiveInfo* info : index.infos()) {
    if (info->standing == standing) out.push_back(info);
  }
  std::sort(out.begin(), out.end(), [](const DirectiveInfo* a, const DirectiveInfo* b) {
    return less_no_case(a->name, b->name);
  });
  return out;
}

std::string foreign_names(const DirectiveIndex& index) {
  std::string out;
  for (const OwnedName& owned : owned_names()) {
    if (owned.program == index.program()) continue;
    if (!out.empty()) out += ", ";
    out += shown(owned.name, owned.section);
  }
  return out;
}

void print_markdown(std::ostream& out, const DirectiveIndex& index) {
  out << "## " << program_name(index.program()) << "\n\n"
      << "| directive | arguments | where | .htaccess class | what it does "
         "|\n|---|---|---|---|---|\n";
  for (const DirectiveInfo* info : sorted_rows(index, Standing::honoured)) {
    out << "| " << code(shown(info->name, info->section)) << " | " << code(info->synopsis) << " | "
        << cell(context_names(info->contexts)) << " | " << override_name(info->override_class)
        << " | " << cell(info->doc) << " |\n";
  }
  out << "\nAccepted without effect; a notice says so:\n\n| directive | why |\n|---|---|\n";
  for (const DirectiveInfo* info : sorted_rows(index, Standing::no_effect)) {
    out << "| " << code(shown(info->name, info->section)) << " | " << cell(info->doc) << " |\n";
  }
  out << "\nKnown and not done by this version: an error, because without them other people would "
         "see "
         "other things:\n\n| directive | why |\n|---|---|\n";
  for (const DirectiveInfo* info : sorted_rows(index, Standing::refused)) {
    out << "| " << code(shown(info->name, info->section)) << " | " << cell(info->doc) << " |\n";
  }
  out << "\nPassed over, because the other program reads them: " << cell(foreign_names(index))
      << ".\n\n";
}

void print_plain(std::ostream& out, const DirectiveIndex& index) {
  for (const DirectiveInfo* info : sorted_rows(index, Standing::honoured)) {
    out << shown(info->name, info->section) << ' ' << info->synopsis << "\n    " << info->doc
        << "\n    in: " << context_names(info->contexts) << '\n';
  }
  for (const DirectiveInfo* info : sorted_rows(index, Standing::no_effect)) {
    out << shown(info->name, info->section) << "\n    has no effect: " << info->doc << '\n';
  }
  for (const DirectiveInfo* info : sorted_rows(index, Standing::refused)) {
    out << shown(info->name, info->section) << "\n    not supported by this version: " << info->doc
        << '\n';
  }
  for (const ReaderWord& word : reader_words()) {
    out << shown(word.name, word.section) << ' ' << word.synopsis << "\n    " << word.doc << '\n';
  }
  out << "Read by the other program: " << foreign_names(index) << '\n';
}

std::string_view effect(Standing standing) {
  switch (standing) {
    case Standing::honoured:
      return "";
    case Standing::no_effect:
      return "no effect yet";
    case Standing::refused:
      return "refused";
  }
  return "";
}

}  // namespace

void print_directives(std::ostream& out, const DirectiveIndex& index, DocStyle style) {
  if (style == DocStyle::markdown) {
    print_markdown(out, index);
  } else {
    print_plain(out, index);
  }
}

void print_reader_words(std::ostream& out) {
  out << "## Both programs, while reading\n\n| directive | arguments | what it does "
         "|\n|---|---|---|\n";
  for (const ReaderWord& word : reader_words()) {
    out << "| " << code(shown(word.name, word.section)) << " | " << code(word.synopsis) << " | "
        << cell(word.doc) << " |\n";
  }
  out << '\n';
}

void print_options(std::ostream& out, const OptionTable& table, DocStyle style) {
  if (style == DocStyle::plain) {
    out << "Options of " << table.directive << ":\n";
    for (const OptionRow& row : table.rows) {
      out << "  " << row.name << '=' << row.value << " (default " << row.default_value << ")\n    "
          << row.doc;
      if (row.standing != Standing::honoured) out << " (" << effect(row.standing) << ')';
      out << '\n';
    }
    return;
  }
  out << "### Options of `" << table.directive
      << "`\n\n| option | default | what it does | |\n|---|---|---|---|\n";
  for (const OptionRow& row : table.rows) {
    out << "| " << code(std::string(row.name) + "=" + std::string(row.value)) << " | "
        << cell(row.default_value) << " | " << cell(row.doc) << " | " << effect(row.standing)
        << " |\n";
  }
  out << '\n';
}

}  // namespace base::config
