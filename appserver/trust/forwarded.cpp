// SPDX-License-Identifier: Apache-2.0
// The algorithm of wsgi-hosting 5.3 over a request's fields.
#include "appserver/trust/forwarded.hpp"

#include "base/http/field_name.hpp"
#include "base/http/tokens.hpp"

namespace appserver::trust {
namespace {

using base::http::equals_ignore_case;
using base::http::FieldName;

constexpr std::size_t kCategories = static_cast<std::size_t>(Category::count_);

Category category_of(FieldName name) noexcept {
  for (std::size_t i = 0; i < kCategories; ++i)
    if (fields_of(static_cast<Category>(i)).has(name)) return static_cast<Category>(i);
  return Category::count_;
}

/// All lines of a field, joined in the order of their arrival. `storage` is used when there are
/// several.
std::string_view joined_value(const base::http::RequestHead& head, FieldName name,
                              std::string& storage) {
  const base::http::Field* first = nullptr;
  bool joined = false;
  for (const base::http::Field& field : head.fields) {
    if (field.id != name) continue;
    if (first == nullptr) {
      first = &field;
      continue;
    }
    if (!joined) storage.assign(first->value);
    joined = true;
    storage.append(", ").append(field.value);
  }
  if (joined) return storage;
  return first == nullptr ? std::string_view() : first->value;
}

void apply_scheme(FieldName name, std::string_view value, Overrides& out) {
  const bool is_protocol = name == FieldName::x_forwarded_proto ||
                           name == FieldName::x_forwarded_scheme || name == FieldName::x_scheme;
  const auto is_any = [value](std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words)
      if (equals_ignore_case(value, word)) return true;
    return false;
  };
  if (is_protocol ? is_any({"https"}) : is_any({"on", "true", "1"}))
    out.https = HttpsOverride::on;
  else if (is_protocol ? is_any({"http"}) : is_any({"off", "false", "0"}))
    out.https = HttpsOverride::off;
  else if (out.https == HttpsOverride::none)
    out.https =
        HttpsOverride::ignore_tls;  // 5.3 step 5: a winner, understood or not, stands over this hop
}

void hide(ForwardedOutcome& out, FieldSet fields, DropReason reason) {
  for (unsigned i = 0; i < static_cast<unsigned>(FieldName::count_); ++i) {
    const auto name = static_cast<FieldName>(i);
    if (fields.has(name) && !out.hidden.has(name)) ++out.dropped[static_cast<std::size_t>(reason)];
  }
  out.hidden |= fields;
}

/// 5.3 step 3 for one header that a trusted peer sent.
void apply_effect(FieldName name, std::string_view value, const TrustPolicy& policy,
                  ForwardedOutcome& out) {
  if (!out.overrides) out.overrides.emplace();
  Overrides& overrides = *out.overrides;
  switch (category_of(name)) {
    case Category::client:
      if (name == FieldName::x_forwarded_for) {
        ClientChain chain = walk_forwarded_for(value, policy.proxies);
        if (chain.found_invalid) out.bad_client_address = true;
        if (!chain.client.empty()) {
          overrides.remote_addr.emplace(chain.client);
          overrides.forwarded_for = std::move(chain.forwarded_for);
        } else if (chain.has_elements) {
          hide(out, {name}, DropReason::invalid);
        }
      } else {
        overrides.remote_addr.emplace(value);
      }
      break;
    case Category::host:
      overrides.http_host.emplace(value);
      break;
    case Category::server:
      overrides.server_name.emplace(value);
      break;
    case Category::port:
      overrides.server_port.emplace(value);
      break;
    case Category::script_name:
      overrides.script_name.emplace(value);
      break;
    case Category::scheme:
      apply_scheme(name, value, overrides);
      break;
    case Category::count_:
      break;
  }
}

/// Takes the last non-empty member off a comma list.
bool take_last(std::string_view& list, std::string_view& member) noexcept {
  while (!list.empty()) {
    const std::size_t comma = list.rfind(',');
    member =
        base::http::trim_blanks(comma == std::string_view::npos ? list : list.substr(comma + 1));
    list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
    if (!member.empty()) return true;
  }
  return false;
}

}  // namespace

bool TrustPolicy::trusts(const base::net::SocketAddress& peer) const noexcept {
  return peer.is_unix ? unix_peers : proxies.contains(peer.ip);
}

TrustPolicy make_policy(const config::Scope& scope) {
  TrustPolicy policy;
  if (scope.trusted_proxies) policy.proxies = scope.trusted_proxies->first;
  policy.unix_peers = scope.trusted_unix_peers && scope.trusted_unix_peers->first;
  policy.pass_untrusted = scope.untrusted_forwarded_pass && scope.untrusted_forwarded_pass->first;
  if (scope.trusted_proxy_headers) {
    for (const std::string& text : scope.trusted_proxy_headers->first) {
      const FieldName name = base::http::field_name_of(text);
      if (!kRegistry.has(name)) continue;  // 5.1: unknown names are accepted and ignored
      policy.headers.push_back(name);
      policy.declared |= fields_of(category_of(name));
    }
  }
  return policy;
}

void ForwardedOutcome::clear() noexcept {
  hidden = FieldSet{FieldName::gatehouse_hop};
  overrides.reset();
  bad_client_address = false;
  dropped.fill(0);
}

void apply_forwarded(const TrustPolicy& policy, const ClientIdentity& client,
                     const base::http::RequestHead& head, ForwardedOutcome& out) {
  out.clear();
  const FieldSet present = client.forwarded;
  if (present.empty()) return;

  if (!policy.trusts(client.client)) {
    const FieldSet removed = policy.pass_untrusted ? present & policy.declared : present;
    hide(out, client.from_hop ? removed - kProxyStamps : removed, DropReason::untrusted);
    return;
  }

  std::array<FieldName, kCategories> winners{};  // FieldName::other: none
  std::string storage;
  for (const FieldName name : policy.headers) {
    if (!present.has(name)) continue;
    winners[static_cast<std::size_t>(category_of(name))] = name;
    apply_effect(name, joined_value(head, name, storage), policy, out);
  }
  FieldSet losers = present & policy.declared;
  for (const FieldName winner : winners)
    if (winner != FieldName::other) losers.remove(winner);
  hide(out, losers, DropReason::synonym);
}

ClientChain walk_forwarded_for(std::string_view value, const base::net::IpNetworkSet& proxies) {
  ClientChain chain;
  std::string_view left = value;
  std::string_view element;
  while (take_last(left, element)) {
    chain.has_elements = true;
    const auto ip = base::net::parse_ip(element);
    if (!ip) {
      chain.found_invalid = true;
      break;
    }
    chain.client = element;
    if (!proxies.contains(*ip)) break;
  }
  if (chain.client.empty()) return chain;
  // What stands right of it was vouched for; written anew with one blank after each comma.
  std::string_view right =
      value.substr(static_cast<std::size_t>(chain.client.data() - value.data()));
  while (!right.empty()) {
    const std::size_t comma = right.find(',');
    const std::string_view member = base::http::trim_blanks(right.substr(0, comma));
    right = comma == std::string_view::npos ? std::string_view() : right.substr(comma + 1);
    if (member.empty()) continue;
    if (!chain.forwarded_for.empty()) chain.forwarded_for.append(", ");
    chain.forwarded_for.append(member);
  }
  return chain;
}

}  // namespace appserver::trust
