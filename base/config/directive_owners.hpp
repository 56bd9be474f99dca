// SPDX-License-Identifier: Apache-2.0
// One file, two readers: which names belong to one program alone, so that the other passes over
// them. Names that both read stand in both tables and not here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace base::config {

enum class Program : std::uint8_t { app_server, proxy };

[[nodiscard]] std::string_view program_name(Program program) noexcept;  ///< "gatehouse-appserver"

struct OwnedName {
  std::string_view name;
  bool section;
  Program program;
};

[[nodiscard]] std::span<const OwnedName> owned_names() noexcept;
/// Case-blind; null when no program alone owns such a name.
[[nodiscard]] const OwnedName* find_owned(std::string_view name, bool section) noexcept;

}  // namespace base::config
