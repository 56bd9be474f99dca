// SPDX-License-Identifier: Apache-2.0
// One request as the application's thread sees it: its answer becomes frames on the link, its large
// bodies go through private sockets. All buffers are guarded by the crew's mutex, so that a kick
// can send what a blocked thread left.
#pragma once

#include "appserver/daemon/crew.hpp"
#include "appserver/wsgi/exchange.hpp"
#include "base/fd.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace appserver::daemon {

class LinkExchange final : public wsgi::Exchange {
 public:
  LinkExchange(Crew& crew, Crew::Link& link, FrameHead head, base::Fd body,
               std::uint32_t queue_us = 0);
  ~LinkExchange();

  base::Result<std::size_t> read_body(std::span<char> into) override;
  void set_head(int status, std::string_view reason,
                std::span<const wsgi::HeaderView> headers) override;
  base::Result<std::size_t> write(std::string_view data) override;
  base::Result<> write_blocking(std::string_view data) override;
  void flush() override;
  base::Result<> send_file(int fd, std::uint64_t offset, std::uint64_t length) override;
  void finish(wsgi::End end) override;
  void fail(int status) override;
  void reject() override;
  void accepted() override;
  [[nodiscard]] bool head_sent() const noexcept override { return head_framed_; }
  [[nodiscard]] bool aborted() const noexcept override;

  // --- by the crew, with its mutex held ---
  void abort() noexcept { aborted_.store(true, std::memory_order_relaxed); }
  /// Frames what was written so far; true when there was something.
  bool emit_partial();
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] Crew::Link& link() noexcept { return link_; }
  [[nodiscard]] const FrameHead& head() const noexcept { return head_; }
  /// Answers a request that was not run.
  void fail_locked(int status, std::uint8_t flags);
  void finish_locked(wsgi::End end);

 private:
  void emit(FrameType type, std::uint8_t flags, std::string_view payload);
  void emit_head(std::uint8_t flags, std::string_view body);
  base::Result<> open_stream();
  base::Result<> send_all(std::string_view data);

  Crew& crew_;
  Crew::Link& link_;
  FrameHead head_;
  base::Fd body_;
  std::uint32_t queue_us_;
  std::uint32_t body_left_ = 0;  // of the current piece
  bool body_asked_ = false;
  bool body_ended_ = false;
  std::string head_bytes_;  // ResponseHeadFixed, reason, fields
  std::string pending_;     // body bytes not framed yet
  std::uint64_t inline_bytes_ = 0;
  std::uint64_t stream_bytes_ = 0;
  base::Fd stream_;
  bool head_set_ = false;
  bool head_framed_ = false;
  bool file_sent_ = false;
  bool ended_ = false;
  std::atomic<bool> aborted_{false};
};

}  // namespace appserver::daemon
