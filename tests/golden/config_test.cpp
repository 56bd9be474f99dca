// SPDX-License-Identifier: Apache-2.0
// Every tests/golden/config/NAME.conf as both programs read it: NAME.model or NAME.errors for the
// app server, NAME.proxy.model or NAME.proxy.errors for the proxy. Errors and notices are compared
// whole.
#include "appserver/config/load.hpp"
#include "proxy/config/load.hpp"
#include "tests/golden/golden_file.hpp"
#include "tests/golden/model_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

fs::path folder() {
  return fs::path(tests::source_dir()) / "tests/golden/config";
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".conf") out.push_back(entry.path().stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// The tree may be anywhere.
std::string without_folder(std::string text) {
  const std::string here = folder().string();
  for (std::size_t at = text.find(here); at != std::string::npos; at = text.find(here, at)) {
    text.replace(at, here.size(), "$DIR");
  }
  return text;
}

std::string joined(const std::vector<std::string>& errors,
                   const std::vector<std::string>& notices) {
  std::string out;
  for (const auto& line : errors) out += line + "\n";
  for (const auto& line : notices) out += "notice " + line + "\n";
  return out;
}

/// `text` belongs into NAME + `right`; NAME + `wrong` must not exist.
void expect(const std::string& name, const std::string& text, const char* right,
            const char* wrong) {
  const fs::path stale = folder() / (name + wrong);
  if (tests::updating()) fs::remove(stale);
  EXPECT_FALSE(fs::exists(stale)) << "now belongs into " << right << ":\n" << text;
  tests::expect_golden(folder() / (name + right), without_folder(text));
}

template <class Input>
Input input_for(const std::string& name) {
  Input input;
  input.files = {name + ".conf"};
  // What Debian's envvars sets, and one define for the cases.
  input.defines = {"APACHE_LOG_DIR=/var/log/apache2",  "APACHE_RUN_USER=www-data",
                   "APACHE_RUN_GROUP=www-data",        "APACHE_RUN_DIR=/var/run/apache2",
                   "APACHE_PID_FILE=/run/apache2.pid", "SWITCH"};
  input.as_root = true;
  return input;
}

class GoldenConfig : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { fs::current_path(folder()); }
};

TEST_P(GoldenConfig, app_server_reads_it_as_expected) {
  const auto result = appserver::config::load(input_for<appserver::config::LoadInput>(GetParam()));
  if (result.model) {
    EXPECT_TRUE(result.errors.empty());
    EXPECT_EQ(result.model->notices, result.notices);
    expect(GetParam(), tests::model_text(*result.model), ".model", ".errors");
  } else {
    EXPECT_FALSE(result.errors.empty());
    expect(GetParam(), joined(result.errors, result.notices), ".errors", ".model");
  }
}

TEST_P(GoldenConfig, proxy_reads_it_as_expected) {
  const auto result = proxy::config::load(input_for<proxy::config::LoadInput>(GetParam()));
  if (result.settings) {
    EXPECT_TRUE(result.errors.empty());
    expect(GetParam(), tests::settings_text(*result.settings), ".proxy.model", ".proxy.errors");
  } else {
    EXPECT_FALSE(result.errors.empty());
    expect(GetParam(), joined(result.errors, result.notices), ".proxy.errors", ".proxy.model");
  }
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenConfig, testing::ValuesIn(names()), [](const auto& instance) {
  std::string name = instance.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
});

}  // namespace
