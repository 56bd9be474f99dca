// SPDX-License-Identifier: Apache-2.0
// The directives that act while the files are read: Define, UnDefine, Include, ServerRoot, Error.
#include "base/config/reader.hpp"
#include "base/config/source_file.hpp"
#include "base/config/values.hpp"

#include <cstddef>
#include <filesystem>
#include <system_error>

namespace base::config {

const std::vector<ReaderWord>& reader_words() {
  static const std::vector<ReaderWord> words = {
      {"Define", false, "name [value]",
       "Gives `${name}` a value from here on, in every file read later; `-D name=value` does the "
       "same."},
      {"Error", false, "text", "Makes the configuration fail with this text."},
      {"IfDefine", true, "[!]name",
       "Reads its content only when the name is defined (or, with `!`, is not)."},
      {"IfDirective", true, "[!]name", "Reads its content only when such a directive is known."},
      {"IfFile", true, "[!]path", "Reads its content only when the file exists."},
      {"IfModule", true, "[!]mod_name.c|name_module",
       "Reads its content only when that httpd module's work is done here."},
      {"IfSection", true, "[!]name", "Reads its content only when such a section is known."},
      {"IfVersion", true, "[[!]operator] version",
       "Reads its content only when the advertised httpd version (2.4.71) compares so."},
      {"Include", false, "path|glob|folder",
       "Reads other files here: the matches of a glob in order of their names, a folder with all "
       "below it. Nothing found is an error."},
      {"IncludeOptional", false, "path|glob|folder", "The same; nothing found is no error."},
      {"ServerRoot", false, "path",
       "The folder to which relative file names belong; without it the first configuration file's "
       "folder."},
      {"UnDefine", false, "name", "Takes a definition back."},
  };
  return words;
}

bool Reader::act(const Node& node) {
  if (equal_no_case(node.name, "Define") || equal_no_case(node.name, "UnDefine")) {
    act_define(node);
  } else if (equal_no_case(node.name, "Include") || equal_no_case(node.name, "IncludeOptional")) {
    act_include(node);
  } else if (equal_no_case(node.name, "ServerRoot")) {
    act_server_root(node);
  } else if (equal_no_case(node.name, "Error")) {
    std::string text;
    for (const Word& word : node.words) text += (text.empty() ? "" : " ") + word.text;
    report_.error(node.origin, node.name, text.empty() ? "(no text)" : text);
  } else {
    return false;
  }
  return true;
}

void Reader::act_define(const Node& node) {
  const bool define = equal_no_case(node.name, "Define");
  const std::size_t most = define ? 2 : 1;
  if (node.words.empty() || node.words.size() > most) {
    report_.error(
        node.origin, node.name,
        std::string(define ? "expected a name and at most one value" : "expected one name") +
            ", got " + std::to_string(node.words.size()) + " arguments");
    return;
  }
  const std::string& name = node.words.front().text;
  if (name.empty() || name.find(':') != std::string::npos) {
    report_.error(node.origin, node.name, "the name must not be empty or contain a colon");
    return;
  }
  if (define) {
    definitions_.define(name, node.words.size() == 2 ? node.words[1].text : "");
  } else {
    definitions_.undefine(name);
  }
}

void Reader::act_include(const Node& node) {
  const bool optional = equal_no_case(node.name, "IncludeOptional");
  if (node.words.size() != 1) {
    report_.error(
        node.origin, node.name,
        "expected one file name, got " + std::to_string(node.words.size()) + " arguments");
    return;
  }
  if (options_.includes == ReaderOptions::Includes::refused) {
    report_.error(node.origin, node.name, "includes are not followed here");
    return;
  }
  const auto files = include_files(resolve_path(node.words.front().text, server_root_));
  if (!files) {
    if (!optional || files.error().code != ErrorCode::not_found) {
      report_.error(node.origin, node.name, files.error().detail);
    }
    return;
  }
  for (const std::string& file : *files) include_one(file, node.origin, node.name);
}

void Reader::act_server_root(const Node& node) {
  std::error_code error;
  if (node.words.size() != 1) {
    report_.error(node.origin, node.name,
                  "expected one path, got " + std::to_string(node.words.size()) + " arguments");
  } else if (!at_server_level()) {
    report_.error(node.origin, node.name, "not allowed inside a section");
  } else if (!std::filesystem::is_directory(node.words.front().text, error)) {
    report_.error(node.origin, node.name, "no such folder: " + printable(node.words.front().text));
  } else {
    server_root_ = without_trailing_slash(node.words.front().text);
  }
}

}  // namespace base::config
