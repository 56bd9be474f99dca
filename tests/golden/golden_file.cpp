// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/golden_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace tests {

std::string source_dir() {
  return GH_SOURCE_DIR;
}

bool updating() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): tests have one thread
  const char* const value = std::getenv("GH_UPDATE_GOLDEN");
  return value != nullptr && std::string(value) == "1";
}

std::optional<std::string> read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void expect_golden(const std::filesystem::path& path, const std::string& text) {
  if (updating()) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  const auto expected = read_text(path);
  ASSERT_TRUE(expected) << path << " is missing; GH_UPDATE_GOLDEN=1 writes it. It would be:\n"
                        << text;
  EXPECT_EQ(*expected, text) << path << " is stale; GH_UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace tests
