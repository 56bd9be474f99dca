// SPDX-License-Identifier: Apache-2.0
// What is asked for: host, path, alias, sections, access, script: one call from a request head to a
// Target. Stage 2 of the path (net -> trust -> mapping -> handlers). One object a front process,
// one thread. Order: wsgi-hosting 4.1. Trust runs inside: identity before the mapping, forwarded
// headers after it.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/mapping/file_system.hpp"
#include "appserver/mapping/section_index.hpp"
#include "appserver/mapping/site.hpp"
#include "appserver/mapping/target.hpp"
#include "appserver/trust/client_identity.hpp"
#include "appserver/trust/forwarded.hpp"
#include "base/http/head.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace appserver::mapping {

/// One request, mapped. Filled in place and used again for the next request of the connection:
/// strings keep their capacity. Views point into itself, the request's head or the model; so it is
/// neither copied nor moved while in use.
struct MapResult {
  trust::ClientIdentity client;
  trust::ForwardedOutcome forwarded;
  /// Never null after map(); the main server when no host could be chosen.
  const config::VirtualHost* host = nullptr;
  std::size_t host_index = 0;  ///< in Model::hosts

  // The request's own name for us: absolute-form authority, else Host.
  std::string_view authority;   ///< as sent, port included (HTTP_HOST); empty: none
  std::string host_name;        ///< lower-cased, without port; IPv6 keeps its brackets
  std::uint16_t host_port = 0;  ///< 0: none written

  std::string path;                   ///< decoded, dot segments and runs of '/' gone
  std::string_view query;             ///< after '?', undecoded
  bool has_query = false;             ///< a '?' stands in the target
  std::string file_name;              ///< mapped path; a script's file, then its path info
  std::size_t script_name_bytes = 0;  ///< of `path`: SCRIPT_NAME
  std::size_t script_file_bytes = 0;  ///< of `file_name`: SCRIPT_FILENAME; the rest is PATH_INFO
  std::string application_group;      ///< resolved (wsgi-hosting 3.2); empty: main interpreter
  SectionMatch sections;              ///< which applied; its variables go into environ
  std::string_view listener_host;     ///< "" for a wildcard
  std::uint16_t listener_port = 0;

  SitePtr site;  ///< null only when the request was refused before its sections were known
  Target target;

  [[nodiscard]] std::string_view script_name() const noexcept {
    return std::string_view(path).substr(0, script_name_bytes);
  }
  [[nodiscard]] std::string_view path_info() const noexcept {
    return std::string_view(file_name).substr(script_file_bytes);
  }
};

struct MapperOptions {
  std::string server_software = "Gatehouse";  ///< SERVER_SOFTWARE
  std::string server_pid;                     ///< of this front: mod_wsgi.server_pid
  /// The server's process environment, for %{ENV:...}; nullopt: not set.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

class Mapper {
 public:
  /// `model`: shared with everything else of its generation. `files` outlives this. Error: a
  /// regular expression that does not compile (the configuration checks them too, with their
  /// lines).
  static base::Result<std::unique_ptr<Mapper>> make(std::shared_ptr<const config::Model> model,
                                                    FileSystem& files, MapperOptions options);
  ~Mapper();
  Mapper(const Mapper&) = delete;
  Mapper& operator=(const Mapper&) = delete;

  /// Decides about one request. `head`, its buffer and `facts` outlive `out`'s use.
  void map(const base::http::RequestHead& head, const trust::ConnectionFacts& facts,
           MapResult& out);

 private:
  struct Parts;
  explicit Mapper(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace appserver::mapping
