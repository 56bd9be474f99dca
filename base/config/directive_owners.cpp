// SPDX-License-Identifier: Apache-2.0
// Generated from the two tables; the test DirectiveOwners.match_both_tables says when it is stale.
#include "base/config/directive_owners.hpp"

#include "base/config/lexer.hpp"

#include <algorithm>
#include <iterator>

namespace base::config {
namespace {

constexpr Program kProxy = Program::proxy;

constexpr OwnedName kNames[] = {
    {"AppServer", false, kProxy},
};

}  // namespace

std::string_view program_name(Program program) noexcept {
  return program == Program::app_server ? "gatehouse-appserver" : "gatehouse-proxy";
}

std::span<const OwnedName> owned_names() noexcept {
  return kNames;
}

const OwnedName* find_owned(std::string_view name, bool section) noexcept {
  const auto found =
      std::find_if(std::begin(kNames), std::end(kNames), [&](const OwnedName& owned) {
        return owned.section == section && equal_no_case(owned.name, name);
      });
  return found == std::end(kNames) ? nullptr : found;
}

}  // namespace base::config
