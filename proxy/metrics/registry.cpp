// SPDX-License-Identifier: Apache-2.0
#include "proxy/metrics/registry.hpp"

namespace proxy::metrics {

VhostCounters& Registry::vhost(std::size_t thread, const std::string& label) {
  const std::lock_guard lock(mutex_);
  const auto entry = vhosts_.find(label);
  if (entry != vhosts_.end()) return entry->second[thread];
  return vhosts_.try_emplace(label, threads_.size()).first->second[thread];
}

void Registry::each_vhost(
    const std::function<void(const std::string&, const std::deque<VhostCounters>&)>& visit) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [label, counters] : vhosts_) visit(label, counters);
}

}  // namespace proxy::metrics
