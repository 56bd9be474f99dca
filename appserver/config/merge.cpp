// SPDX-License-Identifier: Apache-2.0
// One scope over another, value by value (wsgi-hosting 1.5).
#include "appserver/config/model/model.hpp"

#include <algorithm>

namespace appserver::config {
namespace {

template <class T>
void overlay(Set<T>& out, const Set<T>& inner) {
  if (inner) out = inner;
}

}  // namespace

Scope merge(const Scope& outer, const Scope& inner) {
  Scope out = outer;
  overlay(out.process_group, inner.process_group);
  overlay(out.application_group, inner.application_group);
  overlay(out.callable_object, inner.callable_object);
  overlay(out.pass_authorization, inner.pass_authorization);
  overlay(out.chunked_request, inner.chunked_request);
  overlay(out.script_reloading, inner.script_reloading);
  overlay(out.body_limit_bytes, inner.body_limit_bytes);
  overlay(out.trusted_proxies, inner.trusted_proxies);
  overlay(out.trusted_unix_peers, inner.trusted_unix_peers);
  overlay(out.trusted_proxy_headers, inner.trusted_proxy_headers);
  overlay(out.untrusted_forwarded_pass, inner.untrusted_forwarded_pass);
  overlay(out.access, inner.access);
  for (const auto& variable : inner.set_env) {
    const auto same = std::find_if(out.set_env.begin(), out.set_env.end(),
                                   [&](const auto& v) { return v.first == variable.first; });
    if (same == out.set_env.end()) {
      out.set_env.push_back(variable);
    } else {
      same->second = variable.second;
    }
  }
  return out;
}

}  // namespace appserver::config
