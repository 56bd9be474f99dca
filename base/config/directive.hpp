// SPDX-License-Identifier: Apache-2.0
// One row per directive: from it come look-up, context and arity errors and the reference.
// A program's table is made of arrays of Row<Builder>, one array a subject.
#pragma once

#include "base/config/section_tree.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base::config {

/// Where a directive may stand (wsgi-hosting 1.2). `htaccess` is for the reference: no .htaccess is
/// read yet.
using Contexts = std::uint32_t;
namespace context {
inline constexpr Contexts server = 1U << 0U;
inline constexpr Contexts vhost = 1U << 1U;
inline constexpr Contexts directory = 1U << 2U;
inline constexpr Contexts files = 1U << 3U;
inline constexpr Contexts location = 1U << 4U;
inline constexpr Contexts htaccess = 1U << 5U;
inline constexpr Contexts section = directory | files | location;  // D
inline constexpr Contexts anywhere = server | vhost | section | htaccess;
}  // namespace context

/// What AllowOverride must grant for the directive to be legal in .htaccess.
enum class Override : std::uint8_t { none, auth_config, file_info, indexes, limit, options, all };

enum class Standing : std::uint8_t {
  honoured,
  no_effect,  ///< accepted with a notice: leaving it out changes neither who sees what nor what is
              ///< answered
  refused,    ///< an error: leaving it out silently would change one of the two
};

inline constexpr std::size_t kMany = SIZE_MAX;

struct Arity {
  std::size_t least = 0;
  std::size_t most = kMany;
};

/// What is known of a directive without its parser.
struct DirectiveInfo {
  std::string_view name;
  bool section = false;
  Contexts contexts = context::anywhere;
  Override override_class = Override::none;
  Arity arity{};
  std::string_view synopsis{};
  std::string_view doc{};  ///< what it does; for the other standings, the reason
  Standing standing = Standing::honoured;
  WordStyle style = WordStyle::words;
  Contexts elsewhere =
      0;  ///< contexts in which the other program reads it: passed over without a word
};

template <class Builder>
struct Row {
  DirectiveInfo info;
  Result<> (*parse)(const Args&, Builder&) = nullptr;  ///< for a section: at its beginning
  void (*close)(Builder&) = nullptr;  ///< for a section: at its end, unless `parse` failed
};

/// Notes without effect are made for these only; a row with a parser may be any standing's.
template <class Builder>
consteval Row<Builder> no_effect(std::string_view name, std::string_view reason) {
  return {{.name = name, .doc = reason, .standing = Standing::no_effect}};
}
template <class Builder>
consteval Row<Builder> refused(std::string_view name, std::string_view reason) {
  return {{.name = name, .doc = reason, .standing = Standing::refused}};
}
template <class Builder>
consteval Row<Builder> refused_section(std::string_view name, std::string_view reason) {
  return {{.name = name, .section = true, .doc = reason, .standing = Standing::refused}};
}

constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool less_no_case(std::string_view a, std::string_view b) noexcept {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return ascii_lower(a[i]) < ascii_lower(b[i]);
  }
  return a.size() < b.size();
}

/// For static_assert beside each array: sorted by name and documented. That honoured rows have a
/// parser is checked by DirectiveTable: under -fsanitize=undefined GCC 12 does not compare
/// functions with null in constant expressions.
template <class Builder, std::size_t N>
constexpr bool well_formed(const Row<Builder> (&rows)[N]) {
  for (std::size_t i = 0; i < N; ++i) {
    const DirectiveInfo& info = rows[i].info;
    if (i > 0 && !less_no_case(rows[i - 1].info.name, info.name)) return false;
    if (info.name.empty() || info.doc.empty() || info.doc.back() != '.') return false;
  }
  return true;
}

}  // namespace base::config
