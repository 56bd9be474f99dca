// SPDX-License-Identifier: Apache-2.0
// A set of field names, and which of them are forwarded headers: those by which a proxy tells who
// really asked. Source: wsgi-hosting 5.2.
#pragma once

#include "base/http/field_rules.hpp"
#include "base/http/head.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace appserver::trust {

class FieldSet {
 public:
  using FieldName = base::http::FieldName;

  constexpr FieldSet() = default;
  constexpr FieldSet(std::initializer_list<FieldName> names) {
    for (const FieldName name : names) add(name);
  }
  constexpr void add(FieldName name) noexcept { words_[word(name)] |= bit(name); }
  constexpr void remove(FieldName name) noexcept { words_[word(name)] &= ~bit(name); }
  [[nodiscard]] constexpr bool has(FieldName name) const noexcept {
    return (words_[word(name)] & bit(name)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return (words_[0] | words_[1]) == 0; }
  constexpr FieldSet& operator|=(const FieldSet& other) noexcept {
    words_[0] |= other.words_[0];
    words_[1] |= other.words_[1];
    return *this;
  }
  friend constexpr FieldSet operator|(FieldSet a, const FieldSet& b) noexcept { return a |= b; }
  friend constexpr FieldSet operator&(FieldSet a, const FieldSet& b) noexcept {
    a.words_[0] &= b.words_[0];
    a.words_[1] &= b.words_[1];
    return a;
  }
  /// `a` without what is in `b`.
  friend constexpr FieldSet operator-(FieldSet a, const FieldSet& b) noexcept {
    a.words_[0] &= ~b.words_[0];
    a.words_[1] &= ~b.words_[1];
    return a;
  }
  friend constexpr bool operator==(const FieldSet&, const FieldSet&) = default;

 private:
  static constexpr std::size_t word(FieldName name) noexcept {
    return static_cast<std::size_t>(name) / 64;
  }
  static constexpr std::uint64_t bit(FieldName name) noexcept {
    return std::uint64_t{1} << (static_cast<unsigned>(name) % 64U);
  }
  static_assert(static_cast<std::size_t>(FieldName::count_) <= 128);
  std::uint64_t words_[2] = {0, 0};
};

/// What a forwarded header speaks about. Configured synonyms of one category compete
/// (wsgi-hosting 5.3).
enum class Category : std::uint8_t { client, host, server, port, script_name, scheme, count_ };

/// The registry: every forwarded header of one category.
constexpr FieldSet fields_of(Category category) noexcept {
  using F = base::http::FieldName;
  switch (category) {
    case Category::client:
      return {F::x_forwarded_for, F::x_client_ip, F::x_real_ip};
    case Category::host:
      return {F::x_forwarded_host, F::x_host};
    case Category::server:
      return {F::x_forwarded_server};
    case Category::port:
      return {F::x_forwarded_port};
    case Category::script_name:
      return {F::x_script_name, F::x_forwarded_script_name};
    case Category::scheme:
      return {F::x_forwarded_proto, F::x_forwarded_scheme, F::x_scheme,
              F::x_forwarded_https, F::x_forwarded_ssl,    F::x_https};
    case Category::count_:
      break;
  }
  return {};
}

constexpr FieldSet make_registry() noexcept {
  FieldSet all;
  for (unsigned i = 0; i < static_cast<unsigned>(Category::count_); ++i)
    all |= fields_of(static_cast<Category>(i));
  return all;
}
inline constexpr FieldSet kRegistry = make_registry();
/// What a peer nobody trusts cannot get through to the application: the registry and RFC 7239's
/// field.
inline constexpr FieldSet kForwardedFields = kRegistry | FieldSet{base::http::FieldName::forwarded};
constexpr bool agrees_with_base() noexcept {
  for (unsigned i = 0; i < static_cast<unsigned>(base::http::FieldName::count_); ++i) {
    const auto name = static_cast<base::http::FieldName>(i);
    if (kForwardedFields.has(name) != base::http::is_forwarded_registry(name)) return false;
  }
  return true;
}
static_assert(agrees_with_base(), "the proxy drops what the app server knows, and no less");

/// What gatehouse-proxy stamps on every request it passes on, after dropping the client's
/// (architecture section 5).
inline constexpr FieldSet kProxyStamps = {
    base::http::FieldName::x_forwarded_for, base::http::FieldName::x_forwarded_proto,
    base::http::FieldName::x_forwarded_host, base::http::FieldName::x_forwarded_port,
    base::http::FieldName::forwarded};

}  // namespace appserver::trust
