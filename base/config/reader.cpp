// SPDX-License-Identifier: Apache-2.0
#include "base/config/reader.hpp"

#include "base/config/source_file.hpp"
#include "base/config/values.hpp"
#include "base/scope_exit.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>

namespace base::config {
namespace {

std::optional<std::string> process_environment(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): configuration is read before any thread starts
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string folder_of(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? "/" : absolute.lexically_normal().parent_path().string();
}

/// `<Name` or `</Name`: up to a blank or `>`.
std::string_view tag_name(std::string_view text) {
  const auto end =
      std::find_if(text.begin(), text.end(), [](char c) { return is_blank(c) || c == '>'; });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

bool is_comment_or_empty(std::string_view text) {
  const std::string_view kept = trim(text);
  return kept.empty() || kept.front() == '#';
}

std::string angle(std::string_view name) {
  return "<" + printable(name) + ">";
}

}  // namespace

Reader::Reader(ReaderOptions options, Report& report)
    : options_(std::move(options)),
      report_(report),
      definitions_(options_.environment ? options_.environment : process_environment),
      server_root_(options_.server_root) {
  open_.emplace_back();
  for (const std::string& define : options_.defines) {
    const std::size_t equals = define.find('=');
    definitions_.define(define.substr(0, equals),
                        equals == std::string::npos ? "" : define.substr(equals + 1));
  }
}

void Reader::read_file(const std::string& path) {
  if (server_root_.empty()) server_root_ = folder_of(path);
  const auto files = include_files(path);
  if (!files) {
    report_.error({}, "", files.error().detail);
    return;
  }
  for (const std::string& file : *files) include_one(file, {}, "");
}

void Reader::read_lines(const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  if (server_root_.empty()) server_root_ = folder_of("x");
  std::string text;
  for (const std::string& line : lines) text.append(line).push_back('\n');
  read_text("-c", text);
}

void Reader::include_one(const std::string& path, const Origin& from, std::string_view directive) {
  const std::string identity = file_identity(path);
  const auto again = std::find_if(active_.begin(), active_.end(),
                                  [&](const auto& file) { return file.first == identity; });
  if (again != active_.end()) {
    std::string chain;
    for (auto file = again; file != active_.end(); ++file) chain += file->second + " -> ";
    report_.error(from, directive, "a file includes itself: " + chain + path);
    return;
  }
  if (active_.size() >= kMaxIncludeDepth) {
    report_.error(from, directive,
                  "includes are nested more than " + std::to_string(kMaxIncludeDepth) +
                      " deep: " + path + " is not read");
    return;
  }
  if (files_read_ >= kMaxIncludedFiles) {
    report_.error(from, directive,
                  "more than " + std::to_string(kMaxIncludedFiles) + " files are included");
    return;
  }
  ++files_read_;
  auto text = read_source(path);
  if (!text) {
    report_.error(from, directive, text.error().detail);
    return;
  }
  active_.emplace_back(identity, path);
  const ScopeExit leave([this] { active_.pop_back(); });
  read_text(path, *text);
}

void Reader::read_text(const std::string& name, std::string_view text) {
  report_.note_file(name);
  // Owners: this reader while it reads, and every Origin that names the file.
  const auto file = std::make_shared<const std::string>(name);
  if (const int line = binary_line(text); line != 0) {
    report_.error({file, line}, "", "not a text file: it contains control characters");
    return;
  }
  const std::size_t file_base = open_.size();
  LineReader lines(text);
  LogicalLine line;
  for (;;) {
    const auto more = lines.next(line);
    if (!more) {
      report_.error({file, lines.line()}, "", more.error().detail);
      break;
    }
    if (!*more) break;
    take_line(line, file, file_base);
  }
  // A section ends in the file in which it begins.
  while (open_.size() > file_base) {
    report_.error(open_.back().node.origin, angle(open_.back().node.name),
                  "the section is not closed: no </" + printable(open_.back().node.name) +
                      "> before the end of the file (line " + std::to_string(lines.line()) + ")");
    close_top();
  }
}

void Reader::take_line(LogicalLine& line, const std::shared_ptr<const std::string>& file,
                       std::size_t file_base) {
  const Origin origin{file, line.line};
  if (line.text.starts_with("</")) {
    close_section(line, origin, file_base);
  } else if (line.text.front() == '<') {
    if (!skipping()) expand(line, origin);
    open_section(line, origin);
  } else if (!skipping()) {
    expand(line, origin);
    take_directive(line, origin);
  }
}

void Reader::expand(LogicalLine& line, const Origin& origin) {
  for (const std::string& name : definitions_.expand(line)) {
    report_.notice(origin, "",
                   "${" + printable(name) + "} is not defined and stays as it is written");
  }
}

void Reader::open_section(LogicalLine& line, const Origin& origin) {
  Open open;
  open.skipping = skipping();
  open.node.section = true;
  open.node.origin = origin;
  open.node.name = tag_name(std::string_view(line.text).substr(1));
  open.condition = is_condition(open.node.name);
  const std::string shown = angle(open.node.name);
  if (open.skipping) {
    open_.push_back(std::move(open));
    return;
  }
  if (open.node.name.empty()) {
    report_.error(origin, "", "the name of a section must follow < at once");
    return;
  }
  if (open_.size() > kMaxSectionDepth) {
    report_.error(origin, shown,
                  "sections are nested more than " + std::to_string(kMaxSectionDepth) + " deep");
    open.skipping = true;
    open_.push_back(std::move(open));
    return;
  }
  const std::size_t name_end = 1 + open.node.name.size();
  const std::size_t close = line.text.rfind('>');
  if (close == std::string::npos) {
    report_.error(origin, shown, "the closing > is missing");
  } else {
    if (!is_comment_or_empty(std::string_view(line.text).substr(close + 1))) {
      report_.notice(origin, shown, "the text behind > is ignored");
    }
    line.text.resize(close);
  }
  auto words = split_words(line, name_end, WordStyle::words);
  if (words) {
    open.node.words = std::move(*words);
  } else {
    report_.error(origin, shown, words.error().detail);
  }
  if (open.condition && close != std::string::npos && words) {
    open.skipping = !enter_condition(open);
  } else if (open.condition) {
    open.skipping = true;
  }
  open_.push_back(std::move(open));
}

bool Reader::enter_condition(Open& open) {
  const auto decided =
      holds(open.node.name, open.node.words, {definitions_, options_.vocabulary, server_root_});
  if (!decided) {
    report_.error(open.node.origin, angle(open.node.name), decided.error().detail);
    return false;
  }
  // A body left out because httpd's module is not offered here may matter; other process models
  // never do.
  const bool by_module = !*decided && equal_no_case(open.node.name, "IfModule") &&
                         open.node.words.front().text.front() != '!' &&
                         open.node.words.front().text.find("mpm_") == std::string::npos;
  if (by_module) {
    report_.notice(
        open.node.origin, "<IfModule>",
        printable(open.node.words.front().text) + " is not offered: the section is skipped");
  }
  return *decided;
}

void Reader::close_section(const LogicalLine& line, const Origin& origin, std::size_t file_base) {
  const std::string_view text = line.text;
  const std::string name(tag_name(text.substr(2)));
  const std::string shown = "</" + printable(name) + ">";
  const std::size_t name_end = 2 + name.size();
  if (name_end >= text.size() || text[name_end] != '>') {
    report_.error(origin, shown, "the closing tag must be written " + shown);
  } else if (!skipping() && !is_comment_or_empty(text.substr(name_end + 1))) {
    report_.notice(origin, shown, "the text behind > is ignored");
  }
  // The innermost open section of that name in this file; those inside it were never closed.
  std::size_t match = open_.size();
  while (match > file_base && !equal_no_case(open_[match - 1].node.name, name)) --match;
  if (match == file_base) {
    if (open_.size() == file_base) {
      report_.error(origin, shown, "no section <" + printable(name) + "> is open here");
    } else {
      const Node& top = open_.back().node;
      report_.error(origin, shown,
                    "expected </" + printable(top.name) + ">: the section of " + top.origin.text() +
                        " is still open");
    }
    return;
  }
  while (open_.size() > match) {
    const Node& top = open_.back().node;
    report_.error(top.origin, angle(top.name),
                  "the section is not closed: " + origin.text() + " has " + shown +
                      " instead of </" + printable(top.name) + ">");
    close_top();
  }
  close_top();
}

void Reader::close_top() {
  Open closed = std::move(open_.back());
  open_.pop_back();
  if (closed.skipping) return;
  auto& siblings = open_.back().node.children;
  if (closed.condition) {
    siblings.insert(siblings.end(), std::make_move_iterator(closed.node.children.begin()),
                    std::make_move_iterator(closed.node.children.end()));
  } else {
    siblings.push_back(std::move(closed.node));
  }
}

void Reader::take_directive(const LogicalLine& line, const Origin& origin) {
  Node node;
  node.origin = origin;
  const auto name_end = std::find_if(line.text.begin(), line.text.end(), is_blank);
  node.name.assign(line.text.begin(), name_end);
  if (node.name.empty()) return;  // a definition left nothing
  auto words = split_words(line, node.name.size(), options_.vocabulary.style(node.name));
  if (!words) {
    report_.error(origin, printable(node.name), words.error().detail);
    return;
  }
  node.words = std::move(*words);
  if (!act(node)) open_.back().node.children.push_back(std::move(node));
}

bool Reader::at_server_level() const noexcept {
  return std::all_of(open_.begin() + 1, open_.end(), [](const Open& o) { return o.condition; });
}

}  // namespace base::config
