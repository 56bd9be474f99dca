// SPDX-License-Identifier: Apache-2.0
// wsgi-hosting 1.3, 1.5: value by value; lists replaced whole; variables one by one.
#include "appserver/config/model/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace appserver::config {
namespace {

using testing::ElementsAre;
using testing::Pair;

Origin at(int line) {
  return {nullptr, line};
}

Scope full() {
  Scope s;
  s.process_group = {"g", at(1)};
  s.application_group = {"a", at(2)};
  s.callable_object = {"c", at(3)};
  s.pass_authorization = {true, at(4)};
  s.chunked_request = {true, at(5)};
  s.script_reloading = {false, at(6)};
  s.body_limit_bytes = {10, at(7)};
  s.trusted_proxies.emplace(base::net::IpNetworkSet(), at(8));
  s.trusted_proxies->first.add(
      base::net::parse_network("10.0.0.0/8").value_or(base::net::IpNetwork()));
  s.trusted_unix_peers = {true, at(8)};
  s.trusted_proxy_headers = {{"X-Forwarded-For"}, at(9)};
  s.untrusted_forwarded_pass = {true, at(10)};
  s.set_env = {{"A", "1"}, {"B", "1"}};
  s.access = {Scope::Access::granted, at(11)};
  return s;
}

/// Every value and its line, in one text.
std::string shown(const Scope& s) {
  std::string out;
  const auto add = [&](const char* name, const auto& set, const auto& text) {
    if (set)
      out +=
          std::string(name) + "=" + text(set->first) + "@" + std::to_string(set->second.line) + " ";
  };
  const auto same = [](const std::string& v) { return v; };
  const auto number = [](auto v) { return std::to_string(v); };
  add("group", s.process_group, same);
  add("app", s.application_group, same);
  add("callable", s.callable_object, same);
  add("auth", s.pass_authorization, number);
  add("chunked", s.chunked_request, number);
  add("reload", s.script_reloading, number);
  add("body", s.body_limit_bytes, number);
  add("trusted", s.trusted_proxies,
      [](const auto& v) { return std::to_string(v.networks().size()); });
  add("unix", s.trusted_unix_peers, number);
  add("headers", s.trusted_proxy_headers, [](const auto& v) { return v.empty() ? "" : v.front(); });
  add("pass", s.untrusted_forwarded_pass, number);
  add("access", s.access,
      [](Scope::Access v) { return v == Scope::Access::granted ? "granted" : "denied"; });
  for (const auto& [name, value] : s.set_env) out += name + "=" + value + " ";
  return out;
}

constexpr const char* kFull =
    "group=g@1 app=a@2 callable=c@3 auth=1@4 chunked=1@5 reload=0@6 body=10@7 trusted=1@8 unix=1@8 "
    "headers=X-Forwarded-For@9 pass=1@10 access=granted@11 A=1 B=1 ";

TEST(MergeScopes, unset_values_come_from_the_outer_scope) {
  EXPECT_EQ(shown(merge(full(), Scope())), kFull);
  EXPECT_EQ(shown(merge(Scope(), full())), kFull);
  EXPECT_EQ(shown(merge(Scope(), Scope())), "");
}

TEST(MergeScopes, set_values_win_even_when_they_are_empty) {
  Scope inner;
  inner.process_group = {"", at(21)};
  inner.application_group = {"", at(22)};
  inner.callable_object = {"d", at(23)};
  inner.pass_authorization = {false, at(24)};
  inner.chunked_request = {false, at(25)};
  inner.script_reloading = {true, at(26)};
  inner.body_limit_bytes = {0, at(27)};
  inner.trusted_proxies.emplace(base::net::IpNetworkSet(), at(28));
  inner.trusted_unix_peers = {false, at(28)};
  inner.trusted_proxy_headers = {{"X-Real-IP"}, at(29)};
  inner.untrusted_forwarded_pass = {false, at(30)};
  inner.access = {Scope::Access::denied, at(31)};
  EXPECT_EQ(shown(merge(full(), inner)),
            "group=@21 app=@22 callable=d@23 auth=0@24 chunked=0@25 reload=1@26 body=0@27 "
            "trusted=0@28 unix=0@28 "
            "headers=X-Real-IP@29 pass=0@30 access=denied@31 A=1 B=1 ");
}

TEST(MergeScopes, variables_overlay_one_by_one) {
  Scope inner;
  inner.set_env = {{"B", "2"}, {"C", "2"}};
  EXPECT_THAT(merge(full(), inner).set_env,
              ElementsAre(Pair("A", "1"), Pair("B", "2"), Pair("C", "2")));
}

}  // namespace
}  // namespace appserver::config
