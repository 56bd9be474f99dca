// SPDX-License-Identifier: Apache-2.0
// The real proxy before a scripted backend.
#pragma once

#include "tests/integration/proxy/scripted_backend.hpp"
#include "tests/support/process.hpp"
#include "tests/support/servers.hpp"
#include "tests/support/temp_dir.hpp"

#include <memory>
#include <string>
#include <utility>

namespace tests::proxy {

class ProxyWorld {
 public:
  /// `configuration` follows what the fixture writes (listeners, certificate, AppServer).
  explicit ProxyWorld(ScriptedBackend::Script script, const std::string& configuration = {},
                      bool tls = true)
      : backend_(dir_.path("backend.sock"), std::move(script)) {
    support::ProxyOptions options;
    options.app_server = backend_.endpoint();
    options.tls = tls;
    proxy_ = std::make_unique<support::Proxy>(
        "AdminListen unix:${DIR}/admin.sock proxy\n" + configuration, options);
  }
  /// The backend answers everything with `body`.
  explicit ProxyWorld(const std::string& body, const std::string& configuration = {},
                      bool tls = true)
      : ProxyWorld(answer_all(self_, body), configuration, tls) {}

  [[nodiscard]] support::Proxy& proxy() { return *proxy_; }
  [[nodiscard]] ScriptedBackend& backend() { return backend_; }
  [[nodiscard]] support::Finished curl(std::vector<std::string> arguments,
                                       const std::string& target = "/") const {
    std::vector<std::string> command{"curl", "-sSk", "--max-time", "30"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.push_back(proxy_->url(target));
    return support::run(std::move(command));
  }

 private:
  support::TempDir dir_;
  ScriptedBackend* self_ = &backend_;
  ScriptedBackend backend_;
  std::unique_ptr<support::Proxy> proxy_;
};

}  // namespace tests::proxy
