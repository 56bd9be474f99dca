// SPDX-License-Identifier: Apache-2.0
#include "proxy/metrics/counters.hpp"

#include <algorithm>

namespace proxy::metrics {

void HistogramCounters::observe(std::int64_t us) noexcept {
  const auto* bound = std::lower_bound(kDurationBoundsUs.begin(), kDurationBoundsUs.end(), us);
  buckets[static_cast<std::size_t>(bound - kDurationBoundsUs.begin())].add();
  sum_us.add(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)));
}

}  // namespace proxy::metrics
