// SPDX-License-Identifier: Apache-2.0
// Does the source tree keep its own rules? Includes point the way cmake/layers.txt says, Python.h
// stays in wsgi/, files stay readable in one sitting, and each says what it is for.
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Rules = std::map<std::string, std::vector<std::string>>;

struct Source {
  std::string path;    // "appserver/net/connection.cpp"
  std::string folder;  // "appserver/net"
  std::string text;
};

std::string folder_of(const std::string& path) {
  return fs::path(path).parent_path().string();
}

std::vector<Source> sources_below(const std::vector<std::string>& roots) {
  std::vector<Source> out;
  for (const std::string& root : roots) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(GH_SOURCE_DIR) / root)) {
      const fs::path extension = entry.path().extension();
      if (!entry.is_regular_file() ||
          (extension != ".cpp" && extension != ".hpp" && extension != ".c"))
        continue;
      const std::string path = fs::relative(entry.path(), GH_SOURCE_DIR).string();
      out.push_back({path, folder_of(path), tests::support::read_file(entry.path().string())});
    }
  }
  return out;
}

Rules read_rules(const std::string& text) {
  Rules rules;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, line.find('#'));
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::istringstream items(line.substr(colon + 1));
    auto& allowed = rules[line.substr(0, colon)];
    for (std::string item; items >> item;) allowed.push_back(item);
  }
  return rules;
}

/// Headers in quotes that `text` includes.
std::vector<std::string> own_includes(const std::string& text, const std::string& opening) {
  std::vector<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(opening, 0) != 0) continue;
    const auto end = line.find_first_of("\">", opening.size());
    out.push_back(line.substr(opening.size(), end - opening.size()));
  }
  return out;
}

bool allows(const std::vector<std::string>& allowed, const std::string& header) {
  const std::string folder = folder_of(header);
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& item) {
    if (item.ends_with("/*")) return folder.starts_with(item.substr(0, item.size() - 1));
    return item == folder || item == header;
  });
}

std::vector<std::string> violations(const std::vector<Source>& sources, const Rules& rules) {
  std::vector<std::string> out;
  for (const Source& source : sources) {
    const auto rule = rules.find(source.folder);
    if (rule == rules.end()) {
      out.push_back(source.path + ": its folder has no line in cmake/layers.txt");
      continue;
    }
    for (const std::string& header : own_includes(source.text, "#include \"")) {
      if (folder_of(header) != source.folder && !allows(rule->second, header))
        out.push_back(source.path + " includes " + header);
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out.append(line).append("\n");
  return out;
}

Rules the_rules() {
  return read_rules(tests::support::read_file(std::string(GH_SOURCE_DIR) + "/cmake/layers.txt"));
}

TEST(Layers, includes_point_only_where_the_rules_allow) {
  const auto sources = sources_below({"base", "appserver", "proxy"});
  ASSERT_GT(sources.size(), 20U);
  EXPECT_EQ(joined(violations(sources, the_rules())), "");
}

TEST(Layers, a_wrong_include_is_found) {
  const Rules rules = read_rules("a: b c/* d/one.hpp  # why\nb:\n");
  const auto found = [&](const char* folder, const char* include) {
    return violations({{std::string(folder) + "/f.cpp", folder,
                        std::string("#include \"") + include + "\"\n"}},
                      rules)
        .size();
  };
  EXPECT_EQ(found("a", "a/x.hpp"), 0U);
  EXPECT_EQ(found("a", "b/x.hpp"), 0U);
  EXPECT_EQ(found("a", "b/below/x.hpp"), 1U);
  EXPECT_EQ(found("a", "c/x.hpp"), 1U);
  EXPECT_EQ(found("a", "c/below/x.hpp"), 0U);
  EXPECT_EQ(found("a", "cc/x.hpp"), 1U);
  EXPECT_EQ(found("a", "d/one.hpp"), 0U);
  EXPECT_EQ(found("a", "d/other.hpp"), 1U);
  EXPECT_EQ(found("b", "a/x.hpp"), 1U);
  EXPECT_EQ(found("z", "z/x.hpp"), 1U);
}

TEST(Layers, rules_have_no_circle_between_folders) {
  // wsgi/ and daemon/ know each other through one plain struct, which stands as a single header:
  // not a circle.
  const Rules rules = the_rules();
  std::map<std::string, std::set<std::string>> edges;
  for (const auto& [folder, allowed] : rules) {
    for (const std::string& item : allowed) {
      if (item.ends_with(".hpp")) continue;
      for (const auto& [other, ignored] : rules)
        if (other != folder && allows({item}, other + "/x.hpp")) edges[folder].insert(other);
    }
  }
  for (const auto& [folder, direct] : edges) {
    std::set<std::string> reached;
    std::vector<std::string> open(direct.begin(), direct.end());
    while (!open.empty()) {
      const std::string next = open.back();
      open.pop_back();
      if (!reached.insert(next).second) continue;
      open.insert(open.end(), edges[next].begin(), edges[next].end());
    }
    EXPECT_FALSE(reached.contains(folder)) << folder << " reaches itself";
  }
}

TEST(Layers, python_is_seen_by_wsgi_alone) {
  std::vector<std::string> wrong;
  for (const Source& source : sources_below({"base", "appserver", "proxy"})) {
    for (const std::string& header : own_includes(source.text, "#include <"))
      if (header == "Python.h" && source.folder != "appserver/wsgi") wrong.push_back(source.path);
  }
  EXPECT_EQ(joined(wrong), "");
}

TEST(Layers, no_file_is_longer_than_400_lines) {
  std::vector<std::string> wrong;
  for (const Source& source : sources_below({"base", "appserver", "proxy", "tests"})) {
    const auto lines = std::count(source.text.begin(), source.text.end(), '\n');
    const bool generated = source.text.find("// Generated") != std::string::npos;
    if (lines > 400 && !generated)
      wrong.push_back(source.path + ": " + std::to_string(lines) + " lines");
  }
  EXPECT_EQ(joined(wrong), "");
}

TEST(Layers, every_file_names_its_licence_and_every_header_its_purpose) {
  const std::string licence = "// SPDX-License-Identifier: Apache-2.0\n";
  std::vector<std::string> wrong;
  for (const Source& source : sources_below({"base", "appserver", "proxy", "tests"})) {
    const bool header = source.path.ends_with(".hpp");
    if (source.text.rfind(header ? licence + "// " : licence, 0) != 0) wrong.push_back(source.path);
  }
  EXPECT_EQ(joined(wrong), "");
}

}  // namespace
