// SPDX-License-Identifier: Apache-2.0
// Settings -> what the threads run with: certificates read, logs opened, counters found. All or
// nothing.
#pragma once

#include "proxy/config/settings.hpp"
#include "proxy/frontend/generation.hpp"
#include "proxy/metrics/registry.hpp"
#include "proxy/tls/context.hpp"

#include <memory>
#include <string>
#include <vector>

namespace proxy::server {

struct Generations {
  std::vector<std::shared_ptr<const frontend::Generation>> of_thread;  ///< empty: `errors` says why
  std::vector<std::string> errors;  ///< `FILE:LINE: Directive: what is wrong`
};

Generations make_generations(const std::shared_ptr<const config::Settings>& settings,
                             metrics::Registry& registry, const tls::TicketKeys& tickets);
/// Only reads the certificates: what `check` does beyond the file's grammar.
std::vector<std::string> check_certificates(const config::Settings& settings);

}  // namespace proxy::server
