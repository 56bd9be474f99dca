// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/model_text.hpp"

#include <sstream>

namespace tests {
namespace {

using namespace proxy::config;

void host_text(std::ostream& out, const VirtualHost& host) {
  out << "host " << host.label << " (" << host.origin.text() << ")\n";
  for (const auto& address : host.addresses) out << "  address " << address.text() << '\n';
  if (!host.server_name.empty()) out << "  server_name " << host.server_name << '\n';
  for (const auto& name : host.aliases) out << "  alias " << name << '\n';
  if (host.tls) {
    const TlsSettings& tls = *host.tls;
    out << "  tls \"" << tls.certificate_file << "\" key \"" << tls.key_file << "\" chain \""
        << tls.chain_file << "\" versions " << std::hex << tls.min_version << '-' << tls.max_version
        << std::dec << " ciphers \"" << tls.cipher_list << "\" suites \"" << tls.cipher_suites
        << "\" honor_order " << tls.honor_cipher_order << " (" << tls.origin.text() << ")\n";
  }
  for (const Route& route : host.routes) {
    out << "  route " << route.path << ' '
        << (route.exclude ? "!" : route.backend.text() + " " + route.backend_path) << " ("
        << route.origin.text() << ")\n";
  }
  if (host.app_server) out << "  app_server " << host.app_server->text() << '\n';
  out << "  preserve_host " << host.preserve_host << " http2 " << host.http2 << " http1 "
      << host.http1 << " backend_timeout ms " << host.backend_timeout.count() << '\n';
  out << "  error_log \"" << host.error_log.destination << "\" level "
      << static_cast<int>(host.error_log.level) << '\n';
  for (const auto& log : host.access_logs) {
    out << "  access_log \"" << log.destination << "\" " << log.format << '\n';
  }
}

}  // namespace

std::string settings_text(const Settings& settings) {
  std::ostringstream out;
  for (const Listen& listen : settings.listeners) {
    out << "listen " << listen.endpoint.text() << (listen.tls ? " tls" : "") << " ("
        << listen.origin.text() << ")\n";
  }
  out << "app_server " << settings.app_server.text() << "\nadmin " << settings.admin.text() << '\n';
  for (const auto& network : settings.trusted_proxies.networks()) {
    out << "trusted_proxy " << network.text() << '\n';
  }
  out << "threads " << settings.threads << " user \"" << settings.user << "\" group \""
      << settings.group << "\"\ntimeouts ms io " << settings.io_timeout.count() << " keep_alive "
      << settings.keep_alive_timeout.count() << " head " << settings.head_timeout.count()
      << " drain " << settings.drain_timeout.count() << "\nbody_limit_bytes "
      << settings.body_limit_bytes << '\n';
  for (const VirtualHost& host : settings.hosts) host_text(out, host);
  for (const std::string& notice : settings.notices) out << "notice " << notice << '\n';
  return out.str();
}

}  // namespace tests
