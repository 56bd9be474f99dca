// SPDX-License-Identifier: Apache-2.0
// A text compared with a file that is reviewed like code; GH_UPDATE_GOLDEN=1 rewrites the file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace tests {

std::string source_dir();
bool updating();
/// nullopt when there is no such file.
std::optional<std::string> read_text(const std::filesystem::path& path);
/// Fails the running test when `text` is not the file's content; rewrites the file when updating.
void expect_golden(const std::filesystem::path& path, const std::string& text);

}  // namespace tests
