// SPDX-License-Identifier: Apache-2.0
// The tests that are decided while reading: <IfDefine> <IfModule> <IfVersion> <IfFile>
// <IfDirective> <IfSection> (wsgi-hosting 1.1).
#pragma once

#include "base/config/definitions.hpp"
#include "base/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace base::config {

/// The httpd release whose behaviour is followed, for <IfVersion>.
inline constexpr unsigned kHttpdVersion[3] = {2, 4, 71};

/// What a program's table tells the reader.
struct Vocabulary {
  std::function<bool(std::string_view name)> knows_directive;
  std::function<bool(std::string_view name)> knows_section;
  std::function<WordStyle(std::string_view name)> style;
};

struct ConditionInput {
  const Definitions& definitions;
  const Vocabulary& vocabulary;
  std::string server_root;
};

[[nodiscard]] bool is_condition(std::string_view section) noexcept;  ///< case-blind
/// Decides `<section words...>`; a wrong use is an error.
Result<bool> holds(std::string_view section, const std::vector<Word>& words,
                   const ConditionInput& input);

/// True for a source file name (mod_alias.c) or identifier (alias_module) of what both programs
/// together stand for.
[[nodiscard]] bool is_emulated_module(std::string_view name) noexcept;

}  // namespace base::config
