// SPDX-License-Identifier: Apache-2.0
// The cache of merged settings.
#include "appserver/mapping/site.hpp"

#include <utility>

namespace appserver::mapping {

SitePtr SiteCache::find(std::string_view key) {
  if (const auto at = young_.find(key); at != young_.end()) return at->second;
  const auto at = old_.find(key);
  if (at == old_.end()) return nullptr;
  SitePtr site = at->second;
  add(key, site);  // what is still asked for survives the next change of generation
  return site;
}

void SiteCache::add(std::string_view key, SitePtr site) {
  if (young_.size() >= kGenerationEntries) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(std::string(key), std::move(site));
}

}  // namespace appserver::mapping
