// SPDX-License-Identifier: Apache-2.0
// What is the same for every request that lands on the same sections, alias and script: made once,
// kept in a cache.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/mapping/file_system.hpp"
#include "appserver/trust/forwarded.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace appserver::mapping {

/// Settings of one Python script under one merged scope.
struct ScriptSettings {
  const config::ScriptAlias* alias =
      nullptr;                    ///< the one that mapped; its options are over the sections'
  std::string file;               ///< SCRIPT_FILENAME
  std::string process_group;      ///< resolved, or as configured while `depends_on_request`
  std::string application_group;  ///< as configured: resolved per request; "%{RESOURCE}" when unset
  std::string callable_object;    ///< like process_group
  bool pass_authorization = false;
  bool chunked_request = false;
  bool reloading = true;
  std::uint64_t body_limit_bytes = 0;
  bool set_env_path_info =
      false;  ///< SetEnv PATH_INFO stands where there is no path info (wsgi-hosting 1.11)

  /// Process group or callable name parts of the request: a site of its own is made for each
  /// outcome.
  bool depends_on_request = false;
  std::optional<std::size_t> group;  ///< index into Model::groups; none: embedded
  std::string group_error;           ///< not empty: 500 with this line (wsgi-hosting 3.1)

  std::string environ_block;     ///< what daemon::RequestMessage calls the site block
  std::uint64_t environ_id = 0;  ///< of its content: the same in every front of a generation
};

struct Site {
  config::Scope scope;  ///< merged (wsgi-hosting 1.5), then the script alias's options
  bool granted = false;
  trust::TrustPolicy trust;
  std::optional<ScriptSettings> script;  ///< for WSGI targets
};
/// Owned by the cache and by the requests that use it (the cache may drop it while they run).
using SitePtr = std::shared_ptr<const Site>;

/// Bounded: two generations of entries, the older dropped as a whole. One thread.
class SiteCache {
 public:
  static constexpr std::size_t kGenerationEntries = 1024;
  /// Null when it is not there.
  SitePtr find(std::string_view key);
  void add(std::string_view key, SitePtr site);
  [[nodiscard]] std::size_t size() const noexcept { return young_.size() + old_.size(); }

 private:
  using Entries = std::unordered_map<std::string, SitePtr, TextHash, std::equal_to<>>;
  Entries young_;
  Entries old_;
};

}  // namespace appserver::mapping
