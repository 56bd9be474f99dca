// SPDX-License-Identifier: Apache-2.0
// The page that a daemon process shares with the fronts: which requests it has fetched and started,
// what its threads do. It is the tenant's word about its own requests: it decides only whether one
// of them may be given to a sibling, and feeds gauges. Sealed memfd: a hostile daemon can scribble
// on it but not shrink it under a front's feet.
#pragma once

#include "appserver/daemon/frame.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace appserver::daemon {

enum class ClaimState : std::uint8_t {
  none = 0,
  received = 1,
  running = 2,
  recalled = 3,  ///< taken back by the front before it was started; the daemon must skip it
};

struct ThreadClaim {
  std::atomic<std::uint32_t> busy{0};
  std::atomic<std::uint32_t> requests{0};  ///< served since the start
  std::atomic<std::int64_t> start_us{0};   ///< wall clock of the running request
};

/// A mapping of the page; the same object type on both sides.
class Claims {
 public:
  /// New page for `links` fronts and `threads` request threads. The caller passes the descriptor
  /// on.
  static base::Result<base::Fd> create(unsigned links, unsigned threads);
  static base::Result<Claims> map(int fd, unsigned links, unsigned threads);
  Claims() = default;
  Claims(Claims&& other) noexcept;
  Claims& operator=(Claims&& other) noexcept;
  ~Claims();

  void set(unsigned link, unsigned slot, std::uint32_t generation, ClaimState state) noexcept {
    word(link, slot)
        .store((static_cast<std::uint64_t>(generation) << 8U) | static_cast<std::uint64_t>(state),
               std::memory_order_release);
  }
  /// The daemon has fetched the request; false: recalled already.
  [[nodiscard]] bool start_received(unsigned link, unsigned slot,
                                    std::uint32_t generation) noexcept {
    return exchange(link, slot, generation, ClaimState::received, ClaimState::recalled);
  }
  /// The daemon's last step before it runs a request: false when the front has recalled it
  /// meanwhile.
  [[nodiscard]] bool start(unsigned link, unsigned slot, std::uint32_t generation) noexcept {
    return exchange(link, slot, generation, ClaimState::running, ClaimState::recalled);
  }
  /// The front takes a request back: false when it has been started (or is somebody else's
  /// generation by now).
  [[nodiscard]] bool recall(unsigned link, unsigned slot, std::uint32_t generation) noexcept {
    return exchange(link, slot, generation, ClaimState::recalled, ClaimState::running);
  }
  /// none unless the word is about exactly this generation.
  [[nodiscard]] ClaimState get(unsigned link, unsigned slot,
                               std::uint32_t generation) const noexcept {
    const std::uint64_t value = word(link, slot).load(std::memory_order_acquire);
    if ((value >> 8U) != generation) return ClaimState::none;
    const auto state = static_cast<std::uint8_t>(value & 0xFFU);
    return state <= 3 ? static_cast<ClaimState>(state) : ClaimState::none;
  }
  [[nodiscard]] ThreadClaim& thread(unsigned index) noexcept { return threads_[index]; }
  [[nodiscard]] unsigned threads() const noexcept { return thread_count_; }
  /// Requests that run now, as the daemon counts them.
  [[nodiscard]] std::atomic<std::uint32_t>& busy() noexcept { return *busy_; }

 private:
  bool exchange(unsigned link, unsigned slot, std::uint32_t generation, ClaimState to,
                ClaimState unless) noexcept {
    std::atomic<std::uint64_t>& w = word(link, slot);
    const std::uint64_t wanted =
        (static_cast<std::uint64_t>(generation) << 8U) | static_cast<std::uint64_t>(to);
    const std::uint64_t refused =
        (static_cast<std::uint64_t>(generation) << 8U) | static_cast<std::uint64_t>(unless);
    std::uint64_t seen = w.load(std::memory_order_acquire);
    do {
      if (seen == refused) return false;
    } while (!w.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel));
    return true;
  }
  [[nodiscard]] std::atomic<std::uint64_t>& word(unsigned link, unsigned slot) const noexcept {
    return words_[link * kWindow + slot];
  }
  void* base_ = nullptr;
  std::size_t bytes_ = 0;
  std::atomic<std::uint32_t>* busy_ = nullptr;
  std::atomic<std::uint64_t>* words_ = nullptr;
  ThreadClaim* threads_ = nullptr;
  unsigned thread_count_ = 0;
};

}  // namespace appserver::daemon
