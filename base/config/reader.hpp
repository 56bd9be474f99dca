// SPDX-License-Identifier: Apache-2.0
// Configuration files -> section tree: conditions decided, definitions replaced, includes followed.
// Every mistake goes to the report and reading goes on behind it.
#pragma once

#include "base/config/conditions.hpp"
#include "base/config/definitions.hpp"
#include "base/config/report.hpp"
#include "base/config/section_tree.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace base::config {

inline constexpr std::size_t kMaxIncludeDepth = 16;
inline constexpr std::size_t kMaxSectionDepth = 64;     ///< the tree is walked by recursion
inline constexpr std::size_t kMaxIncludedFiles = 4096;  ///< of one whole configuration

struct ReaderOptions {
  Vocabulary vocabulary;
  std::vector<std::string> defines;      ///< -D NAME or NAME=value
  Definitions::Environment environment;  ///< none: the process environment
  std::string server_root;  ///< until a ServerRoot line; empty: the first file's folder
  enum class Includes : bool { refused, followed };
  Includes includes = Includes::followed;
};

class Reader {
 public:
  Reader(ReaderOptions options, Report& report);

  /// A file, or every file below a directory. Names in messages are as written here.
  void read_file(const std::string& path);
  /// Lines of the command line (-c), read as one text after the files.
  void read_lines(const std::vector<std::string>& lines);
  void read_text(const std::string& name, std::string_view text);

  /// What was read so far, in order; its name is empty.
  [[nodiscard]] const Node& tree() const noexcept { return open_.front().node; }
  [[nodiscard]] const std::string& server_root() const noexcept { return server_root_; }

 private:
  /// A section whose end was not read yet. A condition's children move to the section around it.
  struct Open {
    Node node;
    bool condition = false;
    bool skipping = false;  ///< inside a false condition
  };

  void include_one(const std::string& path, const Origin& from, std::string_view directive);
  void take_line(LogicalLine& line, const std::shared_ptr<const std::string>& file,
                 std::size_t file_base);
  void open_section(LogicalLine& line, const Origin& origin);
  void close_section(const LogicalLine& line, const Origin& origin, std::size_t file_base);
  void close_top();
  void take_directive(const LogicalLine& line, const Origin& origin);
  /// Define, Include and the like act while reading; true when `node` was one.
  bool act(const Node& node);
  void act_define(const Node& node);
  void act_include(const Node& node);
  void act_server_root(const Node& node);
  bool enter_condition(Open& open);
  [[nodiscard]] bool skipping() const noexcept { return open_.back().skipping; }
  [[nodiscard]] bool at_server_level() const noexcept;
  void expand(LogicalLine& line, const Origin& origin);

  ReaderOptions options_;
  Report& report_;
  Definitions definitions_;
  std::string server_root_;
  std::vector<Open> open_;  // [0] is the whole configuration
  std::vector<std::pair<std::string, std::string>>
      active_;  // identity and name of files being read
  std::size_t files_read_ = 0;
};

/// Directives and conditions that the reader itself answers; for look-up and the reference.
struct ReaderWord {
  std::string_view name;
  bool section;
  std::string_view synopsis;
  std::string_view doc;
};
const std::vector<ReaderWord>& reader_words();

}  // namespace base::config
