// SPDX-License-Identifier: Apache-2.0
// One request that a front has given to a process group: what the channel asks of it and tells it.
// Implemented by net/wsgi_exchange. Lives until one of the final calls (marked) or
// `GroupClient::cancel`.
#pragma once

#include "base/fd.hpp"
#include "base/net/event_loop.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace appserver::daemon {

class FrontLink;

/// A response head as a daemon sent it: lengths are checked, contents are not.
struct AnswerHead {
  int status = 0;
  std::string_view reason;
  std::string_view fields;    ///< FieldCursor walks it
  std::int64_t queue_us = 0;  ///< until a thread picked the request up, as the daemon says
};

/// Walks `AnswerHead::fields`.
class FieldCursor {
 public:
  explicit FieldCursor(std::string_view fields) : rest_(fields) {}
  /// False at the end, or when a length leads outside (then `broken()`).
  bool next(std::string_view& name, std::string_view& value) noexcept;
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  std::string_view rest_;
  bool broken_ = false;
};

class ChannelRequest : public base::net::Deadline {
 public:
  /// Appends the request message (request_message.hpp) to `out`. Called for each process that is
  /// tried.
  virtual void encode(std::string& out) = 0;
  /// The daemon's end of a new private socket for the body; invalid when the body is in the
  /// message.
  virtual base::Fd open_body() = 0;

  virtual void on_accepted() = 0;  ///< the application wants the body
  virtual void on_head(const AnswerHead& head, std::string_view body,
                       bool complete) = 0;                         ///< final when complete
  virtual void on_data(std::string_view body, bool complete) = 0;  ///< final when complete
  virtual void on_stream(base::Fd socket) = 0;
  virtual void on_file(base::Fd file, std::uint64_t offset, std::uint64_t length) = 0;
  /// Final. `complete` false: truncated. `stream_bytes`: what went through the private socket.
  virtual void on_end(bool complete, std::uint64_t stream_bytes) = 0;
  /// Final: no (further) answer will come. `status` is for the client when nothing was sent yet.
  virtual void on_failure(int status, const char* why) = 0;

 protected:
  ChannelRequest() = default;
  ~ChannelRequest() = default;

 private:
  friend class FrontLink;
  friend class GroupClient;
  void on_deadline() override;  // waited too long: asks `client_`

  class GroupClient* client_ = nullptr;
  FrontLink* link_ = nullptr;  // null while it waits in the group's queue
  ChannelRequest* previous_ = nullptr;
  ChannelRequest* next_ = nullptr;
  unsigned slot_ = 0;
  unsigned tries_ = 0;
  bool queued_ = false;
  bool head_seen_ = false;
  bool streaming_ = false;  // an on_stream was passed on
};

}  // namespace appserver::daemon
