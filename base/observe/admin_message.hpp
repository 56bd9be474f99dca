// SPDX-License-Identifier: Apache-2.0
// What admin handlers are asked and answer: small, whole, and ready within milliseconds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace base::observe {

struct AdminRequest {
  std::string_view path;   ///< without the query
  std::string_view query;  ///< without its `?`
};

struct AdminReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

using AdminHandler = std::function<AdminReply(const AdminRequest&)>;

struct AdminRoute {
  enum class Method : std::uint8_t {
    get,   ///< GET and HEAD; runs on the listener's thread, so it must not wait for anybody
    post,  ///< runs on a thread of its own, one at a time: it may wait (a second one gets 409)
  };
  Method method = Method::get;
  std::string path;
  AdminHandler handler;
};
using AdminRoutes = std::vector<AdminRoute>;

}  // namespace base::observe
